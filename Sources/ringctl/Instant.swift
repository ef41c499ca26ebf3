import Foundation
import Terminal

/// A moment of the controller's clock, as people and programs read it.
struct Instant {
  let ms: Int64

  /// RFC 3339, in UTC, to the millisecond: `2026-11-22T09:26:42.123Z`.
  var text: String {
    let seconds = ms >= 0 ? ms / 1000 : (ms - 999) / 1000
    let whole = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    let fraction = String(1000 + ms - seconds * 1000).dropFirst()
    return whole.dropLast() + "." + fraction + "Z"
  }

  /// `2026-11-22T09:26:42.123Z, 3.2 s ago`
  func text(nowMs: Int64) -> String {
    ms <= nowMs
      ? "\(text), \(HumanNumber.duration(ms: UInt64(nowMs - ms))) ago"
      : "\(text), in \(HumanNumber.duration(ms: UInt64(ms - nowMs)))"
  }
}
