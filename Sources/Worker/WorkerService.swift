import Glibc
import LogMessages
import Logging
import Platform
import RingmasterClient
import ServiceManager

/// The process of a worker while it is attached: its session, its clock, and what it sleeps on.
final class WorkerService {
  /// Why `run` came to its end.
  enum End: Sendable {
    /// SIGTERM or SIGINT came; tasks run on.
    case stopped
    case dispatcherGone(reason: String)
  }

  private let status: String
  private let driver: any TaskDriver
  private let log: Logger
  private let link: AttachedLink
  private let session: WorkerSession
  private let signals: StopSignals
  private var watchdog = Watchdog()
  private var turns: UInt64 = 0

  /// - Throws: `SystemError` when the state folder cannot be used, and what the driver throws.
  init(
    _ link: AttachedLink, _ options: WorkerOptions, _ settings: WorkerSettings, _ lease: LeaseFile,
    _ signals: StopSignals, logger: Logger
  ) throws {
    let boot = try BootRecord.open(options.stateFolder)
    let driver = try TaskDrivers.make(settings.driver, options, owner: boot.owner)
    let stateFolder = driver.name == "process" ? options.stateFolder : nil
    var profile = WorkerSession.Profile(
      name: settings.name, metadata: settings.metadata(driver: driver.name, stateFolder: stateFolder),
      incarnation: boot.incarnation)
    (profile.address, profile.policy, profile.maximumTasks) = (
      settings.address, settings.policy, settings.maximumTasks
    )
    status = "Worker \(settings.name), driver \(driver.name)"
    self.driver = driver
    self.signals = signals
    log = logger
    self.link = link
    _ = link.attachment.subscribe(.assignments)
    session = try WorkerSession(
      link, driver, try WorkerFolders(options, lease), lease.lease, profile, logger: logger)
  }

  static func attach(
    _ options: WorkerOptions, _ settings: WorkerSettings
  ) throws(UnreachableDispatcher) -> AttachedLink {
    var attachOptions = AttachOptions(
      role: .worker, name: settings.name, submissionCapacity: WorkerOptions.submissionSlots,
      resultCapacity: WorkerOptions.resultSlots)
    attachOptions.reattachTimeoutMs = Int(Int32.max)
    do {
      return AttachedLink(try Attachment.attach(path: options.socketPath, options: attachOptions))
    } catch {
      // Of a name that is not there, nothing can be said: the path may be wrong.
      let isGone =
        (error as? SystemError)?.code == ECONNREFUSED || StartLock.isHeld(socketPath: options.socketPath)
      throw UnreachableDispatcher(cause: error, isGone: isGone)
    }
  }

  /// Runs until it is to stop or the dispatcher is gone for good.
  func run() throws -> End {
    ServiceManager.status(status)
    while true {
      try session.turn()
      turns &+= 1
      watchdog.tick(turns: turns, status: "\(session.liveCount) tasks")
      guard link.attachment.results.park() else { continue }
      let descriptors = [
        link.attachment.results.descriptor, link.attachment.link.descriptor, signals.descriptor,
      ]
      let polls = PollSet(descriptors + driver.descriptors)
      polls.wait(timeoutMs: link.attachment.link.napMs(napMs()))
      link.attachment.results.unpark()
      if signals.next() != nil { return .stopped }
      if polls.isReady(1) || link.isAway, let end = try tend() { return end }
    }
  }

  /// How long nothing has to be done unless something comes.
  private func napMs() -> Int32 {
    let (nowNs, wakeNs) = (Clock.bootNs(), session.wakeNs)
    return wakeNs <= nowNs ? 0 : Int32((wakeNs - nowNs + 999_999) / 1_000_000)
  }

  private func tend() throws -> End? {
    let nowNs = Clock.bootNs()
    try session.readResults()
    switch link.attachment.tend() {
    case .attached: return nil
    case .away:
      // Another dispatcher counts a worker's time from its own start.
      if link.attachment.link.isDispatcherGone { try session.dispatcherIsGone(atNs: nowNs) }
      return nil
    case .renewed:
      session.renewed()
      return nil
    case .lost(let reason):
      log.tell(.dispatcherGone, [.cause: "\(reason)"])
      return .dispatcherGone(reason: reason)
    }
  }
}
