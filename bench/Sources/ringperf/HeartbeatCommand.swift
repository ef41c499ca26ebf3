import ArgumentParser
import EventJSON
import Terminal

struct HeartbeatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "heartbeat",
    abstract: "Heartbeats a second that a real dispatcher process applies.",
    discussion: """
      Starts one ringmasterd for each number of workers, registers the workers, and sends heartbeats of all of them in a \
      shuffled order through the client library, from --feeders processes with --peers rings each. What counts is the dispatcher's own counter of \
      heartbeats applied.

      JSON: results, a row for each number of workers with workers, heartbeats_per_s and ns_per_heartbeat; \
      heartbeats_per_s of the first; cost_growth, the cost at the last as a multiple of that at the first.
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
    var table = TextTable("workers", "heartbeats", "spread", "a heartbeat")
    var report = Report(benchmark: "heartbeat", table: table)
    report.settings = [
      .init("feeders", .integer(feeders)), .init("peers", .integer(peers)), .init("capacity", .integer(capacity.slots)),
      .init("order", .string(inOrder ? "registration" : "shuffled")), .init("duration_ms", .integer(duration)),
    ]
    report.addSettings(rounds)
    let medians = rates.map { Summary($0).median }
    for (count, values) in zip(workers.counts, rates) {
      let summary = Summary(values)
      table.add(
        TextTable.Cell("\(count)"), TextTable.Cell(Figures.perSecond(summary.median)),
        TextTable.Cell(Figures.spread(summary)), TextTable.Cell(Figures.ns(1e9 / summary.median)))
    }
    report.table = table
    report.add("heartbeats_per_s", rates[0])
    report.figures.append(.init("cost_growth", .decimal(Summary.ratio(rates[0], rates[rates.count - 1]))))
    report.lists = [
      .init(
        "results",
        .array(
          zip(workers.counts, medians).map { count, median in
            .object([
              .init("workers", .integer(count)), .init("heartbeats_per_s", .decimal(median)),
              .init("ns_per_heartbeat", .decimal(1e9 / median)),
            ])
          }))
    ]
    try report.publish(output)
  }
}
