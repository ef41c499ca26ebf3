import EventJSON
import Testing

@testable import ringperf

@Suite struct ReportTests {
  private let machine = MachineFacts(
    cpu: "A", cores: 2, kernel: "6", memoryBytes: 1, isVirtual: true, load: 0.5, gitCommit: "abc")

  private func rounds(_ arguments: String...) throws -> RoundOptions {
    try RoundOptions.parse(["--cpus", "0"] + arguments)
  }

  @Test func aFigureStandsUnderItsNameWithItsRounds() throws {
    var report = Report("stream", try rounds())
    report.rows = [Row("stream", "msgs_per_s", [1e6, 3e6, 2e6], .perSecond)]
    let json = report.json(machine: machine)
    #expect(json["benchmark"] == .string("stream"))
    #expect(json["msgs_per_s"] == .number("2000000"))
    guard case .array(let rows)? = json["results"] else {
      Issue.record("results is a list")
      return
    }
    #expect(rows[0]["rounds"] == .array([.number("1000000"), .number("3000000"), .number("2000000")]))
    #expect(json["machine"]?["cpu"] == .string("A"))
    #expect(json["git_commit"] == .string("abc"))
  }

  @Test func latenciesHaveTheStableKeys() throws {
    var round = LatencyRecorder()
    for ns in 1...1000 { round.record(ns: UInt64(ns), isInterrupted: ns == 1000) }
    var latencies = LatencyRounds()
    latencies.add(round)
    var report = Report("pingpong", try rounds())
    report.latencies = [LatencyRow("ring", "rtt_ns", latencies)]
    let json = report.json(machine: machine)
    for key in ["p50", "p99", "p999", "interrupted", "uninterrupted_p99", "uninterrupted_p999"] {
      #expect(json["rtt_ns_\(key)"] != nil, "\(key)")
    }
    #expect(json["rtt_ns_interrupted"] == .number("0.001"))
  }

  @Test func comparedRowsHaveNameModeFigureAndRatio() throws {
    let ring = Arm(RingArms.ringName, .stream) { .rate(10) }
    let peer = Arm("other", .stream) { .rate(5) }
    for arm in [ring, peer] { try arm.run(counts: true) }
    let json = CompareCommand.report([ring, peer], try rounds(), threads: false).json(machine: machine)
    guard case .array(let rows)? = json["results"] else {
      Issue.record("results is a list")
      return
    }
    #expect(rows.map { $0["name"] } == [.string("Ringmaster ring"), .string("other")])
    #expect(rows[1]["mode"] == .string("stream"))
    #expect(rows[1]["median"] == .number("5"))
    #expect(rows[1]["ratio"] == .number("0.5"))
  }

  @Test func aLowerRoundTripIsTheBetterOne() throws {
    func arm(_ name: String, _ ns: UInt64) throws -> Arm {
      let arm = Arm(name, .pingpong) {
        var recorder = LatencyRecorder()
        recorder.record(ns: ns)
        return .latencies(recorder)
      }
      try arm.run(counts: true)
      return arm
    }
    let (ring, slower) = (try arm("ring", 400), try arm("slower", 800))
    #expect(slower.ratio(to: ring) == 0.5)
  }

  @Test func warmUpRoundsDoNotCount() throws {
    var calls = 0
    let rounds = try rounds("--repeats", "3", "--warmup", "2")
    let figures = try Rounds.figures(rounds, arms: ["a", "b"]) { arm in
      calls += 1
      return Double(calls)
    }
    #expect(calls == 10)
    #expect(figures == [[5, 7, 9], [6, 8, 10]])
  }

  @Test(arguments: [
    (0.0, "0"), (1, "1"), (1234567.0, "1234570"), (0.123456789, "0.123457"), (466.25, "466.25"), (-2.5, "-2.5"),
  ])
  func decimalsKeepSixDigits(_ value: Double, _ text: String) {
    // Beyond six digits the integer part is kept whole.
    let expected = value == 1_234_567 ? "1234567" : text
    #expect(JSONValue.decimal(value) == .number(expected))
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func whatIsNoNumberIsNull(_ value: Double) {
    #expect(JSONValue.decimal(value) == .null)
  }
}
