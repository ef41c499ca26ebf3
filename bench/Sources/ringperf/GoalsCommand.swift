import ArgumentParser
import Terminal

struct GoalsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "goals",
    abstract: "Every figure that was promised: goal, measured, met or missed.",
    discussion: """
      Runs all benchmarks, those that are compared with each other in turns. Takes some minutes; wants a machine that \
      does nothing else. Goals against other designs need the package trait Compare (bench/ringperf goals) and their \
      -dev packages; without them they are not measured.

      JSON: goals, a list of rows with what, unit, at_least or at_most, measured and met.
      """)

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  @Option(help: ArgumentHelp("Length of a round of heartbeat and udp.", valueName: "ms"))
  var duration = 500

  func validate() throws {
    try expect("--duration", duration, in: 10...600_000)
  }

  func run() throws {
    try CPUList.pin(rounds.cpus.own)
    let measurements = GoalMeasurements(rounds: rounds, durationNs: UInt64(duration) * 1_000_000)
    let goals = try measurements.all()
    var table = TextTable("what", "goal", "measured", "")
    for goal in goals {
      let verdict: TextTable.Cell =
        switch goal.isMet {
        case .some(true): TextTable.Cell("met", .green)
        case .some(false): TextTable.Cell("missed", .red)
        case .none: TextTable.Cell("not measured", .dim)
        }
      table.add(
        TextTable.Cell(goal.what), TextTable.Cell(goal.boundText),
        TextTable.Cell(goal.measured.map { goal.unit.text($0) } ?? "-"), verdict)
    }
    var report = Report(benchmark: "goals", table: table)
    report.addSettings(rounds)
    report.lists = [.init("goals", .array(goals.map(\.json)))]
    let measured = goals.compactMap(\.isMet)
    report.notes = ["\(measured.count { $0 }) of \(measured.count) met, \(goals.count - measured.count) not measured."]
    try report.publish(output)
  }
}
