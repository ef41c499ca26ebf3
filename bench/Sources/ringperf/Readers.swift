import ArgumentParser
import CRingmaster
import CRingperf
import EventCodec
import EventJSON
import EventModel
import RingmasterClient

struct ReadersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "readers",
    abstract: "How long observers with queries under way hold up an event.",
    discussion: """
      Starts a real ringmasterd with --workers workers and --jobs waiting jobs of ten tasks. One client sends an event and \
      waits for its result, again and again; in turns alone and beside --observers observers that keep --queries queries \
      of a thousand rows each under way. A round trip is as long as the dispatch thread had something else to do, so the \
      longest ones tell its pauses.

      JSON: quiet_ns_p50, quiet_ns_p99, quiet_ns_p999, observed_ns_p50, observed_ns_p99, observed_ns_p999, \
      longest_quiet_ns, longest_observed_ns (medians of the rounds' longest), rows_per_event.
      """)

  @Option(help: "Clients that ask.")
  var observers = 24

  @Option(help: "Queries that each has under way.")
  var queries = 64

  @Option(help: "Workers in the fleet.")
  var workers = 10_000

  @Option(help: "Jobs that wait.")
  var jobs = 10_000

  @Option(help: "Events of a round.")
  var records = 5000

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--observers", observers, in: 1...512)
    try expect("--queries", queries, in: 1...1024)
    try expect("--workers", workers, in: 1...1_000_000)
    try expect("--jobs", jobs, in: 0...100_000)
    try expect("--records", records, in: 100...10_000_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let benchmark = try ReadersBenchmark(
      observers: observers, queries: queries, workers: workers, jobs: jobs, cpus: rounds.cpus,
      clock: TickClock.calibrated())
    var latencies = [LatencyRounds(), LatencyRounds()]
    var longest: [[Double]] = [[], []]
    var events = 0
    try Rounds.run(rounds, arms: [false, true]) { index, isObserved, counts in
      let round = try benchmark.round(events: records, isObserved: isObserved)
      if isObserved { events += records }
      guard counts else { return }
      latencies[index].add(round)
      longest[index].append(round.percentile(100))
    }
    var report = Report(
      "readers", rounds,
      [
        .init("observers", .integer(observers)), .init("queries", .integer(queries)),
        .init("workers", .integer(workers)), .init("jobs", .integer(jobs)), .init("records", .integer(records)),
      ])
    report.latencies = [
      LatencyRow("beside observers", "observed_ns", latencies[1]), LatencyRow("alone", "quiet_ns", latencies[0]),
    ]
    report.rows = [
      Row("the longest of a round, alone", "longest_quiet_ns", longest[0]),
      Row("the longest of a round, beside observers", "longest_observed_ns", longest[1]),
      Row("rows read for each event", "rows_per_event", [Double(benchmark.rows) / Double(events)], .ratio),
    ]
    try report.publish(output)
  }
}

/// Round trips of one event at a time while observers keep a real dispatcher busy with queries.
///
/// An event under way is waited for and nothing else is done, so that its round trip is at least as long as the dispatch
/// thread paused; between two of them the observers read what came and ask again.
final class ReadersBenchmark {
  private let dispatcher: DispatcherUnderTest
  private var prober: Attachment
  private var observers: Observers
  private let worker: WorkerHandle
  private let clock: TickClock
  private let jobs: Int
  private let queries: Int
  /// Queries under way, of each observer.
  private var asked: [Int] = []
  private(set) var rows: UInt64 = 0

  private struct Observers: ~Copyable {
    let peers: UnsafeMutableBufferPointer<Attachment>

    deinit {
      peers.deinitialize()
      peers.deallocate()
    }
  }

  private static let entities: [QueryEntity] = [.jobs, .tasks, .workers]
  private static let rowsPerQuery = 1000
  private static let jobReplicas: Int32 = 10

  /// - Parameters:
  ///   - workers: in the fleet.
  ///   - jobs: of ten tasks each, which wait.
  init(observers count: Int, queries: Int, workers: Int, jobs: Int, cpus: CPUList, clock: TickClock) throws {
    dispatcher = try DispatcherUnderTest(cpus: cpus.other)
    self.clock = clock
    self.jobs = jobs
    worker = try dispatcher.registerWorkers(workers)[0]
    prober = try dispatcher.attach(role: .control, name: "ringperf-prober")
    observers = Observers(peers: .allocate(capacity: count))
    for index in 0..<count {
      (observers.peers.baseAddress! + index).initialize(
        to: try dispatcher.attach(role: .observe, name: "ringperf-observer-\(index)"))
    }
    self.queries = queries
    try submitJobs()
  }

  private func submitJobs() throws {
    for number in 0..<jobs {
      var request = JobRequest()
      request.replicas = Self.jobReplicas
      // More than any worker has.
      request.resources.milliCPU = 64_000
      while try prober.submission.publish(.jobSubmitted("j\(number)", request: request), wantsResult: true) == nil {}
      prober.submission.flush()
      while try prober.results.next() == nil { rm_pause() }
    }
  }

  /// - Parameter isObserved: whether the observers ask.
  func round(events: Int, isObserved: Bool) throws -> LatencyRecorder {
    var recorder = LatencyRecorder()
    asked = [Int](repeating: 0, count: observers.peers.count)
    for _ in 0..<events {
      if isObserved { try readAndAsk(upTo: queries) }
      let start = rp_ticks()
      while prober.submission.publishHeartbeatWantingResult(worker) == nil { rm_pause() }
      prober.submission.flush()
      while try prober.results.next() == nil { rm_pause() }
      recorder.record(ns: clock.ns(rp_ticks() &- start))
    }
    while asked.contains(where: { $0 > 0 }) { try readAndAsk(upTo: 0) }
    return recorder
  }

  private func readAndAsk(upTo limit: Int) throws {
    for index in observers.peers.indices {
      while let head = try observers.peers[index].results.nextHead() {
        if UInt32(truncatingIfNeeded: head.words.0 & 0xFF) == RM_KIND_QUERY_DONE {
          asked[index] -= 1
        } else {
          rows &+= 1
        }
      }
      while asked[index] < limit {
        let entity = Self.entities[(index + asked[index]) % Self.entities.count]
        guard observers.peers[index].submission.query(entity, cursor: 0, limit: Self.rowsPerQuery) != nil else { break }
        asked[index] += 1
      }
      observers.peers[index].submission.flush()
    }
  }
}
