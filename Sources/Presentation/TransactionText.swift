import EventModel
import Terminal

/// A transaction as people read it: a line for the event and its outcome, then each action, indented under its cause,
/// then the processes to stop.
///
/// Names and errors come from outside; nothing in a line can drive the terminal.
public struct TransactionText: Sendable {
  /// How times are written.
  public enum TimeFormat: Sendable {
    /// The controller's clock reads like wall time: `16:03:12.345Z`.
    case timeOfDay
    /// The same with its day: `2026-11-22T16:03:12.345Z`.
    case dateAndTime
    /// The clock of a script counts from anywhere: `at 1000 ms`.
    case milliseconds
  }

  private let transaction: Transaction
  private let paint: Paint
  private let timeFormat: TimeFormat

  public init(
    _ transaction: Transaction, paint: Paint = Paint(isEnabled: false), timeFormat: TimeFormat = .timeOfDay
  ) {
    self.transaction = transaction
    self.paint = paint
    self.timeFormat = timeFormat
  }

  public var lines: [String] {
    [headline] + actionLines + killLines
  }

  /// `#412 WORKER_FAILED w-17 (no heartbeat for more than 3000 ms) 16:03:12.345Z applied`
  public var headline: String {
    let event = StepText(paint: paint).line(
      transaction.event, transaction: transaction.number, subject: transaction.subject)
    return "\(event) \(paint(time, .dim)) \(outcome)"
  }

  /// One line an action, under what caused it.
  public var actionLines: [String] {
    var depths: [Int] = []
    return transaction.actions.map { action in
      let depth =
        if case .action(let index) = action.cause, depths.indices.contains(Int(index)) {
          depths[Int(index)] + 1
        } else { 1 }
      depths.append(depth)
      return String(repeating: "  ", count: depth) + StepText(paint: paint).line(action)
    }
  }

  /// One line for each process that a worker must now stop.
  public var killLines: [String] {
    transaction.tasksToKill.map { kill in
      let target = "\(kill.task) attempt \(kill.attempt) on \(kill.worker.name)".withoutControls
      return "  \(paint("kill", .red)) \(target)"
    }
  }

  private var time: String {
    switch timeFormat {
    case .timeOfDay: Instant(ms: transaction.timestampMs).timeOfDay
    case .dateAndTime: Instant(ms: transaction.timestampMs).text
    case .milliseconds: "at \(transaction.timestampMs) ms"
    }
  }

  private var outcome: String {
    switch transaction.outcome {
    case .applied: paint("applied", .green)
    case .ignored: paint("ignored", .yellow)
    case .rejected(let reason):
      paint("rejected: \(reason.name)" + (transaction.missing.map { ": \($0.text.withoutControls)" } ?? ""), .red)
    }
  }
}
