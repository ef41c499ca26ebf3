import Controller
import DispatcherSettings
import Journal
import LogMessages
import Logging
import Platform
import Synchronization

/// The thread that makes snapshots when no archive does. It has the lowest priority, and nobody waits for it.
final class SnapshotThread: Sendable {
  private let settings: JournalSettings
  private let configuration: DispatcherConfiguration
  private let calls: JournalFileCalls
  private let log: Logger
  private let bell: Doorbell
  private let mustStop = Atomic<Bool>(false)

  private static let idleUs: Int64 = 1_000_000

  init(
    _ settings: JournalSettings, _ configuration: DispatcherConfiguration, calls: JournalFileCalls, _ log: Logger
  ) throws {
    self.settings = settings
    self.configuration = configuration
    self.calls = calls
    self.log = log
    bell = try Doorbell()
  }

  /// A thread that runs, to be stopped.
  struct Running: ~Copyable {
    fileprivate let owner: SnapshotThread
    fileprivate let thread: NamedThread

    /// Gives up what it is at.
    ///
    /// - Parameter isClean: the journal's writer has ended, and all is in the journal.
    consuming func stop(isClean: Bool) {
      owner.mustStop.store(true, ordering: .releasing)
      owner.bell.ring()
      thread.join()
      if isClean { owner.writeStop() }
    }
  }

  func start() throws -> Running {
    Running(owner: self, thread: try NamedThread("rm-snapshot") { self.run() })
  }

  /// Once the journal's writer has ended: a program with other rules begins with it.
  func writeStop() {
    do {
      try SnapshotKeeper.writeStop(folder: settings.folder, configuration: replicaSettings, calls: calls)
    } catch {
      log.warning("the snapshot of the stop could not be written", metadata: ["error": "\(error)"])
    }
  }

  /// It keeps no transactions in memory.
  private var replicaSettings: ControllerConfiguration {
    var settings = configuration.controller
    settings.transactionLogCapacity = 0
    settings.transactionLogActionCapacity = 0
    return settings
  }

  private func run() {
    Machine.lowerThreadPriority()
    var keeper = SnapshotKeeper(
      folder: settings.folder, configuration: replicaSettings, policy: settings.snapshots,
      retention: settings.retention, calls: calls)
    while !mustStop.load(ordering: .acquiring) {
      do {
        switch try keeper.turn() {
        case .working: Machine.yield()
        case .wrote(let commit, let bytes, let removedSegments):
          log.info(
            "wrote a snapshot",
            metadata: ["commit": "\(commit)", "bytes": "\(bytes)", "removed_segments": "\(removedSegments)"])
        case .idle: _ = Poll.readable(bell.descriptor.raw, timeoutUs: Self.idleUs)
        }
      } catch {
        log.tell(.snapshotDelayed, [.cause: "\(error)"])
      }
    }
  }
}
