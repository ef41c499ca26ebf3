import Archive
import Journal
import Logging
import Platform

/// The archive's process beside the dispatcher: a real one, on the simulated disk, with a database in shared memory.
final class SimulatedArchive {
  private var archive: Archive?
  private let configuration: ArchiveConfiguration
  private let folder: String
  /// History goes from it.
  let prunes: Bool
  var databasePath: String { configuration.databasePath }

  init(_ scenario: Scenario, disk: SimulatedDisk) throws {
    folder = "/dev/shm/ringmaster.\(scenario.configuration.instance).archive"
    try Folder.ensure(folder)
    prunes = scenario.keptHistoryBytes != nil
    var configuration = ArchiveConfiguration(
      journalFolder: SimulatedDisk.folder, databasePath: "\(folder)/archive.db")
    configuration.fileCalls = disk.journalCalls(isImmortal: true)
    configuration.snapshotIntervalMs = 5000
    configuration.snapshotBytes = scenario.hasEagerSnapshots ? 0 : 64 << 10
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
  func takeArchiveTurn() throws {
    let firstBefore = firstSegment
    if !scenario.isFollowedLate || archive != nil || keeper != nil || disk.segments.count > 2 {
      if scenario.makesOwnSnapshots { takeKeeperTurn() } else { followJournal() }
    }
    if let first = firstSegment, first != firstBefore { try checkSnapshots(before: first) }
    if scenario.hasEagerSnapshots, random.chance(20) { try restart(after: .kill) }
  }

  private func followJournal() {
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

  /// The first commit of the oldest segment.
  private var firstSegment: UInt64? { disk.segments.first }

  /// Of what was let go of the journal, two snapshots tell that can be read: one may be damaged tomorrow.
  private func checkSnapshots(before first: UInt64) throws {
    let calls = disk.journalCalls(isImmortal: true)
    let whole = try SnapshotStore.commits(folder: SimulatedDisk.folder, calls: calls).count { commit in
      commit + 1 >= first
        && (try? SnapshotStore.read(folder: SimulatedDisk.folder, commit: commit, calls: calls)) != nil
    }
    if whole < Self.snapshotsBehindSegments {
      fail("segments let go", "the journal begins with commit \(first), and snapshots to begin with are \(whole)")
    }
  }

  private static let snapshotsBehindSegments = 2

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
      } else {
        try checkRows(of: archive)
      }
    } catch {
      noteArchiveError(error)
    }
  }

  /// Compares what the archive has row by row with what the journal says.
  private func checkRows(of archive: SimulatedArchive) throws {
    // Behind damage, what was archived before is not what can be read now.
    guard !wasDamaged else { return }
    let calls = disk.journalCalls(isImmortal: true)
    let beginning = try JournalScan.beginning(folder: SimulatedDisk.folder, before: nil, calls: calls)
    var scan = try JournalScan.open(folder: SimulatedDisk.folder, at: beginning.position, calls: calls)
    var replica = try JournalReplica(from: beginning.snapshot, configuration: configuration.controller)
    var rows = ArchiveRows(epochIndex: UInt64(replica.ledger.epochs.count))
    while let commit = try scan.next() {
      try replica.apply(
        commit,
        before: { record, state in
          // A submission may take the place of a job.
          if case .event(let journaled) = record, [.prune, .jobSubmitted].contains(journaled.event.kind) {
            rows.resolve(state)
          }
        },
        { rows.add($0) })
      rows.resolve(replica.state)
    }
    rows.finish()
    let difference = try rows.firstDifference(
      from: archive.databasePath, isWhole: beginning.snapshot == nil, prunes: archive.prunes)
    if let difference { fail("archive row", "\(difference)") }
  }

  private func noteArchiveError(_ error: any Error) {
    archive?.die()
    // Damage that was dealt here it may stop at, until there was a salvage.
    if wasDamaged { return }
    fail("archive stops", "the archive does not go on: \(error)")
  }
}
