import EventJSON
import Foundation
import Terminal

/// What a benchmark found, for people and for programs.
struct Report {
  let benchmark: String
  var settings: [JSONValue.Member]
  var latencies: [LatencyRow] = []
  var rows: [Row] = []
  /// What the ratios of the rows are to; nil when there are none.
  var ratioTitle: String?
  var goals: [Goal] = []
  var notes: [String] = []

  init(_ benchmark: String, _ rounds: RoundOptions, _ settings: [JSONValue.Member] = []) {
    self.benchmark = benchmark
    self.settings =
      settings + [
        .init("cpus", .string(rounds.cpus.description)), .init("repeats", .integer(rounds.repeats)),
        .init("warmup", .integer(rounds.warmup)),
      ]
  }

  /// Each key once: its median, of the first row that has it, then all rows, then what they mean nothing without.
  func json(machine: MachineFacts) -> JSONValue {
    let all = latencies.flatMap(\.rows) + rows
    var seen = Set<String>()
    let medians = all.filter { seen.insert($0.key).inserted }.map { JSONValue.Member($0.key, .decimal($0.median)) }
    return .object(
      [.init("benchmark", .string(benchmark))] + medians + [.init("results", .array(all.map(\.json)))]
        + (goals.isEmpty ? [] : [.init("goals", .array(goals.map(\.json)))])
        + [
          .init("settings", .object(settings)), .init("machine", machine.json),
          .init("git_commit", .string(machine.gitCommit)),
        ])
  }

  func text(machine: MachineFacts, paint: Paint) -> String {
    let settings = settings.map { "\($0.name) \($0.value.plain)" }.joined(separator: ", ")
    var lines = [paint("ringperf \(benchmark)", .bold) + "  " + paint(machine.line, .dim), paint(settings, .dim)]
    if !latencies.isEmpty { lines += [""] + LatencyRow.table(latencies).lines(paint: paint) }
    if !rows.isEmpty { lines += [""] + rowTable.lines(paint: paint) }
    if !goals.isEmpty { lines += [""] + Goal.table(goals).lines(paint: paint) }
    if !notes.isEmpty { lines += [""] + notes }
    return lines.joined(separator: "\n")
  }

  private var rowTable: TextTable {
    var table = TextTable(titles: ["", "median", "spread", "least", "most"] + (ratioTitle.map { [$0] } ?? []))
    for row in rows {
      let summary = Summary(row.values)
      table.add(
        [
          TextTable.Cell(row.what, .bold), TextTable.Cell(row.unit.text(summary.median)),
          TextTable.Cell(summary.spreadText), TextTable.Cell(row.unit.text(summary.least)),
          TextTable.Cell(row.unit.text(summary.most)),
        ] + (ratioTitle.map { _ in [TextTable.Cell(row.ratio.map { Unit.ratio.text($0) } ?? "-")] } ?? []))
    }
    return table
  }

  /// Prints the report and writes the distribution of the first latencies where that was asked for.
  func publish(_ output: OutputOptions) throws {
    let machine = MachineFacts.read()
    print(output.json ? json(machine: machine).text : text(machine: machine, paint: Paint(TerminalCapabilities())))
    if let path = output.hdr {
      guard let first = latencies.first else {
        throw BenchmarkError("\(benchmark) has no latencies to write to \(path)")
      }
      try Files.write(first.rounds.all.merged.percentileDistribution, to: path)
    }
  }
}

enum Files {
  static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      throw BenchmarkError("cannot write \(path): \(error.localizedDescription)")
    }
  }
}

extension JSONValue {
  /// Without the quotes of a string.
  var plain: String {
    if case .string(let text) = self { text } else { text }
  }
}
