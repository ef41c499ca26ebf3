/// Numbers as people read them: three digits that count, and a unit.
public enum HumanNumber {
  /// `999`, `12.3 k`, `1.5 M`.
  public static func count(_ value: UInt64) -> String {
    scaled(Double(value), units: [("", 1), (" k", 1e3), (" M", 1e6), (" G", 1e9), (" T", 1e12)])
  }

  /// `512 B`, `1.5 MiB`.
  public static func bytes(_ value: UInt64) -> String {
    scaled(
      Double(value),
      units: [(" B", 1), (" KiB", 0x1p10), (" MiB", 0x1p20), (" GiB", 0x1p30), (" TiB", 0x1p40)])
  }

  /// A rate, which may be below one: `0.25/s`, `12.3 k/s`.
  public static func rate(perSecond value: Double) -> String {
    scaled(value, units: [("", 1), (" k", 1e3), (" M", 1e6), (" G", 1e9)]) + "/s"
  }

  /// `340 ns`, `45 ms`, `12.5 s`, `3 m 5 s`, `2 h 10 m`, `4 d 1 h`.
  public static func duration(ns: UInt64) -> String {
    let secondNs: UInt64 = 1_000_000_000
    // Below what rounds to a full minute.
    guard ns >= 60 * secondNs - secondNs / 20 else {
      return scaled(Double(ns), units: [(" ns", 1), (" µs", 1e3), (" ms", 1e6), (" s", 1e9)])
    }
    let seconds = ns / secondNs + (ns % secondNs >= secondNs / 2 ? 1 : 0)
    let units: [(name: String, seconds: UInt64)] = [("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)]
    let largest = units.firstIndex { seconds >= $0.seconds } ?? units.count - 1
    let whole = "\(seconds / units[largest].seconds) \(units[largest].name)"
    guard largest + 1 < units.count else { return whole }
    let part = seconds % units[largest].seconds / units[largest + 1].seconds
    return part == 0 ? whole : "\(whole) \(part) \(units[largest + 1].name)"
  }

  public static func duration(ms: UInt64) -> String {
    let (ns, overflow) = ms.multipliedReportingOverflow(by: 1_000_000)
    return duration(ns: overflow ? .max : ns)
  }

  /// `0%`, `12.5%`, `100%`. It is 100% only when it is all.
  public static func percent(_ fraction: Double) -> String {
    guard fraction.isFinite else { return "-" }
    let rounded = (fraction * 1000).rounded() / 10
    let shown = fraction < 1 ? min(rounded, 99.9) : rounded
    return decimal(shown, places: 1) + "%"
  }

  private static func scaled(_ value: Double, units: [(name: String, size: Double)]) -> String {
    guard value.isFinite else { return "-" }
    for (index, unit) in units.enumerated() {
      let inUnit = value / unit.size
      let isLast = index == units.count - 1
      // What would be rounded up to four digits belongs to the next unit.
      guard isLast || inUnit < units[index + 1].size / unit.size - 0.5 else { continue }
      let places = inUnit < 9.995 ? 2 : inUnit < 99.95 ? 1 : 0
      return decimal(inUnit, places: places) + unit.name
    }
    return String(value)
  }

  /// Rounded to so many decimals, without trailing zeros.
  private static func decimal(_ value: Double, places: Int) -> String {
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    var text = String((value * scale).rounded() / scale)
    if text.hasSuffix(".0") { text.removeLast(2) }
    return text
  }
}
