import ArgumentParser
import Terminal

struct DispatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "dispatch",
    abstract: "From an event to its result, through a real dispatcher process, at a fixed rate.",
    discussion: """
      Starts ringmasterd with a socket and shared memory of its own. Events (heartbeats that ask for their result, so \
      that each is a transaction) are due at a fixed rate, and the latency of each counts from the moment it was due to \
      the last record of its result on the result ring: an event that had to wait because the ones before it were slow \
      is charged for the wait. Round trips over bare rings run in turn with it.

      JSON: rtt_ns_p50, rtt_ns_p99, rtt_ns_p999, pingpong_rtt_ns_p50, ratio_to_pingpong.
      """)

  @Option(help: "Events due in a second.")
  var rate = 100_000.0

  @Option(help: "Events of a round.")
  var records = 100_000

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var histogram: HistogramOptions

  func validate() throws {
    try expect("--records", records, in: 100...100_000_000)
    guard rate >= 1, rate <= 1e8 else { throw ValidationError("--rate: expected 1 to 100000000, got \(rate)") }
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let clock = TickClock.calibrated()
    let dispatch = try DispatchBenchmark(rate: rate, events: records, cpus: rounds.cpus, clock: clock)
    let pingPong = try PingPongBenchmark(
      capacity: 4096, rounds: min(records, 100_000), cpus: rounds.cpus, threads: false, clock: clock)
    var results = LatencyRounds()
    var trips = LatencyRounds()
    try Rounds.run(rounds, arms: [0]) { _, _, counts in
      let result = try dispatch.round()
      let trip = try pingPong.round()
      if counts {
        results.add(result)
        trips.add(trip)
      }
    }
    let ratio = Summary.ratio(results.p50, trips.p50)
    var report = Report(
      benchmark: "dispatch", table: .latencies([("event to result", results), ("bare rings, there and back", trips)]))
    report.settings = [
      .init("rate", .decimal(rate)), .init("records", .integer(records)), .init("durable", .boolean(false)),
    ]
    report.addSettings(rounds)
    report.add("rtt_ns", results)
    report.add("pingpong_rtt_ns_p50", trips.p50)
    report.figures.append(.init("ratio_to_pingpong", .decimal(ratio)))
    report.notes = ["p50 is \(Figures.ratio(ratio)) times that of a round trip over bare rings."]
    report.latencies = results.merged
    try report.publish(output, hdr: histogram.hdr)
  }
}
