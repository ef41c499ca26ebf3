import Archive
import Journal
import Logging
import Platform

/// The archive's process beside the dispatcher: a real one, on the simulated disk, with a database in shared memory.
final class SimulatedArchive {
  private var archive: Archive?
  private let configuration: ArchiveConfiguration
  private let folder: String

  init(_ scenario: Scenario, disk: SimulatedDisk) throws {
    folder = "/dev/shm/ringmaster.\(scenario.configuration.instance).archive"
    try Folder.ensure(folder)
    var configuration = ArchiveConfiguration(
      journalFolder: SimulatedDisk.folder, databasePath: "\(folder)/archive.db")
    configuration.fileCalls = disk.journalCalls(isImmortal: true)
    configuration.snapshotIntervalMs = 5000
    configuration.snapshotBytes = 64 << 10
    configuration.retention.keepBytes = scenario.keptSegmentBytes
    configuration.history.keepBytes = scenario.keptHistoryBytes
    configuration.history.keepTransactions = 50
    self.configuration = configuration
  }

  deinit {
    archive = nil
    Folder.removeTree(folder)
  }

  /// Its process ends at once.
  func die() {
    archive = nil
  }

  /// Starts it when it does not run, and lets it take a turn.
  func turn() throws {
    guard try start() else { return }
    _ = try archive?.turn()
  }

  /// Takes over all that there is.
  ///
  /// - Returns: the newest transaction and the state's hash there; nil when there is no journal yet.
  func catchUp() throws -> (transaction: UInt64, stateHash: UInt64)? {
    guard try start() else { return nil }
    try archive?.catchUp()
    guard let transaction = archive?.position.lastTransaction, let hash = archive?.stateHash else { return nil }
    return (transaction, hash)
  }

  private func start() throws -> Bool {
    switch archive {
    case .some: return true
    case .none: break
    }
    guard try Archive.hasJournal(SimulatedDisk.folder, calls: configuration.fileCalls) else { return false }
    archive = .some(
      try Archive.open(
        configuration, database: try ArchiveDatabase.open(configuration.databasePath),
        log: Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }))
    return true
  }
}

extension DispatcherSimulation {
  func takeArchiveTurn() {
    do {
      if random.chance(10) { archive?.die() }
      if archive == nil {
        archive = try SimulatedArchive(scenario, disk: disk)
      }
      try archive?.turn()
    } catch {
      noteArchiveError(error)
    }
  }

  /// Has the archive taken over everything, and come to the same?
  func checkArchive() {
    guard let archive, let dispatcher else { return }
    do {
      guard let reached = try archive.catchUp() else { return }
      let expected = dispatcher.read { ($0.transactionLog.lastNumber, $0.stateHash) }
      if reached.transaction != expected.0 {
        fail(
          "archive behind",
          "the archive ends with transaction \(reached.transaction), the dispatcher with \(expected.0)")
      } else if reached.stateHash != expected.1 {
        fail("archive differs", "the archive comes to another state at transaction \(reached.transaction)")
      }
    } catch {
      noteArchiveError(error)
    }
  }

  private func noteArchiveError(_ error: any Error) {
    archive?.die()
    // Damage that was dealt here it may stop at, until there was a salvage.
    if wasDamaged { return }
    fail("archive stops", "the archive does not go on: \(error)")
  }
}
