import ArgumentParser
import CRingmaster
import Controller
import Dispatcher
import Glibc
import Journal
import Logging
import Platform

/// A dispatcher that may end itself at a fail point. Listens on descriptor 3, as one that the service manager starts.
struct DispatcherCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "dispatcher", shouldDisplay: false)

  @Option var instance: String
  @Option var journal: String
  @Option var segmentBytes: Int
  @Option var queueBytes: Int
  /// How long a peer that does not come back is waited for.
  @Option var reattachTimeoutMs: Int64
  /// The file of the `EndNote`.
  @Option var note: String
  @Option var endAt: KillPlace?
  @Option var passage = 1
  @Option var cascadeUs = 0

  /// All that an absent client can miss: no result is ever lost to an overrun.
  private static let resultLogCapacity = 1 << 18

  /// What recovers the same journal must be configured the same way.
  static var controller: ControllerConfiguration {
    var controller = ControllerConfiguration()
    // Silence is not what is tested, and a busy machine must not bring it about.
    controller.workerTimeoutMs = 3_600_000
    controller.stallThresholdMs = 3_600_000
    return controller
  }

  func run() throws {
    _ = rm_set_parent_death_signal(SIGKILL)
    let signals = try ControlSignals()
    setenv("LISTEN_PID", "\(getpid())", 1)
    setenv("LISTEN_FDS", "1", 1)
    var configuration = DispatcherConfiguration()
    configuration.instance = instance
    configuration.controller = Self.controller
    configuration.resultLogCapacity = Self.resultLogCapacity
    var settings = JournalSettings(folder: journal)
    settings.reattachTimeoutMs = reattachTimeoutMs
    settings.writer.segmentBytes = segmentBytes
    settings.writer.queueBytes = queueBytes
    configuration.journal = settings
    try Dispatcher.run(
      configuration: configuration, parts: try parts(), requests: .signals(signals),
      log: Logger(label: "dispatcher", factory: { StreamLogHandler.standardError(label: $0) }))
  }

  private func parts() throws -> DispatcherParts {
    guard let endAt else { return DispatcherParts() }
    let end = PlannedEnd(place: endAt, passage: passage, cascadeUs: cascadeUs)
    return try FailPoint(end, note: EndNote(try MappedFile.open(note))).parts()
  }
}

extension KillPlace: ExpressibleByArgument {}
