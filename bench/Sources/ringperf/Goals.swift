import ArgumentParser
import EventJSON
import Foundation

struct GoalsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "goals",
    abstract: "Every figure that was promised: goal, measured, met or missed.",
    discussion: """
      Runs all benchmarks, those that are compared with each other in turns. Takes some minutes; wants a machine that \
      does nothing else. Goals against other designs need the package trait Compare (bench/ringperf goals) and their \
      -dev packages; without them they are not measured.

      Each run is added to --history, and a goal is judged by the median of the last five runs of the same commit and the \
      same options on the same processor; by this run alone where the sources were changed. "report" draws the newest run as a page.

      JSON: goals, a list of rows with what, unit, at_least or at_most, measured, runs and met.
      """)

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("Length of a round of heartbeat, udp and journal.", valueName: "ms"))
  var duration = 500

  @Option(help: ArgumentHelp("Where the journal is to be.", valueName: "folder"))
  var folder = FileManager.default.temporaryDirectory.path

  @Option(help: ArgumentHelp("Add this run to it, and judge by the runs in it; none for neither.", valueName: "file"))
  var history = History.usualPath

  func validate() throws {
    try expect("--duration", duration, in: 10...600_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    var measurements = GoalMeasurements(rounds: rounds, durationNs: UInt64(duration) * 1_000_000, folder: folder)
    try measurements.measure()
    var report = Report("goals", rounds, [.init("duration_ms", .integer(duration)), .init("folder", .string(folder))])
    report.goals = measurements.goals
    let machine = MachineFacts.read()
    let kept = history == "none" ? nil : History(path: history)
    report.goals = History.judge(report.goals, with: kept?.runs() ?? [], settings: report.settings, machine: machine)
    let judged = report.goals.compactMap(\.isMet)
    report.notes = [
      "\(judged.count { $0 }) of \(judged.count) met, \(report.goals.count - judged.count) not measured."
    ]
    try report.publish(output)
    guard let kept, case .object(let members) = report.json(machine: machine) else { return }
    try kept.append(
      .object(
        members + [
          .init("time", .string(Date.now.ISO8601Format())), .init("charts", .array(measurements.charts.map(\.json))),
        ]))
  }
}
