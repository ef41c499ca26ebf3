import ArgumentParser
import EventJSON
import Terminal

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "The ring beside other ways to bring messages from one process to another.",
    discussion: """
      64-byte messages, 4096 of room where it can be set, the same work and the same checks for all: one at a time, in \
      bursts of 64 and 256 where a design has them, and round trips. The plain C ring is Ringmaster's own design without \
      Swift. Designs with pointers in them run between threads; the column says so. POSIX message queues hold 10.

      Built only with the package trait Compare (bench/ringperf compare does it); Boost.Lockfree, moodycamel, DPDK and \
      ZeroMQ take part where libboost-dev, libreaderwriterqueue-dev, libdpdk-dev and libzmq3-dev are installed.

      JSON: results, a row for each design and mode with name, mode (stream, batch, pingpong), batch, sides, the figure \
      (msgs_per_s, or rtt_ns_p50, rtt_ns_p99 and rtt_ns_p999) and ratio_to_ring, > 1 meaning better than our ring: \
      the median of the ratios of the rounds.
      """)

  @Flag(help: "Threads of one process for all, instead of two processes.")
  var threads = false

  @Option(help: ArgumentHelp("Only designs with one of these in their names, as \"DPDK,Boost\".", valueName: "parts"))
  var designs: String?

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  #if Compare
    static let isBuilt = true
  #else
    static let isBuilt = false
  #endif

  func run() throws {
    guard Self.isBuilt else {
      throw BenchmarkError(
        "this ringperf has no other designs in it: run bench/ringperf, or build with --traits Compare")
    }
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let wanted = designs.map { $0.split(separator: ",").map { $0.lowercased() } }
    let arms = try RingArms.all(cpus: rounds.cpus, threads: threads, clock: clock, designs: wanted)
    let floor = try FloorBenchmark(rounds: 10_000, cpus: rounds.cpus, threads: threads, clock: clock)
    let line = Arm("bare cache line", .pingpong) { .latencies(try floor.fastestCacheLineRound()) }
    try Rounds.run(rounds, arms: arms + [line]) { _, arm, counts in try arm.run(counts: counts) }
    var report = Self.report(arms, rounds, threads: threads)
    report.add("cache_line_rtt_ns_p50", line.figures)
    report.notes.append(
      "A bare cache line took \(Figures.ns(line.figure.least)) to \(Figures.ns(line.figure.most)) there and back, by round."
    )
    try report.publish(output)
  }

  static func report(_ arms: [Arm], _ rounds: RoundOptions, threads: Bool) -> Report {
    var table = TextTable("design", "mode", "burst", "sides", "median", "p99", "spread", "ratio to ring")
    var rows: [JSONValue] = []
    for mode in [Arm.Mode.stream, .batch, .pingpong] {
      for arm in arms where arm.mode == mode {
        guard let ring = arms.first(where: { $0.mode == mode && $0.burst == arm.burst }) else { continue }
        let ratio = arm.ratio(to: ring)
        let summary = arm.figure
        table.add(
          arm === ring ? TextTable.Cell(arm.name, .bold) : TextTable.Cell(arm.name), TextTable.Cell(mode.rawValue),
          TextTable.Cell("\(arm.burst)"), TextTable.Cell(arm.sides),
          TextTable.Cell(mode == .pingpong ? Figures.ns(summary.median) : Figures.perSecond(summary.median)),
          TextTable.Cell(mode == .pingpong ? Figures.ns(Summary(arm.latencies.p99).median) : "-"),
          TextTable.Cell(Figures.spread(summary)), TextTable.Cell(Figures.ratio(ratio)))
        rows.append(row(arm, ratio: ratio))
      }
    }
    var report = Report(benchmark: "compare", table: table)
    report.settings = [
      .init("capacity", .integer(RingArms.capacity)), .init("sides", .string(threads ? "threads" : "processes")),
    ]
    report.addSettings(rounds)
    report.lists = [.init("results", .array(rows))]
    report.notes = ["A ratio above 1 is better than our ring."]
    return report
  }

  private static func row(_ arm: Arm, ratio: Double) -> JSONValue {
    let figures: [JSONValue.Member] =
      arm.mode == .pingpong
      ? [
        .init("rtt_ns_p50", .decimal(Summary(arm.latencies.p50).median)),
        .init("rtt_ns_p99", .decimal(Summary(arm.latencies.p99).median)),
        .init("rtt_ns_p999", .decimal(Summary(arm.latencies.p999).median)),
      ] : [.init("msgs_per_s", .decimal(arm.figure.median))]
    return .object(
      [
        .init("name", .string(arm.name)), .init("mode", .string(arm.mode.rawValue)),
        .init("batch", .integer(arm.burst)),
        .init("sides", .string(arm.sides)),
      ] + figures + [
        .init("ratio_to_ring", .decimal(ratio)), .init("spread", .decimal(arm.figure.spread)),
        .init("rounds", .array(arm.figures.map { .decimal($0) })),
      ])
  }
}
