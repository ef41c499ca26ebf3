import ArgumentParser
import Terminal

struct FloorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "floor",
    abstract: "What this machine's parts cost: no figure can be better than these.",
    discussion: """
      The cache line is exchanged in two ways, with a line for each side and with one for both; the faster is the floor.

      JSON: cache_line_rtt_ns_p50 and the others of the table, each with its unit in the name.
      """)

  @Option(help: "Round trips of a round.")
  var records = 200_000

  @Flag(help: "Two threads of one process instead of two processes.")
  var threads = false

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var histogram: HistogramOptions

  func validate() throws {
    try expect("--records", records, in: 100...100_000_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let floor = try FloorBenchmark(rounds: records, cpus: rounds.cpus, threads: threads, clock: .calibrated())
    var lines = [LatencyRounds(), LatencyRounds()]
    var parts: [[(key: String, label: String, value: Double)]] = []
    try Rounds.run(rounds, arms: [0]) { _, _, counts in
      let own = try floor.cacheLineRound(sharedLine: false)
      let shared = try floor.cacheLineRound(sharedLine: true)
      let measured = floor.parts()
      if counts {
        lines[0].add(own)
        lines[1].add(shared)
        parts.append(measured)
      }
    }
    let fastest = Summary(lines[0].p50).median <= Summary(lines[1].p50).median ? lines[0] : lines[1]
    var table = TextTable("", "median", "spread")
    var report = Report(benchmark: "floor", table: table)
    report.settings = [
      .init("records", .integer(records)), .init("sides", .string(threads ? "threads" : "processes")),
    ]
    report.addSettings(rounds)
    func add(_ label: String, _ key: String, _ values: [Double], isRate: Bool = false) {
      let summary = Summary(values)
      table.add(
        TextTable.Cell(label), TextTable.Cell(isRate ? Figures.perSecond(summary.median) : Figures.ns(summary.median)),
        TextTable.Cell(Figures.spread(summary)))
      report.add(key, values)
    }
    add("cache line, there and back, p50", "cache_line_rtt_ns_p50", fastest.p50)
    add("  a line for each side", "cache_line_rtt_two_lines_ns_p50", lines[0].p50)
    add("  one line for both", "cache_line_rtt_one_line_ns_p50", lines[1].p50)
    add("  p99", "cache_line_rtt_ns_p99", fastest.p99)
    add("  p99.9", "cache_line_rtt_ns_p999", fastest.p999)
    for (index, part) in parts[0].enumerated() {
      add(part.label, part.key, parts.map { $0[index].value }, isRate: part.key.hasSuffix("_per_s"))
    }
    report.table = table
    report.latencies = fastest.merged
    try report.publish(output, hdr: histogram.hdr)
  }
}
