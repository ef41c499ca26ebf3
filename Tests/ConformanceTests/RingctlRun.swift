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

  /// - Parameter counts: how many transactions each step makes.
  init(_ conformanceCase: ConformanceCase, counts: [Int]) throws {
    let script = conformanceCase.lines.map { $0 + "\n" }.joined()
    let output = try Self.simulate(script, settings: conformanceCase.settings)
    var lines = try output.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8), maxMembers: .max) }[...]
    guard let state = lines.popLast()?["final_state"] else {
      throw Failure(description: "the last line is not the final state: \(output)")
    }
    self.state = try ObservedState(json: state)
    transactions = try counts.map { count in
      defer { lines = lines.dropFirst(count) }
      return try lines.prefix(count).map(ObservedTransaction.init(json:))
    }
    guard lines.isEmpty else { throw Failure(description: "\(lines.count) transactions of no event") }
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
