import ArgumentParser
import Demo
import Presentation

/// The simulated workers of the demo.
struct FleetCommand: ParsableCommand {
  static let name = "fleet"
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-demo \(name)",
    abstract: "Simulates workers: real heartbeats over UDP, task states as a client.",
    discussion: """
      Commands on standard input, one a line: "kill NAME", "stop-heartbeats", "quit". Milestones on standard output, \
      one JSON object a line.
      """)

  @Option(help: ArgumentHelp("The dispatcher's control socket.", valueName: "path"))
  var socket: String

  @Option(help: ArgumentHelp("Where the UDP ingest listens.", valueName: "addr:port"))
  var ingest: String

  @Option(help: ArgumentHelp("How many.", valueName: "n"))
  var workers: Int

  @Option(help: ArgumentHelp("Between two heartbeats of a worker.", valueName: "duration"))
  var interval: DurationArgument

  @Option(help: ArgumentHelp("Of each worker.", valueName: "cpus"))
  var cpu = CPUArgument(amount: 4000)

  @Option(
    help: ArgumentHelp(
      "Of tasks; those of a job whose name begins with \"service\" run until they are stopped.", valueName: "duration"))
  var taskDurationMin = DurationArgument(milliseconds: 200)

  @Option(help: ArgumentHelp("Of tasks.", valueName: "duration"))
  var taskDurationMax = DurationArgument(milliseconds: 1500)

  @Option(help: ArgumentHelp("At the most.", valueName: "n"))
  var heartbeatsPerDatagram = 32

  @Option(help: ArgumentHelp("Of the workers' names.", valueName: "text"))
  var namePrefix = "w"

  func validate() throws {
    guard taskDurationMin.milliseconds <= taskDurationMax.milliseconds else {
      throw ValidationError("--task-duration-min: expected at most --task-duration-max")
    }
  }

  func run() throws {
    let options = FleetOptions(
      workers: workers, intervalMs: Int(interval.milliseconds), ingest: ingest, socketPath: socket,
      taskDurationMs: Int(taskDurationMin.milliseconds)...Int(taskDurationMax.milliseconds),
      heartbeatsPerDatagram: heartbeatsPerDatagram, namePrefix: namePrefix, capacity: cpu.resources)
    var fleet = try Fleet(options)
    try fleet.run()
  }
}
