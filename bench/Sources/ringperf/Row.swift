import EventJSON
import Foundation
import Terminal

/// One figure of a report: what was measured, under which conditions, round by round.
struct Row {
  let what: String
  /// With its unit at the end: stable, for programs.
  let key: String
  let unit: Unit
  let values: [Double]
  /// What tells rows with the same key apart, as `workers`.
  var conditions: [JSONValue.Member] = []
  /// How it compares with what the report says; more than 1 is better.
  var ratio: Double?

  init(
    _ what: String, _ key: String, _ values: [Double], _ unit: Unit = .nanoseconds,
    _ conditions: [JSONValue.Member] = [], ratio: Double? = nil
  ) {
    (self.what, self.key, self.values, self.unit) = (what, key, values, unit)
    (self.conditions, self.ratio) = (conditions, ratio)
  }

  var median: Double { Summary(values).median }

  var json: JSONValue {
    let summary = Summary(values)
    return .object(
      [.init("what", .string(what)), .init("key", .string(key)), .init("unit", .string(unit.rawValue))] + conditions
        + [.init("median", .decimal(summary.median))] + (ratio.map { [.init("ratio", .decimal($0))] } ?? [])
        + [
          .init("lower_quartile", .decimal(summary.lowerQuartile)),
          .init("upper_quartile", .decimal(summary.upperQuartile)), .init("least", .decimal(summary.least)),
          .init("most", .decimal(summary.most)), .init("rounds", .array(values.map { .decimal($0) })),
        ])
  }
}

/// Latencies of one thing over the rounds.
struct LatencyRow {
  let what: String
  /// The keys are `PREFIX_p50` and so on.
  let prefix: String
  let rounds: LatencyRounds

  init(_ what: String, _ prefix: String, _ rounds: LatencyRounds) {
    (self.what, self.prefix, self.rounds) = (what, prefix, rounds)
  }

  /// What is shown and written, in order: with the machine's interruptions and without.
  private var columns: [(key: String, text: String, values: [Double]?, unit: Unit)] {
    let calm = rounds.calm
    return [
      ("p50", "p50", rounds.all.p50, .nanoseconds), ("p99", "p99", rounds.all.p99, .nanoseconds),
      ("p999", "p99.9", rounds.all.p999, .nanoseconds),
      ("interrupted", "interrupted", rounds.interruptedShare.isEmpty ? nil : rounds.interruptedShare, .ratio),
      ("uninterrupted_p99", "p99 uninterrupted", calm?.p99, .nanoseconds),
      ("uninterrupted_p999", "p99.9 uninterrupted", calm?.p999, .nanoseconds),
    ]
  }

  var rows: [Row] {
    columns.compactMap { column in
      column.values.map { Row("\(what), \(column.text)", "\(prefix)_\(column.key)", $0, column.unit) }
    }
  }

  static func table(_ rows: [LatencyRow]) -> TextTable {
    var table = TextTable(titles: [""] + rows[0].columns.map(\.text) + ["spread of p50", "samples"])
    for row in rows {
      let cells = row.columns.map { column -> TextTable.Cell in
        guard let values = column.values else { return "-" }
        let median = Summary(values).median
        return TextTable.Cell(
          column.unit == .ratio ? String(format: "%.3f %%", median * 100) : column.unit.text(median))
      }
      table.add(
        [TextTable.Cell(row.what, .bold)] + cells + [
          TextTable.Cell(Summary(row.rounds.all.p50).spreadText), TextTable.Cell("\(row.rounds.all.merged.count)"),
        ])
    }
    return table
  }
}
