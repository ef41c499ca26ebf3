import ArgumentParser
import Terminal

struct StreamCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stream",
    abstract: "Throughput from one process to another.",
    discussion: """
      The other process publishes records of one slot as fast as it can; this one takes them out, adds up their numbers \
      and fails if the sum is wrong. With --producers N there are N rings into the one consumer; the other process \
      serves them in turn, --batch records to each.

      JSON: msgs_per_s, ns_per_msg, and cache_line_rtt_ns_p50, the bare exchange measured before each round.
      """)

  @Option(help: "Records to or from one ring before the next.")
  var batch = 1

  @Option(help: ArgumentHelp("Size of a ring: a power of two from 64 to 1048576.", valueName: "slots"))
  var capacity = RingCapacity(4096)

  @Option(help: "Records of a round, over all rings.")
  var records = 20_000_000

  @Option(help: "Rings into the one consumer.")
  var producers = 1

  @Flag(help: "Two threads of one process instead of two processes.")
  var threads = false

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  static let producerLimits = 1...1024

  func validate() throws {
    try expect("--batch", batch, in: 1...65_536)
    try expect("--records", records, in: 1000...100_000_000_000)
    try expect("--producers", producers, in: Self.producerLimits)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let benchmark = try StreamBenchmark(
      capacity: capacity.slots, records: max(records / producers, 1), batch: batch, producers: producers,
      cpus: rounds.cpus, threads: threads, clock: clock)
    let floor = try FloorBenchmark(rounds: 10_000, cpus: rounds.cpus, threads: threads, clock: clock)
    var rates: [Double] = []
    var lines: [Double] = []
    try Rounds.run(rounds, arms: [0]) { _, _, counts in
      let line = try floor.fastestCacheLineRound().percentile(50)
      let rate = try benchmark.round()
      if counts {
        lines.append(line)
        rates.append(rate)
      }
    }
    let summary = Summary(rates)
    var table = TextTable("", "median", "spread", "least", "most", "a record")
    table.add(
      TextTable.Cell(producers == 1 ? "stream" : "stream, \(producers) rings", .bold),
      TextTable.Cell(Figures.perSecond(summary.median)), TextTable.Cell(Figures.spread(summary)),
      TextTable.Cell(Figures.perSecond(summary.least)), TextTable.Cell(Figures.perSecond(summary.most)),
      TextTable.Cell(Figures.ns(1e9 / summary.median)))
    var report = Report(benchmark: "stream", table: table)
    report.settings = [
      .init("batch", .integer(batch)), .init("capacity", .integer(capacity.slots)),
      .init("records", .integer(records)), .init("producers", .integer(producers)),
      .init("sides", .string(threads ? "threads" : "processes")),
    ]
    report.addSettings(rounds)
    report.add("msgs_per_s", rates)
    report.add("ns_per_msg", rates.map { 1e9 / $0 })
    report.add("cache_line_rtt_ns_p50", lines)
    report.notes = [
      "Beside it, a bare cache line took \(Figures.ns(Summary(lines).least)) to \(Figures.ns(Summary(lines).most)) there and back."
    ]
    try report.publish(output)
  }
}
