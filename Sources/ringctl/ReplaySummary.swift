import Controller
import EventJSON
import EventModel
import Platform
import Presentation

/// The sums of a state, under the keys of `ringctl status`.
struct ReplaySummary {
  private let transaction: UInt64
  private let nowMs: Int64
  private let stateHash: UInt64
  private let totals: Totals
  private let capacity: Resources
  private let committed: Resources
  private let brakes: [ZoneBrake]

  init(_ state: borrowing ControllerState) {
    transaction = state.transactionLog.lastNumber
    nowMs = state.nowMs
    stateHash = state.stateHash
    totals = state.totals
    capacity = state.resources(totals.capacity)
    committed = state.resources(totals.committed)
    brakes = state.brakes
  }

  func show(_ listing: Listing) throws {
    if listing.isJSON { return try StandardStream.output.writeLine(json.text) }
    for line in lines(listing) { try StandardStream.output.writeLine(line) }
  }

  private var jobs: [(name: String, count: Int)] { JobState.allCases.map { ($0.name, totals.jobs[$0]) } }

  private var tasks: [(name: String, count: Int)] { TaskState.allCases.map { ($0.name, totals.tasks[$0]) } }

  private func lines(_ listing: Listing) -> [String] {
    func summary(_ counts: [(name: String, count: Int)]) -> String {
      let present = counts.filter { $0.count > 0 }
      return present.isEmpty ? "none" : present.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
    }
    return [
      listing.paint("after transaction \(transaction)", .bold)
        + ", \(Instant(ms: nowMs).text), state \(String(stateHash, radix: 16))",
      "workers  \(totals.workers), \(committed.text(of: capacity)) committed".withoutControls,
      "jobs     \(summary(jobs))", "tasks    \(summary(tasks)); \(totals.queueLength) wait for a worker",
    ] + brakes.map { listing.paint("brake    ", .bold, .yellow) + $0.text }
  }

  private var json: JSONValue {
    func object(_ counts: [(name: String, count: Int)]) -> JSONValue {
      .object(counts.map { JSONValue.Member($0.name, .integer($0.count)) })
    }
    return .object(
      [
        .init("txn", .integer(transaction)), .init("now_ms", .integer(nowMs)),
        .init("state_hash", .string(String(stateHash, radix: 16))), .init("workers", .integer(totals.workers)),
      ] + capacity.members() + committed.members(prefix: "committed_") + [
        .init("queue_length", .integer(totals.queueLength)), .init("jobs", object(jobs)), .init("tasks", object(tasks)),
        .init("brakes", .array(brakes.map(\.json))),
      ])
  }
}
