import ArgumentParser
import Terminal

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
      benchmark: "readers", table: .latencies([("alone", latencies[0]), ("beside observers", latencies[1])]))
    report.settings = [
      .init("observers", .integer(observers)), .init("queries", .integer(queries)),
      .init("workers", .integer(workers)), .init("jobs", .integer(jobs)), .init("records", .integer(records)),
    ]
    report.addSettings(rounds)
    report.add("quiet_ns", latencies[0])
    report.add("observed_ns", latencies[1])
    report.add("longest_quiet_ns", longest[0])
    report.add("longest_observed_ns", longest[1])
    report.figures.append(.init("rows_per_event", .decimal(Double(benchmark.rows) / Double(events))))
    report.notes = [
      "The longest of a round, in the median: \(Figures.ns(Summary(longest[0]).median)) alone, "
        + "\(Figures.ns(Summary(longest[1]).median)) beside observers."
    ]
    report.latencies = latencies[1].merged
    try report.publish(output)
  }
}
