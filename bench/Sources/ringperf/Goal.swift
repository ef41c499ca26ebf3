import EventJSON
import Terminal

/// A figure that was promised, and what it came to.
struct Goal {
  let what: String
  let bound: Bound
  /// nil when it could not be measured here.
  let measured: Double?
  let unit: Unit

  enum Bound {
    case atLeast(Double)
    case atMost(Double)

    var value: Double {
      switch self {
      case .atLeast(let value), .atMost(let value): value
      }
    }

    func isMet(by measured: Double) -> Bool {
      switch self {
      case .atLeast(let value): measured >= value
      case .atMost(let value): measured <= value
      }
    }
  }

  init(_ what: String, _ bound: Bound, _ measured: Double?, _ unit: Unit = .ratio) {
    self.what = what
    self.bound = bound
    self.measured = measured
    self.unit = unit
    runs = measured.map { [$0] } ?? []
  }

  static func table(_ goals: [Goal]) -> TextTable {
    var table = TextTable("goal", "bound", "measured", "median", "runs that met it", "")
    for goal in goals {
      let verdict: TextTable.Cell =
        switch goal.isMet {
        case .some(true): TextTable.Cell("met", .green)
        case .some(false): TextTable.Cell("missed", .red)
        case .none: TextTable.Cell("not measured", .dim)
        }
      let met = goal.runs.count { goal.bound.isMet(by: $0) }
      table.add(
        TextTable.Cell(goal.what), TextTable.Cell(goal.boundText),
        TextTable.Cell(goal.measured.map { goal.unit.text($0) } ?? "-"),
        TextTable.Cell(goal.runs.isEmpty ? "-" : goal.unit.text(Summary(goal.runs).median)),
        TextTable.Cell(goal.runs.isEmpty ? "-" : "\(met) of \(goal.runs.count)"), verdict)
    }
    return table
  }

  /// What it came to in this run and in those before that it is judged with.
  var runs: [Double]

  /// By the median of the runs: one run is one moment of the machine. nil when it was not measured.
  var isMet: Bool? {
    runs.isEmpty ? nil : bound.isMet(by: Summary(runs).median)
  }

  var boundText: String {
    switch bound {
    case .atLeast(let value): "≥ \(unit.text(value))"
    case .atMost(let value): "≤ \(unit.text(value))"
    }
  }

  var json: JSONValue {
    .object([
      .init("what", .string(what)), .init("unit", .string(unit.rawValue)),
      .init(
        { if case .atLeast = bound { "at_least" } else { "at_most" } }(), .decimal(bound.value)),
      .init("measured", measured.map { .decimal($0) } ?? .null),
      .init("runs", .array(runs.map { .decimal($0) })), .init("met", isMet.map { .boolean($0) } ?? .null),
    ])
  }
}
