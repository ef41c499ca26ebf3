import EventJSON

/// One thing that takes turns with others in `compare` and `goals`, and the figures of its rounds.
final class Arm {
  let name: String
  let mode: Mode
  /// Messages in a burst; 1 in the modes without.
  let burst: Int
  let sides: String
  private let body: () throws -> Sample
  private(set) var rates: [Double] = []
  private(set) var latencies = LatencyRounds()

  enum Mode: String {
    case stream
    case batch
    case pingpong
  }

  enum Sample {
    case rate(Double)
    case latencies(LatencyRecorder)
  }

  init(_ name: String, _ mode: Mode, burst: Int = 1, sides: String = "processes", _ body: @escaping () throws -> Sample)
  {
    self.name = name
    self.mode = mode
    self.burst = burst
    self.sides = sides
    self.body = body
  }

  func run(counts: Bool) throws {
    let sample = try body()
    guard counts else { return }
    switch sample {
    case .rate(let rate): rates.append(rate)
    case .latencies(let recorder): latencies.add(recorder)
    }
  }

  /// Messages a second, or nanoseconds of a round trip at p50: the median over the rounds.
  var figure: Summary {
    Summary(figures)
  }

  /// The figures of the rounds, in order.
  var figures: [Double] {
    mode == .pingpong ? latencies.all.p50 : rates
  }

  func row(ratio: Double?) -> Row {
    let isTrip = mode == .pingpong
    let how = isTrip ? "there and back, p50" : burst == 1 ? "one at a time" : "bursts of \(burst)"
    return Row(
      "\(name), \(how)\(sides == "threads" ? ", threads" : "")", isTrip ? "rtt_ns_p50" : "msgs_per_s", figures,
      isTrip ? .nanoseconds : .perSecond,
      [
        .init("name", .string(name)), .init("mode", .string(mode.rawValue)), .init("burst", .integer(burst)),
        .init("sides", .string(sides)),
      ], ratio: ratio)
  }

  /// More than 1 when this is better than `ring`.
  func ratio(to ring: Arm) -> Double {
    mode == .pingpong ? Summary.ratio(ring.figures, figures) : Summary.ratio(figures, ring.figures)
  }
}

/// The ring and, where they were built, the other designs.
struct RingArms {
  static let ringName = "Ringmaster ring"
  static let bursts = [64, 256]
  static let capacity = 4096
  private static let streamRecords = 2_000_000
  private static let roundTrips = 20_000

  /// In every mode, of the ring first and then of each other design.
  ///
  /// - Parameter designs: parts of the names of the others, in lower case; nil for all.
  static func all(
    cpus: CPUList, threads: Bool, clock: TickClock, designs: [String]? = nil
  ) throws -> [Arm] {
    let sides = threads ? "threads" : "processes"
    var arms: [Arm] = []
    for burst in [1] + bursts {
      let stream = try StreamBenchmark(
        capacity: capacity, records: streamRecords, batch: burst, producers: 1, cpus: cpus, threads: threads,
        clock: clock)
      arms.append(
        Arm(ringName, burst == 1 ? .stream : .batch, burst: burst, sides: sides) { .rate(try stream.round()) })
    }
    let pingPong = try PingPongBenchmark(
      capacity: capacity, rounds: roundTrips, cpus: cpus, threads: threads, clock: clock)
    arms.append(Arm(ringName, .pingpong, sides: sides) { .latencies(try pingPong.round()) })
    #if Compare
      for design in PeerBenchmark.designs {
        let name = PeerBenchmark.name(of: design).lowercased()
        guard designs?.contains(where: { name.contains($0) }) ?? true else { continue }
        let peer = try PeerBenchmark(design: design, capacity: capacity, cpus: cpus, threads: threads, clock: clock)
        let sides = peer.isBetweenProcesses ? "processes" : "threads"
        arms.append(Arm(peer.name, .stream, sides: sides) { .rate(try peer.stream(burst: 1)) })
        if peer.takesBursts {
          for burst in bursts {
            arms.append(Arm(peer.name, .batch, burst: burst, sides: sides) { .rate(try peer.stream(burst: burst)) })
          }
        }
        arms.append(Arm(peer.name, .pingpong, sides: sides) { .latencies(try peer.pingPong()) })
      }
    #endif
    return arms
  }
}
