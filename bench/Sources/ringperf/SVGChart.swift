import Foundation

/// A picture of a benchmark's figures, readable in any browser.
enum SVGChart {
  /// Latency by percentile, both axes logarithmic: the horizontal one counts nines.
  case percentiles(title: String, curve: [(nines: Double, ns: Double)])
  /// One bar for each figure, longest first as given; logarithmic when the figures differ by orders of magnitude.
  case bars(title: String, unit: String, bars: [(label: String, value: Double)])

  private static let width = 860.0
  private static let left = 230.0
  private static let right = 90.0
  private static let top = 48.0
  private static let barHeight = 26.0
  private static let plotHeight = 320.0
  /// Bars that differ by more than this get a logarithmic axis.
  private static let linearRange = 50.0

  var svg: String {
    switch self {
    case .percentiles(let title, let curve): Self.percentiles(title, curve)
    case .bars(let title, let unit, let bars): Self.bars(title, unit, bars)
    }
  }

  // MARK: bars

  private static func bars(_ title: String, _ unit: String, _ bars: [(label: String, value: Double)]) -> String {
    let shown = bars.filter { $0.value > 0 && $0.value.isFinite }
    let most = shown.map(\.value).max() ?? 1
    let least = shown.map(\.value).min() ?? 1
    let isLogarithmic = most / least > linearRange
    let floor = isLogarithmic ? log10(least) - 0.5 : 0
    let room = width - left - right
    var body = ""
    for (index, bar) in shown.enumerated() {
      let share = isLogarithmic ? (log10(bar.value) - floor) / (log10(most) - floor) : bar.value / most
      let y = top + Double(index) * barHeight
      body += text(left - 8, y + 16, bar.label, anchor: "end")
      body += "<rect x=\"\(left)\" y=\"\(format(y + 3))\" width=\"\(format(max(share * room, 1)))\" "
      body += "height=\"\(barHeight - 8)\" fill=\"\(index == 0 ? "#1f6feb" : "#8b949e")\"/>\n"
      body += text(left + share * room + 6, y + 16, short(bar.value), anchor: "start")
    }
    let height = top + Double(shown.count) * barHeight + 30
    let scale = isLogarithmic ? "\(unit), logarithmic" : unit
    return document(height, title) + body + text(left, height - 10, scale, anchor: "start") + "</svg>\n"
  }

  // MARK: percentiles

  private static func percentiles(_ title: String, _ curve: [(nines: Double, ns: Double)]) -> String {
    let points = curve.filter { $0.ns > 0 && $0.nines >= 1 }
    let mostNines = max(points.map(\.nines).max() ?? 10, 10)
    let low = (log10(points.map(\.ns).min() ?? 1)).rounded(.down)
    let high = max((log10(points.map(\.ns).max() ?? 10)).rounded(.up), low + 1)
    let axisLeft = 90.0
    let room = width - axisLeft - 40
    func x(_ nines: Double) -> Double { axisLeft + log10(nines) / log10(mostNines) * room }
    func y(_ ns: Double) -> Double { top + (high - log10(ns)) / (high - low) * plotHeight }
    var body = ""
    for power in Int(low)...Int(high) {
      let value = pow(10, Double(power))
      body += line(axisLeft, y(value), axisLeft + room, y(value))
      body += text(axisLeft - 8, y(value) + 4, duration(value), anchor: "end")
    }
    for (nines, label) in [(1.0, "0%"), (2, "50%"), (10, "90%"), (100, "99%"), (1000, "99.9%"), (10_000, "99.99%")]
    where nines <= mostNines {
      body += line(x(nines), top, x(nines), top + plotHeight)
      body += text(x(nines), top + plotHeight + 18, label, anchor: "middle")
    }
    let path = points.map { "\(format(x($0.nines))),\(format(y($0.ns)))" }.joined(separator: " ")
    body += "<polyline points=\"\(path)\" fill=\"none\" stroke=\"#1f6feb\" stroke-width=\"2\"/>\n"
    return document(top + plotHeight + 40, title) + body + "</svg>\n"
  }

  // MARK: pieces

  private static func document(_ height: Double, _ title: String) -> String {
    """
    <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(format(width)) \(format(height))" \
    font-family="sans-serif" font-size="13">
    <rect width="100%" height="100%" fill="white"/>
    <text x="16" y="26" font-size="16" font-weight="bold">\(escaped(title))</text>

    """
  }

  private static func text(_ x: Double, _ y: Double, _ text: String, anchor: String) -> String {
    "<text x=\"\(format(x))\" y=\"\(format(y))\" text-anchor=\"\(anchor)\">\(escaped(text))</text>\n"
  }

  private static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) -> String {
    "<line x1=\"\(format(x1))\" y1=\"\(format(y1))\" x2=\"\(format(x2))\" y2=\"\(format(y2))\" stroke=\"#d0d7de\"/>\n"
  }

  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;").replacingOccurrences(of: "\"", with: "&quot;")
  }

  private static func format(_ value: Double) -> String {
    String(format: "%.1f", value)
  }

  private static func short(_ value: Double) -> String {
    let units: [(Double, String)] = [(1e9, " G"), (1e6, " M"), (1e3, " k")]
    for (size, unit) in units where value >= size { return String(format: "%.3g", value / size) + unit }
    return String(format: "%.3g", value)
  }

  private static func duration(_ ns: Double) -> String {
    let units: [(Double, String)] = [(1e9, " s"), (1e6, " ms"), (1e3, " µs")]
    for (size, unit) in units where ns >= size { return String(format: "%.0f", ns / size) + unit }
    return String(format: "%.0f ns", ns)
  }
}
