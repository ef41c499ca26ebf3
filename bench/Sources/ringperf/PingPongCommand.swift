import ArgumentParser
import Terminal

struct PingPongCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pingpong",
    abstract: "Round trips between two processes, beside the bare exchange of a cache line.",
    discussion: """
      One record there and one back over two rings. Each round trip is timed by the processor's tick counter, whose \
      reading (some ns, see "floor") is part of it, for the ring and for the bare cache line alike.

      JSON: rtt_ns_p50, rtt_ns_p99, rtt_ns_p999, cache_line_rtt_ns_p50, ratio_to_cache_line.
      """)

  @Option(help: "Round trips of a round.")
  var records = 200_000

  @Option(help: ArgumentHelp("Size of each ring: a power of two from 64 to 1048576.", valueName: "slots"))
  var capacity = RingCapacity(4096)

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
    let clock = TickClock.calibrated()
    let ring = try PingPongBenchmark(
      capacity: capacity.slots, rounds: records, cpus: rounds.cpus, threads: threads, clock: clock)
    let floor = try FloorBenchmark(rounds: records, cpus: rounds.cpus, threads: threads, clock: clock)
    var trips = LatencyRounds()
    var line = LatencyRounds()
    try Rounds.run(rounds, arms: [0]) { _, _, counts in
      let trip = try ring.round()
      let bare = try floor.fastestCacheLineRound()
      if counts {
        trips.add(trip)
        line.add(bare)
      }
    }
    let ratio = Summary.ratio(trips.p50, line.p50)
    var report = Report(
      benchmark: "pingpong", table: .latencies([("ring, there and back", trips), ("cache line, there and back", line)]))
    report.settings = [
      .init("records", .integer(records)), .init("capacity", .integer(capacity.slots)),
      .init("sides", .string(threads ? "threads" : "processes")),
    ]
    report.addSettings(rounds)
    report.add("rtt_ns", trips)
    report.add("cache_line_rtt_ns_p50", line.p50)
    report.figures.append(.init("ratio_to_cache_line", .decimal(ratio)))
    report.notes = ["p50 is \(Figures.ratio(ratio)) times that of the bare cache line."]
    report.latencies = trips.merged
    try report.publish(output, hdr: histogram.hdr)
  }
}
