import ArgumentParser
import CPlatform
import ControlPlane
import Controller
import Dispatcher
import DispatcherSettings
import Glibc
import Journal
import Logging
import Platform
import Synchronization

/// A dispatcher that may end itself at a fail point. Listens on descriptor 3, as one that the service manager starts.
struct DispatcherCommand: ParsableCommand {
  static let configuration = CommandConfiguration(commandName: "dispatcher", shouldDisplay: false)

  @Option var instance: String
  @Option var journal: String
  @Option var segmentBytes: Int
  @Option var queueBytes: Int
  /// How long a peer that does not come back is waited for.
  @Option var reattachTimeoutMs: Int64
  @Flag var relaxed = false
  /// Of workers that are not heard of.
  @Option var workerTimeoutMs: Int64?
  /// Of one sync in eight.
  @Option var syncDelayUs = 0
  /// The file of the `EndNote`.
  @Option var note: String
  @Option var endAt: KillPlace?
  @Option var passage = 1
  @Option var cascadeUs = 0

  /// All that an absent client can miss: no result is ever lost to an overrun.
  private static let resultLogCapacity = 1 << 18

  private static let restartGraceMs: Int64 = 1000

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
    if let workerTimeoutMs {
      configuration.controller.workerTimeoutMs = workerTimeoutMs
      configuration.controller.stallThresholdMs = ControllerConfiguration().stallThresholdMs
      configuration.controller.restartGraceMs = Self.restartGraceMs
      configuration.controller.restartSpreadMs = Self.restartGraceMs
      configuration.ingestGraceMs = Self.restartGraceMs
      // All workers but those behind the UDP ingest fall silent together, and are lost.
      configuration.controller.brakeMinimumWorkers = .max
    }
    configuration.resultLogCapacity = Self.resultLogCapacity
    var settings = JournalSettings(folder: journal)
    settings.reattachTimeoutMs = reattachTimeoutMs
    if relaxed { settings.durability = .relaxed }
    settings.writer.segmentBytes = segmentBytes
    settings.writer.queueBytes = queueBytes
    configuration.journal = settings
    try Dispatcher.run(
      configuration: configuration, parts: try parts(), requests: .signals(signals),
      log: Logger(label: "dispatcher", factory: { StreamLogHandler.standardError(label: $0) }))
  }

  private func parts() throws -> DispatcherParts {
    var parts = DispatcherParts()
    if let endAt {
      let end = PlannedEnd(place: endAt, passage: passage, cascadeUs: cascadeUs)
      parts = try FailPoint(end, note: EndNote(try MappedFile.open(note))).parts()
    }
    if syncDelayUs > 0 { slowSyncs(of: &parts) }
    return parts
  }

  /// A disk that takes its time now and then.
  private func slowSyncs(of parts: inout DispatcherParts) {
    let (sync, delayUs) = (parts.journalCalls.syncData, syncDelayUs)
    let syncs = Atomic<Int>(0)
    parts.journalCalls.syncData = { (descriptor) throws(SystemError) in
      if syncs.add(1, ordering: .relaxed).newValue % 8 == 0 { _ = Poll.readable(-1, timeoutUs: Int64(delayUs)) }
      try sync(descriptor)
    }
  }
}

extension KillPlace: ExpressibleByArgument {}
