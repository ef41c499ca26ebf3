import EventModel
import Foundation
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
    case .timeOfDay: TimeOfDay.text(ms: transaction.timestampMs)
    case .dateAndTime: TimeOfDay.date(ms: transaction.timestampMs) + "T" + TimeOfDay.text(ms: transaction.timestampMs)
    case .milliseconds: "at \(transaction.timestampMs) ms"
    }
  }

  private var outcome: String {
    switch transaction.outcome {
    case .applied: paint("applied", .green)
    case .ignored: paint("ignored", .yellow)
    case .rejected(let reason): paint("rejected: \(reason.name)", .red)
    }
  }
}

/// The time of day in UTC.
public enum TimeOfDay {
  /// `16:03:12.345Z` of milliseconds since 1970.
  public static func text(ms: Int64) -> String {
    let dayMs: Int64 = 86_400_000
    let ms = ((ms % dayMs) + dayMs) % dayMs
    let clock = [ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60].map { padded($0, digits: 2) }
    return clock.joined(separator: ":") + ".\(padded(ms % 1000, digits: 3))Z"
  }

  /// `2026-11-22` of milliseconds since 1970, up to the year 9999.
  static func date(ms: Int64) -> String {
    String(Date(timeIntervalSince1970: (Double(ms) / 1000).rounded(.down)).formatted(.iso8601).prefix(10))
  }

  private static func padded(_ value: Int64, digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
