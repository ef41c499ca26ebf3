import EventJSON

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
    let limit = tenToThe(digits)
    while magnitude * 10 < limit, scale < 1e12 {
      magnitude *= 10
      scale *= 10
    }
    let rounded = (value * scale).rounded() / scale
    if rounded == rounded.rounded(), abs(rounded) < 1e15 { return String(Int64(rounded)) }
    return String(rounded)
  }

  private static func tenToThe(_ digits: Int) -> Double {
    (0..<digits).reduce(1.0) { product, _ in product * 10 }
  }
}
