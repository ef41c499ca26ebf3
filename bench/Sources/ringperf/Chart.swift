import EventJSON
import Foundation

/// A diagram of a few lines, both axes logarithmic.
struct Chart {
  struct Line {
    let name: String
    let points: [(x: Double, y: Double)]
  }

  /// How numbers are written at an axis.
  enum Scale: String {
    /// 10 stands for 90 %, 1,000 for 99.9 %.
    case percentile
    case count
    case nanoseconds
    case perSecond

    func text(_ value: Double) -> String {
      switch self {
      case .percentile: value <= 2 ? "50 %" : "\(JSONValue.decimal(100 - 100 / value).text) %"
      case .count: value >= 1000 ? "\(Int(value / 1000))k" : "\(Int(value))"
      case .nanoseconds: Unit.nanoseconds.text(value)
      case .perSecond: Unit.perSecond.text(value)
      }
    }
  }

  let title: String
  let x: Scale
  let y: Scale
  let lines: [Line]

  var json: JSONValue {
    .object([
      .init("title", .string(title)), .init("x", .string(x.rawValue)), .init("y", .string(y.rawValue)),
      .init(
        "lines",
        .array(
          lines.map { line in
            .object([
              .init("name", .string(line.name)),
              .init("points", .array(line.points.map { .array([.decimal($0.x), .decimal($0.y)]) })),
            ])
          })),
    ])
  }

  init(_ title: String, x: Scale, y: Scale, _ lines: [Line]) {
    (self.title, self.x, self.y) = (title, x, y)
    self.lines = lines.map { Line(name: $0.name, points: $0.points.filter { $0.x > 0 && $0.y > 0 }) }
      .filter { !$0.points.isEmpty }
  }

  /// - Returns: nil when it is none.
  init?(json: JSONValue) {
    guard case .string(let title)? = json["title"], case .string(let x)? = json["x"], case .string(let y)? = json["y"],
      let x = Scale(rawValue: x), let y = Scale(rawValue: y), case .array(let lines)? = json["lines"]
    else { return nil }
    self.init(
      title, x: x, y: y,
      lines.compactMap { line in
        guard case .string(let name)? = line["name"], case .array(let points)? = line["points"] else { return nil }
        return Line(
          name: name,
          points: points.compactMap { point in
            guard case .array(let pair) = point, pair.count == 2, let x = pair[0].double, let y = pair[1].double else {
              return nil
            }
            return (x, y)
          })
      })
  }

  // MARK: Drawing

  private static let (width, height, left, right, top, bottom) = (760.0, 360.0, 80.0, 240.0, 40.0, 40.0)
  private static let colours = [
    "#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#17becf", "#8c564b", "#7f7f7f",
    "#e377c2", "#bcbd22", "#000000", "#393b79",
  ]

  /// The diagram alone, to stand in a page.
  var svg: String {
    let points = lines.flatMap(\.points)
    guard !points.isEmpty else { return "" }
    let across = Axis(points.map(\.x), from: Self.left, to: Self.width - Self.right)
    let up = Axis(points.map(\.y), from: Self.height - Self.bottom, to: Self.top)
    var parts = ["<text x='\(Self.left)' y='22' class='title'>\(Self.escaped(title))</text>"]
    for tick in up.ticks {
      let y = up.place(tick)
      parts.append("<line x1='\(Self.left)' x2='\(Self.width - Self.right)' y1='\(y)' y2='\(y)' class='grid'/>")
      parts.append("<text x='\(Self.left - 6)' y='\(y + 4)' class='right'>\(self.y.text(tick))</text>")
    }
    for tick in across.ticks {
      parts.append(
        "<text x='\(across.place(tick))' y='\(Self.height - Self.bottom + 18)' class='middle'>\(self.x.text(tick))</text>"
      )
    }
    for (index, line) in lines.enumerated() {
      let colour = Self.colours[index % Self.colours.count]
      let path = line.points.map { "\(across.place($0.x)),\(up.place($0.y))" }.joined(separator: " ")
      parts.append("<polyline points='\(path)' fill='none' stroke='\(colour)' stroke-width='2'/>")
      if line.points.count == 1 {
        parts.append(
          "<circle cx='\(across.place(line.points[0].x))' cy='\(up.place(line.points[0].y))' r='4' fill='\(colour)'/>")
      }
      let y = Self.top + Double(index) * 18
      parts.append(
        "<text x='\(Self.width - Self.right + 12)' y='\(y + 4)' fill='\(colour)'>\(Self.escaped(line.name))</text>")
    }
    return "<svg viewBox='0 0 \(Self.width) \(Self.height)' role='img'>" + parts.joined() + "</svg>"
  }

  /// A logarithmic one, with a tick for each power of ten; on a short one also between them.
  private struct Axis {
    let ticks: [Double]
    private let (low, high, from, to): (Double, Double, Double, Double)

    init(_ values: [Double], from: Double, to: Double) {
      let (least, most) = (values.min() ?? 1, values.max() ?? 1)
      (low, high) = (log10(least), max(log10(most), log10(least) + 0.1))
      (self.from, self.to) = (from, to)
      let steps = high - low < 0.7 ? Array(1...9) : high - low < 2 ? [1, 2, 5] : [1]
      ticks = (Int(low.rounded(.down))...Int(high.rounded(.up))).flatMap { power in
        steps.map { Double($0) * pow(10, Double(power)) }
      }
      .filter { $0 >= least * 0.999 && $0 <= most * 1.001 }
    }

    /// To a tenth of a unit.
    func place(_ value: Double) -> Double {
      ((from + (log10(value) - low) / (high - low) * (to - from)) * 10).rounded() / 10
    }
  }

  static func escaped(_ text: String) -> String {
    text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
      .replacingOccurrences(of: ">", with: "&gt;")
  }
}

extension LatencyHistogram {
  /// Latencies by percentile, evenly on the scale of 1 / (1 - percentile), as HdrHistogram's plots have it.
  var curve: [(x: Double, y: Double)] {
    (4...80).map { pow(10, Double($0) / 16) }.filter { $0 <= Double(count) / 10 }
      .map { ($0, percentile(100 - 100 / $0)) }
  }
}

extension JSONValue {
  /// nil for what is no number, and for one that no figure reaches.
  var double: Double? {
    guard case .number(let text) = self, let value = Double(text), abs(value) < 1e15 else { return nil }
    return value
  }
}
