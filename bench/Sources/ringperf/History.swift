import ArgumentParser
import EventJSON
import Foundation
import Platform

/// The runs of `goals`, one line of JSON each, the newest last.
struct History {
  let path: String

  /// A goal is judged by so many runs of the same commit on the same processor.
  static let judgedRuns = 5

  static var usualPath: String {
    let chosen = Environment.value("XDG_STATE_HOME") ?? ""
    let state = chosen.isEmpty ? "\(Environment.value("HOME") ?? "/tmp")/.local/state" : chosen
    return "\(state)/ringmaster/ringperf.ndjson"
  }

  /// All runs; none when there is no such file. A line that is none is left out.
  func runs() -> [JSONValue] {
    let bytes = (try? Data(contentsOf: URL(fileURLWithPath: path))) ?? Data()
    return bytes.split(separator: UInt8(ascii: "\n")).compactMap { try? JSONValue(parsing: Array($0)) }
  }

  func append(_ run: JSONValue) throws {
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if !FileManager.default.fileExists(atPath: path) { try Files.write("", to: path) }
    let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    try file.seekToEnd()
    // The line before may have been torn.
    try file.write(contentsOf: Data(("\n" + run.text + "\n").utf8))
  }

  /// Gives goals the runs before that they are judged with.
  static func judge(
    _ goals: [Goal], with runs: [JSONValue], settings: [JSONValue.Member], machine: MachineFacts
  ) -> [Goal] {
    guard machine.isOfACommit else { return goals }
    let same = runs.filter {
      $0["git_commit"] == .string(machine.gitCommit) && $0["machine"]?["cpu"] == .string(machine.cpu)
        && $0["settings"] == .object(settings)
    }
    return goals.map { goal in
      var goal = goal
      let before = same.compactMap { run -> Double? in
        guard case .array(let goals)? = run["goals"] else { return nil }
        return goals.first { $0["what"] == .string(goal.what) }?["measured"]?.double
      }
      if goal.measured != nil { goal.runs = before.suffix(judgedRuns - 1) + goal.runs }
      return goal
    }
  }
}

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Draws the newest run of goals as one page: latency curves, throughput, cost by fleet size, all goals.",
    discussion: """
      The page is HTML with the diagrams in it and needs nothing else. It shows the newest run in --history and judges its \
      goals as that run did.

      JSON: the run that is drawn, as goals has it.
      """)

  @Option(help: ArgumentHelp("Runs of goals, as that wrote them.", valueName: "file"))
  var history = History.usualPath

  @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the page.", valueName: "file"))
  var output = "ringperf.html"

  @Flag(help: "Print the run instead of drawing it.")
  var json = false

  func run() throws {
    guard let run = History(path: history).runs().last else {
      throw BenchmarkError("\(history) has no run: run ringperf goals first")
    }
    if json { return print(run.text) }
    try Files.write(Self.page(run), to: output)
    print("wrote \(output)")
  }

  static func page(_ run: JSONValue) -> String {
    func text(_ value: JSONValue?) -> String { Chart.escaped(value?.plain ?? "-") }
    func list(_ value: JSONValue?) -> [JSONValue] { if case .array(let values)? = value { values } else { [] } }
    let charts = list(run["charts"]).compactMap(Chart.init(json:))
    let goals = list(run["goals"]).map { goal -> String in
      let unit = Unit(rawValue: goal["unit"]?.plain ?? "") ?? .ratio
      let (least, most) = (goal["at_least"]?.double, goal["at_most"]?.double)
      let runs = list(goal["runs"]).compactMap(\.double)
      let bound = least.map { "≥ \(unit.text($0))" } ?? most.map { "≤ \(unit.text($0))" } ?? "-"
      let verdict = goal["met"] == .boolean(true) ? "met" : goal["met"] == .boolean(false) ? "missed" : "not measured"
      let median = runs.isEmpty ? "-" : unit.text(Summary(runs).median)
      return "<tr class='\(verdict)'><td>\(text(goal["what"]))</td><td>\(bound)</td><td>\(median)</td>"
        + "<td>\(runs.count)</td><td>\(verdict)</td></tr>"
    }
    return """
      <!doctype html><html lang="en"><head><meta charset="utf-8"><title>ringperf</title><style>
      body { font: 15px sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em }
      svg { width: 100%; font: 12px sans-serif } .title { font-weight: bold; font-size: 15px }
      .grid { stroke: #ddd } .right { text-anchor: end } .middle { text-anchor: middle }
      td, th { text-align: left; padding: 2px 12px 2px 0 } .missed td:last-child { color: #b00 } .met td:last-child { color: #080 }
      </style></head><body><h1>ringperf</h1>
      <p>\(text(run["machine"]?["cpu"])), \(text(run["machine"]?["cores"])) cores, Linux \(text(run["machine"]?["kernel"])), \
      commit \(text(run["git_commit"])), \(text(run["time"]))</p>
      \(charts.map(\.svg).joined(separator: "\n"))
      <table><tr><th>goal</th><th>bound</th><th>median</th><th>runs</th><th></th></tr>
      \(goals.joined(separator: "\n"))
      </table></body></html>

      """
  }
}
