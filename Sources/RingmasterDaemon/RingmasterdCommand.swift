import ArgumentParser
import Configuration
import ControlPlane
import Dispatcher
import DispatcherSettings
import EventRing
import Journal
import LogMessages
import Logging
import Platform
import ServiceLog
import ServiceManager

/// The command line of `ringmasterd`.
struct RingmasterdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ringmasterd",
    abstract: "The dispatcher: owns the state of all workers, jobs and tasks.",
    discussion: """
      Listens on the socket that systemd passes, or else on --socket. Ingest processes and clients attach there and get \
      their rings. SIGTERM drains the rings and exits 0. Logs go to standard error; as a service of systemd, to its \
      journal, with fields that "man ringmaster" lists.

      Every setting has its place in the file that --config names; "ringctl config show" prints one with all of them. \
      The options below come before that file, but for --allow-user and --allow-group, which add to it. SIGHUP reads the \
      file again: peers stay attached, and a file with a fault changes nothing.

      Exit codes: 0 stopped as asked; 1 it failed; 64 wrong usage; 65 the journal is damaged or of \
      another version; 78 the configuration cannot be used.
      """,
    version: ProgramVersion.text)

  @Option(help: ArgumentHelp("The configuration file, in TOML.", valueName: "file"))
  var config: String?

  @Flag(help: "Only check the configuration, with the parts of this executable and the accounts of this machine.")
  var checkConfig = false

  @Option(
    help: ArgumentHelp(
      "Where to listen when systemd passes no socket. (default: \(RingmasterConfiguration().dispatcher.socketPath))",
      valueName: "path"))
  var socket: String?

  @Option(
    help: """
      Sets this dispatcher's shared memory apart from that of others on this machine. (default: \
      \(RingmasterConfiguration().dispatcher.instance))
      """)
  var instance: String?

  @Option(
    help: ArgumentHelp(
      """
      A worker silent for longer than this is lost. (default: \
      \(RingmasterConfiguration().dispatcher.controller.workerTimeoutMs))
      """,
      valueName: "ms"))
  var workerTimeout: Int64?

  @Option(
    help: ArgumentHelp(
      """
      The folder of the journal, made if it is not there; "none" keeps none, and all state ends with the process; \
      "auto" is "journal" in $STATE_DIRECTORY, which systemd sets, else none. (default: \
      \(RingmasterConfiguration().journal.directory))
      """, valueName: "folder"))
  var journal: String?

  @Option(
    help: """
      When results are told: sync, once they survive a loss of power ("durable"), or relaxed, at once ("accepted"). \
      (default: \(RingmasterConfiguration().journal.durability.rawValue))
      """)
  var durability: JournalSettings.Durability?

  @Option(
    help: ArgumentHelp(
      """
      How long peers of the dispatcher before may take to attach again. (default: \
      \(RingmasterConfiguration().journal.reattachTimeoutMs))
      """, valueName: "ms"))
  var reattachTimeout: Int64?

  @Flag(help: "Go past damage in the middle of the journal: what is damaged is lost, and the log says what.")
  var salvage = false

  @Option(
    help: ArgumentHelp(
      "Another user that may attach, beside root and this one, and in which role: ingest, control or observe.",
      valueName: "role:user"))
  var allowUser: [RoleGrant] = []

  @Option(help: ArgumentHelp("A group whose members may attach, and in which role.", valueName: "role:group"))
  var allowGroup: [RoleGrant] = []

  @Option(
    help: """
      Least severe level that is logged: \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")). (default: \
      \(RingmasterConfiguration().logLevel.rawValue))
      """)
  var logLevel: Logger.Level?

  @Option(
    help: """
      What the dispatch thread does while idle: busy-spin or yield (each keeps a processor busy), or park (sleeps). \
      (default: \(RingmasterConfiguration().dispatcher.waiting.rawValue))
      """)
  var wait: WaitingStrategy?

  func validate() throws {
    if let workerTimeout, workerTimeout < 1 { throw ValidationError("--worker-timeout: expected more than 0 ms") }
    if let reattachTimeout, reattachTimeout < 0 { throw ValidationError("--reattach-timeout: expected 0 ms or more") }
    for user in allowUser where Machine.userID(user.account) == nil {
      throw ValidationError("--allow-user: there is no user \(user.account)")
    }
    for group in allowGroup where Machine.groupID(group.account) == nil {
      throw ValidationError("--allow-group: there is no group \(group.account)")
    }
  }

  func run() throws {
    try run(with: PluginRegistry())
  }

  /// What a cascade through a large fleet needed, the next one finds.
  private static let keptMemoryBytes = 1 << 30

  func run(with registry: PluginRegistry) throws {
    Machine.keepFreedMemory(bytes: Self.keptMemoryBytes)
    Machine.raiseDescriptorLimit()
    let requests = ControlRequests.signals(try ControlSignals())
    var configuration = try effectiveConfiguration(registry)
    let dispatcher = try configuration.dispatcherConfiguration()
    let log = try ServiceLog.open(label: "ringmasterd", level: configuration.logLevel)
    defer { log.flush() }
    let parts = try registry.parts(configuration.plugins, PluginContext(log: log.logger))
    if checkConfig { return }
    let reread = {
      let (fresh, dispatcher) = try self.configuration(registry, rereadAfter: configuration, log.logger)
      configuration = fresh
      log.setLevel(fresh.logLevel)
      return dispatcher
    }
    do {
      try Dispatcher.run(
        configuration: dispatcher, parts: parts, requests: requests, reread: config == nil ? nil : reread,
        log: log.logger)
      StartBackoff(dispatcher).forget()
    } catch let error where mayBeBetterLater(error) && Environment.value("INVOCATION_ID") != nil {
      let pauseMs = StartBackoff(dispatcher).noteFailure()
      log.logger.tell(
        error is JournalError ? .journalFailed : .programFailed,
        [.cause: "\(error); the next start follows in \(pauseMs / 1000) s"])
      log.flush()
      ServiceManager.status("cannot start, tries again in \(pauseMs / 1000) s: \(error)")
      ServiceManager.extendStart(by: .milliseconds(pauseMs + 10_000))
      requests.wait(timeoutMs: Int32(pauseMs))
      throw ExitCode.failure
    }
  }

  /// A disk that takes nothing, another dispatcher in the way: the service manager starts it again at once, and must not
  /// have it fail a hundred times a second.
  private func mayBeBetterLater(_ error: any Error) -> Bool {
    switch error {
    case let error as JournalError: !error.needsAnOperator
    case is SystemError: true
    default: false
    }
  }

  /// The configuration as it is now, but for what a running dispatcher cannot change.
  private func configuration(
    _ registry: PluginRegistry, rereadAfter old: RingmasterConfiguration, _ log: Logger
  ) throws -> (RingmasterConfiguration, DispatcherConfiguration) {
    var fresh = try effectiveConfiguration(registry)
    let needingRestart = Settings.needingRestart(from: old, to: fresh)
    for setting in needingRestart { setting.copy(from: old, to: &fresh) }
    let dispatcher = try fresh.dispatcherConfiguration()
    for setting in needingRestart {
      log.tell(.settingWaits, [.setting: "\(setting.name)", .inForce: "\(setting.value(in: old).toml)"])
    }
    for setting in Settings.needingRestartOfArchive(from: old, to: fresh) {
      log.tell(
        .settingWaits, [.setting: "\(setting.name)", .inForce: "\(setting.value(in: old).toml)"],
        metadata: ["service": "ringmaster-archive"])
    }
    return (fresh, dispatcher)
  }

  private func effectiveConfiguration(_ registry: PluginRegistry) throws -> RingmasterConfiguration {
    var configuration =
      try config.map { try RingmasterConfiguration(contentsOfFile: $0, usableWith: registry) }
      ?? RingmasterConfiguration()
    if let socket { configuration.dispatcher.socketPath = socket }
    if let instance { configuration.dispatcher.instance = instance }
    if let workerTimeout { configuration.dispatcher.controller.workerTimeoutMs = workerTimeout }
    if let wait { configuration.dispatcher.waiting = wait }
    if let logLevel { configuration.logLevel = logLevel }
    if let journal { configuration.journal.directory = journal }
    if let durability { configuration.journal.durability = durability }
    if let reattachTimeout { configuration.journal.reattachTimeoutMs = reattachTimeout }
    configuration.journal.salvages = salvage
    for user in allowUser { configuration.access[user.role].users.append(user.account) }
    for group in allowGroup { configuration.access[group.role].groups.append(group.account) }
    return configuration
  }
}

extension WaitingStrategy: ExpressibleByArgument {}
extension JournalSettings.Durability: ExpressibleByArgument {}
extension Logger.Level: @retroactive ExpressibleByArgument {}
