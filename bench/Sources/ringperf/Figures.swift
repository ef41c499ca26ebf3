import Foundation
import Terminal

/// Figures as the tables show them.
enum Figures {
  static func perSecond(_ value: Double) -> String {
    HumanNumber.rate(perSecond: value)
  }

  static func ns(_ value: Double) -> String {
    value < 100 ? String(format: "%.2f ns", value) : HumanNumber.duration(ns: UInt64(value))
  }

  static func spread(_ summary: Summary) -> String {
    String(format: "±%.1f%%", summary.spread * 50)
  }

  static func ratio(_ value: Double) -> String {
    String(format: "%.2f", value)
  }
}

extension TextTable {
  /// Percentiles of latencies over the rounds.
  static func latencies(_ rows: [(name: String, rounds: LatencyRounds)]) -> TextTable {
    var table = TextTable("", "p50", "p99", "p99.9", "spread of p50", "samples")
    for row in rows {
      let p50 = Summary(row.rounds.p50)
      table.add(
        TextTable.Cell(row.name, .bold), TextTable.Cell(Figures.ns(p50.median)),
        TextTable.Cell(Figures.ns(Summary(row.rounds.p99).median)),
        TextTable.Cell(Figures.ns(Summary(row.rounds.p999).median)), TextTable.Cell(Figures.spread(p50)),
        TextTable.Cell("\(row.rounds.merged.count)"))
    }
    return table
  }
}

extension Report {
  /// Adds the three percentiles under the stable keys `PREFIX_p50`, `_p99`, `_p999`.
  mutating func add(_ prefix: String, _ latencies: LatencyRounds) {
    add("\(prefix)_p50", latencies.p50)
    add("\(prefix)_p99", latencies.p99)
    add("\(prefix)_p999", latencies.p999)
  }

  mutating func addSettings(_ rounds: RoundOptions) {
    settings += [
      .init("cpus", .string(rounds.cpus.description)), .init("repeats", .integer(rounds.repeats)),
      .init("warmup", .integer(rounds.warmup)),
    ]
  }
}
