import ArgumentParser
import Demo
import Platform
import Presentation

/// `ringctl demo`: the whole story with real processes on this machine.
struct DemoCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-demo",
    abstract: "Runs a cluster on this machine: kills a worker, lets the controller find out, shows what that causes.",
    discussion: """
      Starts a dispatcher, a UDP ingest and a simulated fleet in a folder of their own, and ends them again. On a \
      terminal it is a live screen; else one line a step. --json prints one object at the end and nothing else. Exits 0 \
      only when the whole story happened. "ringctl demo" runs it.
      """,
    version: ProgramVersion.text)

  @Option(help: ArgumentHelp("Simulated workers, each of 8 cpus.", valueName: "n"))
  var workers = DemoOptions().workers

  @Option(help: ArgumentHelp("Tasks of the short job.", valueName: "n"))
  var tasks = DemoOptions().tasks

  @Option(help: ArgumentHelp("Between two heartbeats of a worker: 100ms, 1s.", valueName: "duration"))
  var interval = DurationArgument(milliseconds: DemoOptions().intervalMs)

  @Option(help: ArgumentHelp("How long heartbeats flow at least; else as long as the story.", valueName: "duration"))
  var duration: DurationArgument?

  @Flag(help: "Print one JSON object at the end, and nothing else.")
  var json = false

  @Option(help: ArgumentHelp("Keep the processes' logs there.", valueName: "dir"), completion: .directory)
  var keepLogs: String?

  func validate() throws {
    try check("--workers", workers, DemoOptions.workerRange)
    try check("--tasks", tasks, DemoOptions.taskRange)
    try check("--interval", Int(interval.milliseconds), DemoOptions.intervalRangeMs)
  }

  private func check(_ option: String, _ value: Int, _ range: ClosedRange<Int>) throws {
    guard range.contains(value) else {
      throw ValidationError("\(option): expected \(range.lowerBound) to \(range.upperBound), got \(value)")
    }
  }

  func run() async throws {
    var options = DemoOptions()
    options.workers = workers
    options.tasks = tasks
    options.intervalMs = interval.milliseconds
    options.durationMs = duration?.milliseconds
    options.printsJSON = json
    options.logFolder = keepLogs
    guard await DemoRun(options).run() else { throw ExitCode.failure }
  }
}
