import EventJSON
import Foundation
import Terminal

/// What a figure is measured in.
enum Unit: String {
  case ratio
  case perSecond = "per_s"
  case nanoseconds = "ns"
  case milliseconds = "ms"
  case bytes

  func text(_ value: Double) -> String {
    switch self {
    case .ratio: String(format: "%.2f", value)
    case .perSecond: HumanNumber.rate(perSecond: value)
    case .nanoseconds: value < 100 ? String(format: "%.2f ns", value) : HumanNumber.duration(ns: UInt64(value))
    case .milliseconds: Unit.nanoseconds.text(value * 1e6)
    case .bytes: "\(Int(value.rounded())) bytes"
    }
  }
}

extension JSONValue {
  /// A figure to six significant digits, or null when it is none: JSON has no infinity.
  static func decimal(_ value: Double) -> JSONValue {
    guard value.isFinite else { return .null }
    return .number(significant(value, digits: 6))
  }

  private static func significant(_ value: Double, digits: Int) -> String {
    guard value != 0 else { return "0" }
    var scale = 1.0
    var magnitude = abs(value)
    let limit = pow(10, Double(digits))
    while magnitude * 10 < limit, scale < 1e12 {
      magnitude *= 10
      scale *= 10
    }
    let rounded = (value * scale).rounded() / scale
    if rounded == rounded.rounded(), abs(rounded) < 1e15 { return String(Int64(rounded)) }
    return String(rounded)
  }
}
