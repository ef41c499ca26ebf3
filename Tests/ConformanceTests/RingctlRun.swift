import EventJSON
import EventModel
import Platform

/// A case that `ringctl simulate` was given as NDJSON, and what it printed.
struct RingctlRun {
  /// The transactions of each step.
  let transactions: [[ObservedTransaction]]
  let state: ObservedState

  /// Why the program's answer is of no use.
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  init(_ conformanceCase: ConformanceCase) throws {
    let script = conformanceCase.lines.map { $0 + "\n" }.joined()
    let output = try Self.simulate(script, settings: conformanceCase.settings)
    var lines = try output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }[...]
    guard let state = lines.popLast()?["final_state"] else {
      throw Failure(description: "the last line is not the final state: \(output)")
    }
    self.state = try ObservedState(json: state)
    transactions = try conformanceCase.steps.map { step in
      var ofStep: [JSONValue] = []
      switch step {
      case .restart, .configured: break
      case .event:
        guard let line = lines.popFirst() else { throw Failure(description: "an event made no transaction: \(step)") }
        ofStep.append(line)
      case .tick, .sweep:
        while let line = lines.first, Self.isMadeByTheClock(line["event"]) { ofStep.append(lines.removeFirst()) }
      }
      return try ofStep.map(ObservedTransaction.init(json:))
    }
    guard lines.isEmpty else { throw Failure(description: "\(lines.count) transactions of no event") }
  }

  /// Events that no case says.
  private static func isMadeByTheClock(_ event: JSONValue?) -> Bool {
    let types: [EventKind] = [.schedulingDeadlinePassed, .brakeEngaged, .brakeReleased]
    return event?["last_heartbeat_ms"] != nil || types.contains { event?["type"] == .string($0.name) }
  }

  /// Standard output of the program that was built with these tests.
  private static func simulate(_ script: String, settings: [String]) throws -> String {
    let outcome = try ProcessLaunch.run(
      [Machine.sibling("ringctl"), "simulate", "-", "--json"] + settings.flatMap { ["--config", $0] }, input: script)
    guard outcome.end == .code(0), outcome.errors.isEmpty else {
      throw Failure(description: "ringctl \(outcome.end): \(outcome.errors)")
    }
    return outcome.output
  }
}
