import ArgumentParser
import EventJSON
import Platform
import RingmasterClient
import Terminal

/// `ringctl signal`: to the processes of running tasks.
struct SignalCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "signal",
    abstract: "Sends a signal to the processes of running tasks on this machine.",
    discussion: """
      ringctl signal train HUP
      ringctl signal train/task-3 USR1

      For programs that handle signals. It makes no transaction: to end a job, cancel it. Only for tasks that systemd runs; needs \
      root, or the right to manage units.
      """)

  @OptionGroup var connection: ConnectionOptions

  @Argument(help: ArgumentHelp("A job, or one of its tasks.", valueName: "job[/task-n]"))
  var name: String

  @Argument(help: ArgumentHelp("HUP, USR1, a number.", valueName: "signal"))
  var signal: String

  func run() async throws {
    let units = try await TaskUnits.find(name, try connection.attach(.observe, as: "signal"))
    try units.signal(signal)
    for unit in units.units {
      try StandardStream.output.writeLine(
        connection.json
          ? JSONValue.object([.init("task_id", .string(unit.task)), .init("unit", .string(unit.name))]).text : unit.task
      )
    }
  }
}
