import ArgumentParser
import EventJSON

struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "The ring beside other ways to bring messages from one process to another.",
    discussion: """
      64-byte messages, 4096 of room where it can be set, the same work and the same checks for all: one at a time, in \
      bursts of 64 and 256 where a design has them, and round trips. The plain C ring is Ringmaster's own design without \
      Swift. Designs with pointers in them run between threads, and say so. Round trips of the ring and of the bare cache line read \
      the tick counter at each look, to notice interruptions; those of the other designs do not. POSIX message queues hold 10.

      Built only with the package trait Compare (bench/ringperf compare does it); Boost.Lockfree, moodycamel, DPDK and \
      ZeroMQ take part where libboost-dev, libreaderwriterqueue-dev, libdpdk-dev and libzmq3-dev are installed.

      JSON: results, rows with name, mode (stream, batch, pingpong), burst, sides, the figure under key (msgs_per_s or \
      rtt_ns_p50) as median, and ratio, > 1 meaning better than our ring: the median of the ratios of the rounds.
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
    report.rows.append(Row("bare cache line, there and back, p50", "cache_line_rtt_ns_p50", line.figures))
    try report.publish(output)
  }

  static func report(_ arms: [Arm], _ rounds: RoundOptions, threads: Bool) -> Report {
    var report = Report(
      "compare", rounds,
      [.init("capacity", .integer(RingArms.capacity)), .init("sides", .string(threads ? "threads" : "processes"))])
    report.ratioTitle = "ratio to our ring"
    for mode in [Arm.Mode.stream, .batch, .pingpong] {
      for burst in [1] + RingArms.bursts {
        let same = arms.filter { $0.mode == mode && $0.burst == burst }
        guard let ring = same.first else { continue }
        report.rows += same.map { $0.row(ratio: $0.ratio(to: ring)) }
      }
    }
    report.notes = ["A ratio above 1 is better than our ring."]
    return report
  }
}
