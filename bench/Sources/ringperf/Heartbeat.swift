import ArgumentParser
import EventJSON
import EventModel
import Platform

struct HeartbeatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heartbeat",
    abstract: "Heartbeats a second that a real dispatcher process applies.",
    discussion: """
      Starts one ringmasterd for each number of workers, registers the workers, and sends heartbeats of all of them in a \
      shuffled order through the client library, from --feeders processes with --peers rings each. What counts is the dispatcher's own counter of \
      heartbeats applied.

      JSON: heartbeats_per_s of the first number of workers; results has a row for each; cost_growth, the cost at the \
      last as a multiple of that at the first.
      """)

  @Option(help: "Numbers of workers.")
  var workers = CountList([100_000])

  @Option(help: "Rings of each process that sends; one thread fills them in turn.")
  var peers = 1

  @Option(help: "Processes that send. They share the first processor of --cpus.")
  var feeders = 1

  @Option(help: ArgumentHelp("Size of a ring: a power of two from 64 to 1048576.", valueName: "slots"))
  var capacity = RingCapacity(4096)

  @Option(help: ArgumentHelp("Length of a round.", valueName: "ms"))
  var duration = 500

  @Flag(help: "Send in the order of registration instead of a shuffled one.")
  var inOrder = false

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    for count in workers.counts { try expect("--workers", count, in: 1...4_000_000) }
    try expect("--feeders", feeders, in: 1...64)
    try expect("--peers", peers, in: 1...(512 / feeders))
    try expect("--duration", duration, in: 10...600_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let benchmarks = try workers.counts.map {
      try HeartbeatBenchmark(
        workers: $0, peers: peers, capacity: capacity.slots, feeders: feeders, shuffled: !inOrder,
        cpus: rounds.cpus)
    }
    let durationNs = UInt64(duration) * 1_000_000
    let rates = try Rounds.figures(rounds, arms: benchmarks) { try $0.round(durationNs: durationNs) }
    var report = Report(
      "heartbeat", rounds,
      [
        .init("feeders", .integer(feeders)), .init("peers", .integer(peers)),
        .init("capacity", .integer(capacity.slots)), .init("order", .string(inOrder ? "registration" : "shuffled")),
        .init("duration_ms", .integer(duration)),
      ])
    report.rows =
      zip(workers.counts, rates).map { count, values in
        Row("\(count) workers", "heartbeats_per_s", values, .perSecond, [.init("workers", .integer(count))])
      } + [
        Row(
          "cost at the last to that at the first", "cost_growth", Summary.ratios(rates[0], rates[rates.count - 1]),
          .ratio)
      ]
    try report.publish(output)
  }
}

/// Heartbeats that a real dispatcher process applies, by its own counter, from peers that use the client library.
final class HeartbeatBenchmark {
  let workers: Int
  private let dispatcher: DispatcherUnderTest
  /// nil when other processes feed.
  private var feeder: HeartbeatFeeder?
  private let feeding: [[String]]
  private let cpus: CPUList
  private let never: Doorbell

  private static let settleNs: UInt64 = 100_000_000
  private static let startLimitNs: UInt64 = 5_000_000_000
  private static let pollUs: Int64 = 1000

  /// - Parameters:
  ///   - feeders: processes that send, each with `peers` rings; 1 is this process itself.
  ///   - shuffled: heartbeats come in an order that no prefetcher guesses, as from a real fleet.
  init(workers: Int, peers: Int, capacity: Int, feeders: Int = 1, shuffled: Bool, cpus: CPUList) throws {
    self.workers = workers
    self.cpus = cpus
    never = try Doorbell()
    dispatcher = try DispatcherUnderTest(cpus: cpus.other)
    let handles = try dispatcher.registerWorkers(workers)
    let path = dispatcher.socketPath
    if feeders == 1 {
      feeder = try HeartbeatFeeder(
        socketPath: path, handles: handles, peers: peers, capacity: capacity, seed: shuffled ? 1 : nil)
      feeding = []
    } else {
      feeder = nil
      feeding = (1...feeders).map { number in
        [
          Executable.own, "feed", "--socket", path, "--workers", "\(workers)", "--peers", "\(peers)", "--capacity",
          "\(capacity)",
        ] + (shuffled ? ["--seed", "\(number)"] : [])
      }
    }
  }

  /// - Returns: heartbeats applied a second.
  func round(durationNs: UInt64) throws -> Double {
    let children = try feeding.map { try ChildProcess.start($0, cpus: cpus.own) }
    defer { children.forEach { $0.terminate() } }
    if !children.isEmpty { try waitUntilFed() }
    feed(forNs: Self.settleNs)
    let before = try dispatcher.counter("heartbeats_applied")
    let startNs = Clock.monotonicNs()
    feed(forNs: durationNs)
    let endNs = Clock.monotonicNs()
    let after = try dispatcher.counter("heartbeats_applied")
    let refused = try dispatcher.counter("heartbeats_refused")
    guard refused == 0 else { throw BenchmarkError("the dispatcher refused \(refused) heartbeats") }
    return Double(after - before) / (Double(endNs - startNs) / 1e9)
  }

  /// The other processes have begun.
  private func waitUntilFed() throws {
    let before = try dispatcher.counter("heartbeats_applied")
    let deadlineNs = Clock.monotonicNs() + Self.startLimitNs
    while try dispatcher.counter("heartbeats_applied") == before {
      guard Clock.monotonicNs() < deadlineNs else { throw BenchmarkError("no process sent a heartbeat") }
      _ = Poll.readable(never.descriptor.raw, timeoutUs: Self.pollUs)
    }
  }

  private func feed(forNs durationNs: UInt64) {
    let deadlineNs = Clock.monotonicNs() + durationNs
    if feeding.isEmpty {
      feeder?.feed(untilNs: deadlineNs)
      return
    }
    while true {
      let nowNs = Clock.monotonicNs()
      guard nowNs < deadlineNs else { return }
      _ = Poll.readable(never.descriptor.raw, timeoutUs: Int64((deadlineNs - nowNs) / 1000) + 1)
    }
  }
}
