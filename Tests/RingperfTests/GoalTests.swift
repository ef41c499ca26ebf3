import EventJSON
import Platform
import Testing

@testable import ringperf

@Suite struct GoalTests {
  @Test func aGoalIsMetOnItsBound() {
    #expect(Goal("a", .atLeast(4), 4).isMet == true)
    #expect(Goal("a", .atLeast(4), 3.99).isMet == false)
    #expect(Goal("a", .atMost(1.5), 1.5).isMet == true)
    #expect(Goal("a", .atMost(1.5), 1.51).isMet == false)
  }

  @Test func whatWasNotMeasuredIsNeitherMetNorMissed() {
    let goal = Goal("a", .atLeast(4), nil)
    #expect(goal.isMet == nil)
    #expect(goal.json["met"] == .null)
    #expect(goal.json["measured"] == .null)
  }

  @Test func theJSONTellsTheBound() {
    #expect(Goal("a", .atLeast(40e6), 50e6, .perSecond).json["at_least"] == .number("40000000"))
    #expect(Goal("a", .atMost(1.2), 1, .nanoseconds).json["at_most"] == .number("1.2"))
  }

  @Test func aGoalIsJudgedByTheMedianOfItsRuns() {
    var goal = Goal("a", .atLeast(4), 3)
    #expect(goal.isMet == false)
    goal.runs = [5, 6, 3]
    #expect(goal.isMet == true)
  }

  private let machine = MachineFacts(
    cpu: "A", cores: 2, kernel: "6", memoryBytes: 1, isVirtual: true, load: 0.5, gitCommit: "abc")

  private func run(_ measured: Double, cpu: String = "A", commit: String = "abc") -> JSONValue {
    .object([
      .init("goals", .array([Goal("a", .atLeast(4), measured).json])),
      .init("machine", .object([.init("cpu", .string(cpu))])), .init("git_commit", .string(commit)),
      .init("settings", .object([])),
    ])
  }

  @Test func onlyRunsOfTheSameCommitAndProcessorCount() {
    let runs = [run(1, cpu: "B"), run(2, commit: "def"), run(5), run(6)]
    #expect(
      History.judge([Goal("a", .atLeast(4), 3)], with: runs, settings: [], machine: machine)[0].runs == [5, 6, 3])
  }

  @Test func theLastFiveRunsCount() {
    let runs = (1...9).map { run(Double($0)) }
    #expect(
      History.judge([Goal("a", .atLeast(4), 10)], with: runs, settings: [], machine: machine)[0].runs == [
        6, 7, 8, 9, 10,
      ])
  }

  @Test func aHistoryKeepsItsRunsInOrderAndAPageShowsTheNewest() throws {
    let folder = try TemporaryFolder(prefix: "ringperf-history")
    defer { folder.remove() }
    let history = History(path: "\(folder.path)/state/runs.ndjson")
    let chart = Chart(
      "Latency <p>", x: .percentile, y: .nanoseconds,
      [Chart.Line(name: "ring & line", points: [(2, 100), (1000, 900)])])
    for measured in [5.0, 3] {
      guard case .object(let members) = run(measured) else { preconditionFailure("a run is an object") }
      try history.append(.object(members + [.init("charts", .array([chart.json]))]))
    }
    #expect(history.runs().count == 2)
    let page = ReportCommand.page(try #require(history.runs().last))
    #expect(page.contains("Latency &lt;p&gt;") && page.contains("ring &amp; line"))
    #expect(page.contains("<polyline") && page.contains("99.9 %") && page.contains("missed"))
  }
}
