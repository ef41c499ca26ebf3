import EventModel
import Terminal

/// A job's tasks as a bar of one segment a state. Each state has its own character, so that it can be read without
/// colours too.
struct TaskBar {
  private struct Part {
    let name: String
    let count: Int
    let character: String
    let styles: [Style]
  }

  private let parts: [Part]

  init(_ job: JobView) {
    func count(_ states: TaskState...) -> Int {
      states.reduce(0) { $0 + job.taskCounts[$1] }
    }
    let ended = TaskState.allCases.filter { $0.isTerminal && $0 != .succeeded }
    parts = [
      Part(name: "succeeded", count: count(.succeeded), character: "█", styles: [.green]),
      Part(name: "running", count: count(.running, .building), character: "▓", styles: [.cyan]),
      Part(name: "assigned", count: count(.assigned), character: "▒", styles: [.yellow]),
      Part(name: "pending", count: count(.pending), character: "░", styles: [.dim]),
      Part(
        name: "ended", count: ended.reduce(0) { $0 + job.taskCounts[$1] }, character: "▚",
        styles: [.red]),
    ]
  }

  /// Exactly `columns` wide; a state that has any tasks has at least one column, as far as they reach.
  func text(columns: Int, paint: Paint) -> String {
    let total = parts.reduce(0) { $0 + $1.count }
    guard total > 0 else { return String(repeating: " ", count: columns) }
    let present = parts.filter { $0.count > 0 }
    var widths = present.map { max(1, $0.count * columns / total) }
    while widths.reduce(0, +) != columns {
      let excess = widths.reduce(0, +) - columns
      guard let widest = widths.indices.max(by: { widths[$0] < widths[$1] }), widths[widest] - excess.signum() > 0
      else { break }
      widths[widest] -= excess.signum()
    }
    return zip(present, widths).map { part, width in
      paint(String(repeating: part.character, count: width), part.styles)
    }.joined()
  }

  /// `380 succeeded, 20 running`.
  var legend: String {
    parts.filter { $0.count > 0 }.map { "\($0.count) \($0.name)" }.joined(separator: ", ")
  }
}

/// Numbers as a line of small columns.
enum Sparkline {
  private static let columns = Array("▁▂▃▄▅▆▇█")

  /// One character a value; the highest is as high as the largest value.
  static func text(_ values: [Double]) -> String {
    guard let most = values.max(), most > 0 else { return String(repeating: "▁", count: values.count) }
    return String(
      values.map { value in
        columns[min(max(Int(value / most * Double(columns.count)), 0), columns.count - 1)]
      })
  }
}
