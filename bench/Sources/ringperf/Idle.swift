import ArgumentParser
import CRingperf
import EventJSON
import EventRing

struct IdleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "idle",
    abstract: "What looking at many empty rings costs.",
    discussion: """
      The dispatcher puts rings to sleep that have been silent, and looks at one byte for each on the attention board; \
      beside it the cost of looking into each ring.

      JSON: poll_ns_per_ring (the board) and look_ns_per_ring (each ring) of the last number of rings; results has both for each \
      number of rings.
      """)

  @Option(help: "Numbers of rings.")
  var rings = CountList([1, 16, 64, 256, 1024])

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  /// Lanes on the board.
  static let ringLimit = 1024

  func validate() throws {
    for count in rings.counts { try expect("--rings", count, in: 1...Self.ringLimit) }
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let benchmarks = try rings.counts.map { try IdlePollBenchmark(rings: $0, clock: clock) }
    let byBoard = try Rounds.figures(rounds, arms: benchmarks) { try $0.boardRound() }
    let byRing = try Rounds.figures(rounds, arms: benchmarks) { try $0.ringRound() }
    var report = Report("idle", rounds)
    for (index, count) in rings.counts.enumerated().reversed() {
      let condition = [JSONValue.Member("rings", .integer(count))]
      report.rows += [
        Row("\(count) rings by the board, each", "poll_ns_per_ring", byBoard[index], .nanoseconds, condition),
        Row("\(count) rings by a look into each", "look_ns_per_ring", byRing[index], .nanoseconds, condition),
      ]
    }
    try report.publish(output)
  }
}

/// What it costs a consumer to find that nothing has come, in any of many rings: by the board on which the producers of
/// sleeping rings raise their hands, as the dispatcher does, and by looking into each ring.
final class IdlePollBenchmark {
  private let count: Int
  private let rings: UnsafeMutablePointer<SharedRing>
  private let consumers: UnsafeMutablePointer<RingConsumer>
  private let board: AttentionBoard
  private let clock: TickClock

  private static let looks = 2_000_000
  private static let capacity = 64

  init(rings count: Int, clock: TickClock) throws {
    self.count = count
    self.clock = clock
    board = try AttentionBoard.create()
    rings = .allocate(capacity: count)
    consumers = .allocate(capacity: count)
    for index in 0..<count {
      var ring = try SharedRing.inProcess(capacity: Self.capacity)
      ring.closeDescriptor()
      (consumers + index).initialize(to: ring.consumer())
      (rings + index).initialize(to: ring)
    }
  }

  deinit {
    consumers.deinitialize(count: count)
    rings.deinitialize(count: count)
    consumers.deallocate()
    rings.deallocate()
  }

  /// - Returns: nanoseconds a ring, by the board.
  func boardRound() throws -> Double {
    let groups = (count + 63) / 64
    let turns = max(Self.looks / count, 1)
    let start = rp_ticks()
    var found: UInt64 = 0
    for _ in 0..<turns {
      for group in 0..<groups { found |= board.takeRaised(group: group) }
    }
    let end = rp_ticks()
    guard found == 0 else { throw BenchmarkError("raised hands of rings that nobody wrote to") }
    return Double(end &- start) / clock.ticksPerNs / Double(turns * count)
  }

  /// - Returns: nanoseconds a ring, by a look into each.
  func ringRound() throws -> Double {
    let turns = max(Self.looks / count, 1)
    let start = rp_ticks()
    var found = 0
    for _ in 0..<turns {
      for index in 0..<count where consumers[index].isPublished() { found += 1 }
    }
    let end = rp_ticks()
    guard found == 0 else { throw BenchmarkError("\(found) records in rings that nobody wrote to") }
    return Double(end &- start) / clock.ticksPerNs / Double(turns * count)
  }
}
