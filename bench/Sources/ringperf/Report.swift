import EventJSON
import Foundation
import Terminal

/// What a benchmark found, for people and for programs.
///
/// The keys of the JSON are stable: figures bear their unit in the name, the median under that name, the quartiles and
/// the rounds in `rounds`.
struct Report {
  let benchmark: String
  var settings: [JSONValue.Member] = []
  var figures: [JSONValue.Member] = []
  /// Named lists of rows, as `results` of `compare`.
  var lists: [JSONValue.Member] = []
  var rounds: [JSONValue.Member] = []
  var table: TextTable
  var notes: [String] = []
  var latencies: LatencyRecorder?

  init(benchmark: String, table: TextTable) {
    self.benchmark = benchmark
    self.table = table
  }

  /// Adds a figure with its spread.
  mutating func add(_ name: String, _ values: [Double]) {
    let summary = Summary(values)
    figures.append(.init(name, .decimal(summary.median)))
    rounds.append(
      .init(
        name,
        .object([
          .init("lower_quartile", .decimal(summary.lowerQuartile)),
          .init("upper_quartile", .decimal(summary.upperQuartile)), .init("least", .decimal(summary.least)),
          .init("most", .decimal(summary.most)), .init("values", .array(values.map { .decimal($0) })),
        ])))
  }

  func json(machine: MachineFacts) -> JSONValue {
    .object(
      [.init("benchmark", .string(benchmark))] + figures + lists
        + [
          .init("settings", .object(settings)), .init("rounds", .object(rounds)), .init("machine", machine.json),
          .init("git_commit", .string(machine.gitCommit)),
        ])
  }

  func text(machine: MachineFacts, paint: Paint) -> String {
    var lines = [paint("ringperf \(benchmark)", .bold) + "  " + paint(machine.line, .dim)]
    if !settings.isEmpty {
      lines.append(paint(settings.map { "\($0.name) \($0.value.plain)" }.joined(separator: ", "), .dim))
    }
    lines.append("")
    lines += table.lines(paint: paint)
    if !notes.isEmpty { lines += [""] + notes }
    return lines.joined(separator: "\n")
  }

  /// Prints the report and writes the files that were asked for.
  func publish(_ output: OutputOptions, hdr: String? = nil) throws {
    let machine = MachineFacts.read()
    if let path = hdr {
      guard let latencies else { throw BenchmarkError("\(benchmark) has no latencies to write to \(path)") }
      try Report.write(latencies.percentileDistribution, to: path)
    }
    if output.json {
      print(json(machine: machine).text)
    } else {
      print(text(machine: machine, paint: Paint(TerminalCapabilities())))
    }
  }

  private static func write(_ text: String, to path: String) throws {
    do {
      try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    } catch {
      throw BenchmarkError("cannot write \(path): \(error.localizedDescription)")
    }
  }
}

extension JSONValue {
  /// Without the quotes of a string.
  fileprivate var plain: String {
    if case .string(let text) = self { text } else { text }
  }
}
