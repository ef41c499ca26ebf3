import LogMessages
import Logging
import Platform
import RingmasterClient
import ServiceManager

/// A worker from the start of its process to its end: over dispatchers that come and go.
public struct WorkerProgram {
  private let options: WorkerOptions
  private let settings: WorkerSettings
  private let log: Logger

  /// Between two tries to reach a dispatcher.
  private static let retryMs: Int32 = 500

  public init(_ options: WorkerOptions, _ settings: WorkerSettings, logger: Logger) {
    self.options = options
    self.settings = settings
    log = logger
  }

  /// Returns when a signal asked it to end.
  ///
  /// - Throws: what keeps this worker from its work whatever dispatcher there is.
  public func run() throws {
    let signals = try StopSignals()
    try Folder.ensure(options.runtimeFolder)
    try Folder.ensure(options.stateFolder)
    let lock = try FileLock.take(
      path: "\(options.stateFolder)/lock", holder: "another worker", advice: "give each a state folder of its own")
    defer { withExtendedLifetime(lock) {} }
    let lease = try LeaseFile(path: options.leaseFile)
    ServiceManager.ready(status: "Looking for the dispatcher")
    var watchdog = Watchdog()
    var turns: UInt64 = 0
    var hasComplained = false
    while true {
      let nowNs = Clock.bootNs()
      do {
        let link = try WorkerService.attach(options, settings)
        hasComplained = false
        let service = try WorkerService(link, options, settings, lease, signals, logger: log)
        if case .stopped = try service.run() { return }
      } catch let error as UnreachableDispatcher {
        if error.isGone { try lease.standStill(atNs: nowNs) }
        if !hasComplained { log.warning("no dispatcher: trying on", metadata: ["cause": "\(error.cause)"]) }
        hasComplained = true
      }
      turns &+= 1
      watchdog.tick(turns: turns, status: "Looking for the dispatcher")
      let polls = PollSet([signals.descriptor])
      polls.wait(timeoutMs: Self.retryMs)
      if signals.next() != nil { return }
    }
  }
}

/// Why a worker could not attach; it tries on.
struct UnreachableDispatcher: Error {
  let cause: any Error
  /// No dispatcher counts time: no process listens at its socket, or one is starting.
  let isGone: Bool
}

/// SIGTERM and SIGINT, for all that a worker does.
final class StopSignals {
  private let signals: SignalDescriptor

  /// Call before any thread is started.
  init() throws {
    signals = try SignalDescriptor.ofStopSignals()
  }

  var descriptor: Int32 { signals.descriptor.raw }

  func next() -> Int32? { signals.next() }
}
