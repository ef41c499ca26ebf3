import ArgumentParser
import Foundation
import Journal
import Platform
import Presentation

/// A place in a journal as people type it: a transaction's number (`1234`), a time in UTC or with its zone
/// (`2026-11-22T09:26:42.123Z`, `2026-11-22T11:26:42+02:00`, `2026-11-22`), or how long ago (`90s`, `5m`, `2h`).
struct MomentArgument: ExpressibleByArgument {
  let limit: JournalReplica.Limit

  static let valueName = "txn|time"
  static let forms =
    "a transaction's number, a time such as 2026-11-22T09:26:42.123Z (UTC), or how long ago, such as 5m"

  init?(argument: String) {
    if let number = UInt64(argument) {
      limit = .transaction(number)
    } else if let ago = DurationArgument(argument: argument) {
      limit = .timeMs(Clock.wallMs() - ago.milliseconds)
    } else if let timeMs = Self.timeMs(argument) {
      limit = .timeMs(timeMs)
    } else {
      return nil
    }
  }

  private static func timeMs(_ text: String) -> Int64? {
    let dayLength = "2026-11-22".count
    let whole = text.count == dayLength ? text + "T00:00:00" : text
    let zone = whole.dropFirst(dayLength).contains { $0 == "Z" || $0 == "+" || $0 == "-" } ? "" : "Z"
    let style = Date.ISO8601FormatStyle(includingFractionalSeconds: whole.contains("."))
    guard let date = try? Date(whole + zone, strategy: style) else { return nil }
    return Int64((date.timeIntervalSince1970 * 1000).rounded())
  }
}
