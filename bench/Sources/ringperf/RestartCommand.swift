import ArgumentParser
import EventJSON
import Foundation
import Terminal

struct RestartCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "restart",
    abstract: "From the start of a dispatcher on its journal to a client's first durable result.",
    discussion: """
      Writes a journal with that many workers and RUNNING tasks, a snapshot of them, and some events behind it; then, \
      each round, starts ringmasterd on it, attaches a client, publishes an event, and takes the time from the making of \
      the process to the event's durable result. Each round ends with SIGKILL.

      JSON: restart_ms, workers, tasks, snapshot_bytes.
      """)

  @Option(help: "Workers in the snapshot.")
  var workers = 100_000

  @Option(help: "Tasks in the snapshot, all RUNNING.")
  var tasks = 100_000

  @Option(help: "Events in the journal behind the snapshot.")
  var tail = 1000

  @Option(help: ArgumentHelp("Where to write the journal.", valueName: "folder"))
  var folder = FileManager.default.temporaryDirectory.path

  @OptionGroup var rounds: RoundOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    try expect("--workers", workers, in: 1...2_000_000)
    try expect("--tasks", tasks, in: 0...4_000_000)
    try expect("--tail", tail, in: 0...10_000_000)
  }

  func run() throws {
    let fixture = try JournalFixture(workers: workers, tasks: tasks, tailEvents: tail, parent: folder)
    let benchmark = try RestartBenchmark(fixture)
    let times = try Rounds.figures(rounds, arms: [0]) { _ in try benchmark.round() }[0]
    let summary = Summary(times)
    var table = TextTable("workers", "tasks", "p50", "spread", "least", "most", "snapshot")
    table.add(
      TextTable.Cell("\(workers)"), TextTable.Cell("\(tasks)"), TextTable.Cell(Figures.ns(summary.median * 1e6)),
      TextTable.Cell(Figures.spread(summary)), TextTable.Cell(Figures.ns(summary.least * 1e6)),
      TextTable.Cell(Figures.ns(summary.most * 1e6)),
      TextTable.Cell(HumanNumber.bytes(UInt64(fixture.snapshotBytes))))
    var report = Report(benchmark: "restart", table: table)
    report.settings = [.init("tail", .integer(tail))]
    report.addSettings(rounds)
    report.add("restart_ms", times)
    report.figures += [
      .init("workers", .integer(workers)), .init("tasks", .integer(tasks)),
      .init("snapshot_bytes", .integer(fixture.snapshotBytes)),
    ]
    try report.publish(output)
  }
}
