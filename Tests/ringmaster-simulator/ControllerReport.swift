import ControllerFuzzer
import EventJSON
import Terminal

/// How a series of made-up runs went, for people and for programs.
struct ControllerReport {
  private let statistics: FuzzStatistics
  private let runs: Int
  private let seed: UInt64
  private let elapsed: Duration
  private let counterexample: Counterexample?

  init<Judge>(_ series: FuzzSeries<Judge>, seed: UInt64, elapsed: Duration) {
    statistics = series.statistics
    runs = series.runs
    counterexample = series.counterexample
    self.seed = seed
    self.elapsed = elapsed
  }

  private var eventsPerSecond: Double {
    Double(statistics.events) / max(elapsed / .seconds(1), 1e-9)
  }

  func progress(of events: Int) -> String {
    let done = HumanNumber.count(UInt64(statistics.events))
    let share = HumanNumber.percent(Double(statistics.events) / Double(events))
    return "\(done) events in \(runs) runs, \(share), \(HumanNumber.rate(perSecond: eventsPerSecond))"
  }

  var text: String {
    let summary = """
      seed \(seed): \(statistics.events) events in \(runs) runs and \(HumanNumber.duration(ms: milliseconds)), \
      \(HumanNumber.rate(perSecond: eventsPerSecond)); \(statistics.applied) transactions applied, \
      \(statistics.ignored) ignored, \(statistics.rejected) rejected; \(statistics.restarts) restarts
      """
    guard let counterexample else { return "\(summary)\nno check failed" }
    return """
      \(summary)
      FAILED: seed \(counterexample.seed), profile \(counterexample.profile.rawValue), event \
      \(counterexample.originalSteps):
      \(Self.indented(counterexample.originalMessages))
      Shrunk to \(counterexample.steps.count) events:
      \(Self.indented(counterexample.messages))
      The same run again: ringmaster-simulator controller --seed \(counterexample.seed) --profile \(counterexample.profile.rawValue) \
      --events \(FuzzSeries<ReferenceJudge>.stepsPerRun)
      The shrunk events again: ringctl simulate \(settings) FILE
      """
  }

  var json: JSONValue {
    .object([
      .init("seed", .integer(seed)),
      .init("events", .integer(statistics.events)),
      .init("runs", .integer(runs)),
      .init("transactions_applied", .integer(statistics.applied)),
      .init("transactions_ignored", .integer(statistics.ignored)),
      .init("transactions_rejected", .integer(statistics.rejected)),
      .init("restarts", .integer(statistics.restarts)),
      .init("elapsed_ms", .integer(milliseconds)),
      .init("events_per_second", .integer(Int64(eventsPerSecond))),
      .init("counterexample", counterexample?.json ?? .null),
    ])
  }

  private var settings: String {
    counterexample?.settings.map { "--config \($0.name)=\($0.value)" }.joined(separator: " ") ?? ""
  }

  private var milliseconds: UInt64 {
    UInt64(max(elapsed / .milliseconds(1), 0))
  }

  private static func indented(_ messages: [String]) -> String {
    messages.map { "  \($0)" }.joined(separator: "\n")
  }
}
