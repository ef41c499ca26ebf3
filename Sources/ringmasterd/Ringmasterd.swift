import ArgumentParser
import Dispatcher
import Logging
import Platform

@main
struct Ringmasterd: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmasterd",
    abstract: "The dispatcher: owns the state of all workers, jobs and tasks.",
    discussion: """
      Listens on the socket that systemd passes, or else on --socket. Ingest processes and clients attach there and get \
      their rings. SIGTERM drains the rings and exits 0. Logs go to standard error.
      """)

  @Option(help: ArgumentHelp("Where to listen when systemd passes no socket.", valueName: "path"))
  var socket = DispatcherConfiguration().socketPath

  @Option(help: "Sets this dispatcher's shared memory apart from that of others on this machine.")
  var instance = DispatcherConfiguration().instance

  @Option(help: ArgumentHelp("A worker silent for longer than this is lost.", valueName: "ms"))
  var workerTimeout: Int64 = DispatcherConfiguration().controller.workerTimeoutMs

  @Option(
    help: ArgumentHelp("Another user that may attach, beside root and this one.", valueName: "name or uid"),
    transform: { try number(of: $0, "user", Machine.userID) })
  var allowUser: [UInt32] = []

  @Option(
    help: ArgumentHelp("A group whose members may attach.", valueName: "name or gid"),
    transform: { try number(of: $0, "group", Machine.groupID) })
  var allowGroup: [UInt32] = []

  @Option(help: "Least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
  var logLevel = Logger.Level.info

  private static func number(of text: String, _ kind: String, _ lookUp: (String) -> UInt32?) throws -> UInt32 {
    guard let number = lookUp(text) else { throw ValidationError("there is no \(kind) \(text)") }
    return number
  }

  func validate() throws {
    guard workerTimeout > 0 else { throw ValidationError("--worker-timeout: expected more than 0 ms") }
  }

  func run() throws {
    let signals = try StopSignals()
    var configuration = DispatcherConfiguration()
    configuration.socketPath = socket
    configuration.instance = instance
    configuration.controller.workerTimeoutMs = workerTimeout
    configuration.access.users = Set(allowUser)
    configuration.access.groups = Set(allowGroup)
    var log = Logger(label: "ringmasterd", factory: { StreamLogHandler.standardError(label: $0) })
    log.logLevel = logLevel
    try Dispatcher.run(configuration: configuration, stopRequests: .signals(signals), log: log)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
