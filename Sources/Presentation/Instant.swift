import Foundation
import Terminal

/// A moment of the controller's clock, as people and programs read it: in UTC, to the millisecond.
public struct Instant {
  /// Since 1970.
  private let ms: Int64

  public init(ms: Int64) {
    self.ms = ms
  }

  /// RFC 3339: `2026-11-22T09:26:42.123Z`; later than the year 9999 with more digits.
  public var text: String {
    let seconds = ms / 1000 - (ms % 1000 < 0 ? 1 : 0)
    let date = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
    return "\(date.prefix { $0 != "T" })T\(timeOfDay)"
  }

  /// `09:26:42.123Z`
  public var timeOfDay: String {
    let dayMs: Int64 = 86_400_000
    let ms = (ms % dayMs + dayMs) % dayMs
    let clock = [ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60].map { Self.padded($0, digits: 2) }
    return clock.joined(separator: ":") + ".\(Self.padded(ms % 1000, digits: 3))Z"
  }

  /// `2026-11-22T09:26:42.123Z, 3.2 s ago`
  public func text(nowMs: Int64) -> String {
    ms <= nowMs
      ? "\(text), \(HumanNumber.duration(ms: UInt64(nowMs - ms))) ago"
      : "\(text), in \(HumanNumber.duration(ms: UInt64(ms - nowMs)))"
  }

  private static func padded(_ value: Int64, digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
