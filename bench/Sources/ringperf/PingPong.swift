import ArgumentParser
import CRingmaster
import CRingperf
import EventRing
import Platform

struct PingPongCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pingpong",
    abstract: "Round trips between two processes, beside the bare exchange of a cache line.",
    discussion: """
      One record there and one back over two rings. Each round trip is timed by the processor's tick counter, whose \
      readings (some ns, see "floor") are part of it, for the ring and for the bare cache line alike.

      JSON: rtt_ns_p50, rtt_ns_p99, rtt_ns_p999, rtt_ns_interrupted (the share of round trips that an interruption fell \
      into), rtt_ns_uninterrupted_p99 and _p999; the same of cache_line_rtt_ns; ratio_to_cache_line.
      """)

  @Option(help: "Round trips of a round.")
  var records = 200_000

  @Option(help: ArgumentHelp("Size of each ring: a power of two from 64 to 1048576.", valueName: "slots"))
  var capacity = RingCapacity(4096)

  @Flag(help: "Two threads of one process instead of two processes.")
  var threads = false

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--records", records, in: 100...100_000_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let ring = try PingPongBenchmark(
      capacity: capacity.slots, rounds: records, cpus: rounds.cpus, threads: threads, clock: clock)
    let floor = try FloorBenchmark(rounds: records, cpus: rounds.cpus, threads: threads, clock: clock)
    let latencies = try Rounds.latencies(rounds, arms: [ring.round, floor.fastestCacheLineRound])
    let (trips, line) = (latencies[0], latencies[1])
    var report = Report(
      "pingpong", rounds,
      [
        .init("records", .integer(records)), .init("capacity", .integer(capacity.slots)),
        .init("sides", .string(threads ? "threads" : "processes")),
      ])
    report.latencies = [
      LatencyRow("ring, there and back", "rtt_ns", trips),
      LatencyRow("cache line, there and back", "cache_line_rtt_ns", line),
    ]
    report.rows = [
      Row("p50 to the cache line", "ratio_to_cache_line", Summary.ratios(trips.all.p50, line.all.p50), .ratio)
    ]
    try report.publish(output)
  }
}

/// Round trips over two rings, one each way.
final class PingPongBenchmark {
  private let partner: Partner
  private let names: [String]
  private let there: SharedRing
  private let back: SharedRing
  private let producer: UnsafeMutablePointer<RingProducer>
  private let consumer: UnsafeMutablePointer<RingConsumer>
  private let stamps: UnsafeMutableBufferPointer<UInt64>
  private let clock: TickClock

  init(capacity: Int, rounds: Int, cpus: CPUList, threads: Bool, clock: TickClock) throws {
    partner = try Partner.start(cpus: cpus.other, asThread: threads)
    names = [ObjectNames.next("ring"), ObjectNames.next("ring")]
    there = try SharedRing.create(
      name: names[0], capacity: capacity, owner: RingOwner(peer: 1), direction: RM_SUBMISSION)
    back = try SharedRing.create(name: names[1], capacity: capacity, owner: RingOwner(peer: 1), direction: RM_RESULT)
    producer = .allocate(capacity: 1)
    producer.initialize(to: there.producer())
    consumer = .allocate(capacity: 1)
    consumer.initialize(to: back.consumer())
    stamps = .allocate(capacity: rounds + 1)
    stamps.initialize(repeating: 0)
    self.clock = clock
  }

  deinit {
    producer.deallocate()
    consumer.deallocate()
    stamps.deallocate()
    for name in names { SharedMemory.unlink(name: name) }
  }

  func round() throws -> LatencyRecorder {
    try partner.prepare(
      PartnerTask(
        work: .answer, rings: names, records: UInt64(stamps.count - 1), interruptionTicks: clock.interruption))
    partner.begin()
    let own = PingPongWork.ask(producer, consumer, stamps: stamps, threshold: clock.interruption)
    partner.waitUntilDone()
    return LatencyRecorder(
      stamps: UnsafeBufferPointer(stamps), interruptions: own + partner.interruptions, clock: clock)
  }
}

/// The two sides of the round-trip benchmark. Ends are moved into locals, as in `StreamWork`.
enum PingPongWork {
  /// Publishes a record, waits for the answer, publishes the next.
  ///
  /// - Parameter stamps: get the moment of each answer, the first that of the start; its reading, and one for each look
  ///   at the ring, are part of a round trip.
  /// - Returns: this side's interruptions.
  static func ask(
    _ producerOwner: UnsafeMutablePointer<RingProducer>, _ consumerOwner: UnsafeMutablePointer<RingConsumer>,
    stamps: UnsafeMutableBufferPointer<UInt64>, threshold: UInt64
  ) -> [Interruption] {
    Interruption.noted { found in
      var producer = producerOwner.move()
      var consumer = consumerOwner.move()
      let start = rp_ticks()
      var watch = InterruptionWatch(found, threshold: threshold, now: start)
      stamps[0] = start
      for index in 1..<stamps.count {
        let payload = rm_payload(words: (UInt64(truncatingIfNeeded: index), 0, 0, 0, 0, 0, 0))
        while producer.tryPublish(payload) == nil { rm_pause() }
        while consumer.head(as: rm_payload.self) == nil {
          rm_pause()
          watch.look(rp_ticks())
        }
        consumer.advance()
        let now = rp_ticks()
        watch.look(now)
        stamps[index] = now
      }
      consumer.release()
      producerOwner.initialize(to: producer)
      consumerOwner.initialize(to: consumer)
      return watch.count
    }
  }

  @inline(never)
  static func answer(
    _ consumerOwner: UnsafeMutablePointer<RingConsumer>, _ producerOwner: UnsafeMutablePointer<RingProducer>,
    rounds: UInt64, threshold: UInt64, gate: borrowing Gate
  ) {
    var producer = producerOwner.move()
    var consumer = consumerOwner.move()
    var left = rounds
    var watch = InterruptionWatch(gate.interruptions, threshold: threshold, now: rp_ticks())
    while left > 0 {
      watch.look(rp_ticks())
      guard let payload = consumer.head(as: rm_payload.self) else {
        rm_pause()
        continue
      }
      consumer.advance()
      while producer.tryPublish(payload) == nil { rm_pause() }
      left &-= 1
    }
    gate.setInterruptions(watch.count)
    consumer.release()
    producerOwner.initialize(to: producer)
    consumerOwner.initialize(to: consumer)
  }
}
