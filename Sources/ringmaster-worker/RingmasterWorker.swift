import ArgumentParser
import Configuration
import Logging
import Platform
import RingmasterClient
import ServiceLog
import ServiceProgram
import Worker

@main
struct RingmasterWorker: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmaster-worker",
    abstract: "Runs the tasks that the dispatcher gives to this machine.",
    discussion: """
      Tasks outlive this program: it may be restarted, killed or upgraded while they run, and takes them up again. What runs \
      them, the driver, is systemd where that runs the machine, each task a unit of its own; elsewhere a small program \
      beside each task.
      """,
    version: ProgramVersion.text, subcommands: [RunCommand.self, FenceCommand.self], defaultSubcommand: RunCommand.self)

  static func main() {
    StandardStream.openClosedOnes()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      end(with: error)
    }
  }
}

struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Attaches to the dispatcher and runs tasks. The default.",
    discussion: """
      SIGTERM ends it, and tasks run on until its fence stops them, two thirds of worker_timeout later. While no dispatcher can be reached it waits for one. When the dispatcher is there \
      and does not answer for two thirds of its worker_timeout, it stops its tasks, but for those that say \
      when_cut_off = "continue": so none runs here while it is begun elsewhere.
      """)

  @Option(help: ArgumentHelp("The dispatcher's control socket; else RINGMASTER_SOCKET names it.", valueName: "path"))
  var socket = AttachOptions.socketPath

  @OptionGroup var worker: WorkerArguments

  func run() throws {
    var (options, settings) = try worker.resolved()
    options.socketPath = socket
    let log = try ServiceLog.open(label: "ringmaster-worker", level: worker.logLevel)
    defer { log.flush() }
    try WorkerProgram(options, settings, logger: log.logger).run()
  }
}

struct FenceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fence", abstract: "Stops the worker's tasks when it cannot do it itself.",
    discussion: "A service of its own beside the worker: it acts when the worker hangs, is stopped or is not there.")

  @OptionGroup var worker: WorkerArguments

  func run() throws {
    let (options, settings) = try worker.resolved()
    let log = try ServiceLog.open(label: "ringmaster-worker", level: worker.logLevel)
    defer { log.flush() }
    try WorkerFence(options, settings, logger: log.logger).run()
  }
}

/// What a worker and its fence have to agree on.
struct WorkerArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp("What this worker is and has, in TOML; without it, what the machine has.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("The worker's name, instead of the file's or the machine's.", valueName: "name"))
  var name: String?

  @Option(help: ArgumentHelp("How tasks are run: auto, systemd or process.", valueName: "driver"))
  var driver: WorkerSettings.DriverChoice?

  @Option(help: ArgumentHelp("Where it keeps how tasks ended until the dispatcher has it.", valueName: "folder"))
  var state = WorkerOptions().stateFolder

  @Option(help: ArgumentHelp("Where it keeps what is gone after a reboot.", valueName: "folder"))
  var runtime = WorkerOptions().runtimeFolder

  @Option(help: "Least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
  var logLevel = Logger.Level.info

  private static let longestFile = 65_536

  func resolved() throws -> (WorkerOptions, WorkerSettings) {
    var settings = WorkerSettings()
    if let config {
      let bytes = try TextFile.contents(config, maximumBytes: Self.longestFile)
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw ValidationError("\(config): expected UTF-8, got other bytes")
      }
      settings = try WorkerSettings(toml: text, source: config)
    }
    if let name { settings.name = name }
    if let driver { settings.driver = driver }
    var options = WorkerOptions()
    (options.stateFolder, options.runtimeFolder) = (state, runtime)
    return (options, settings)
  }
}

extension WorkerSettings.DriverChoice: ExpressibleByArgument {}

extension Logger.Level: @retroactive ExpressibleByArgument {}
