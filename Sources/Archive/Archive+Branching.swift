import Controller
import EventModel
import Journal
import Platform
import ServiceManager

/// Where a journal left the history that is archived: what was archived stays, and history goes on in a new epoch.
extension Archive {
  /// The journal has lost its end, or was put back to an earlier state: goes on behind the last commit that it has in common
  /// with the database.
  static func branchOff(
    _ configuration: ArchiveConfiguration, _ database: consuming ArchiveDatabase, _ snapshots: ArchiveSnapshots,
    from mark: ArchiveMark, _ epochs: [ArchiveEpoch], _ log: ArchiveLog
  ) throws -> Archive {
    let line = try ArchiveLine(epochs, of: mark.journal, in: database, upTo: mark.position.lastTransaction)
    let folder = snapshots.folder
    let base = try commonBase(snapshots, line, upTo: mark.position.commit, database.path)
    var replica = try JournalReplica(
      from: base, configuration: replicaSettings, toleratesDivergence: configuration.salvages)
    var gap: (from: JournalPosition, past: JournalDamage)?
    if let base, base.position.commit > mark.position.commit {
      gap = (
        mark.position,
        JournalDamage(
          file: folder, offset: 0, expected: "a snapshot up to commit \(mark.position.commit)",
          actual: "one of commit \(base.position.commit)")
      )
    }
    let passed = try lead(&replica, along: line, database, snapshots, upTo: mark.position.commit)
    if let damage = passed {
      guard let snapshot = try snapshots.oldest(behind: replica.position.commit),
        try configuration.salvages
          || JournalReader.isSalvaged(folder: folder, behind: replica.position.commit, calls: snapshots.calls)
      else { throw JournalError.damaged(damage) }
      gap = (mark.position.commit > replica.position.commit ? mark.position : replica.position, damage)
      replica = try JournalReplica(from: snapshot, configuration: replicaSettings, toleratesDivergence: true)
    }
    let (commit, transaction) = (replica.position.commit, replica.position.lastTransaction)
    let epoch = ArchiveEpoch(
      index: epochs[epochs.count - 1].index + 1, epoch: replica.ledger.epoch, journal: mark.journal,
      generationBase: try database.nextGenerationBase(), firstTransaction: transaction &+ 1, cause: .lostTail)
    log.tell(
      .historySuperseded,
      [
        .cause: """
        \(database.path) stands at commit \(mark.position.commit) and transaction \(mark.position.lastTransaction), and \
        \(folder) leaves that history behind commit \(commit) and transaction \(transaction)\
        \(gap.map { ": \($0.past)" } ?? "")
        """, .txn: "\(transaction &+ 1)",
      ])
    var archive = try begin(configuration, database, replica, epoch, snapshots, log)
    archive.batch.superseded = line.superseded(after: transaction)
    if let gap { archive.noteJump(from: gap.from, past: gap.past) }
    return archive
  }

  /// Goes on with another journal: behind what the database has of it, or from the oldest state of it that there is.
  static func adopt(
    _ configuration: ArchiveConfiguration, _ database: consuming ArchiveDatabase, _ snapshots: ArchiveSnapshots,
    behind epochs: [ArchiveEpoch], _ log: ArchiveLog
  ) throws -> Archive {
    let folder = snapshots.folder
    let journal = snapshots.journal.description
    let line = try ArchiveLine(epochs, of: journal, in: database)
    let base = try commonBase(snapshots, line, upTo: .max, database.path)
    var replica = try JournalReplica(
      from: base, configuration: replicaSettings, toleratesDivergence: configuration.salvages)
    let isJump = base.map { !line.has($0) } ?? false
    // Damage that ends it is met again when the journal is followed.
    if !isJump { _ = try lead(&replica, along: line, database, snapshots, upTo: .max) }
    let last = epochs[epochs.count - 1]
    let transaction = replica.position.lastTransaction
    let epoch = ArchiveEpoch(
      index: last.index + 1, epoch: replica.ledger.epoch, journal: journal,
      generationBase: try database.nextGenerationBase(), firstTransaction: transaction &+ 1,
      cause: .otherJournal)
    log.tell(
      .journalAdopted,
      [
        .cause: """
        \(database.path) was the archive of journal \(last.journal) and goes on with journal \(epoch.journal), \
        transaction \(epoch.firstTransaction)
        """, .folder: "\(folder)",
      ])
    var archive = try begin(configuration, database, replica, epoch, snapshots, log)
    archive.batch.superseded = line.superseded(after: transaction)
    if isJump, let base {
      archive.noteJump(
        from: JournalPosition.start,
        past: JournalDamage(
          file: folder, offset: 0, expected: "commit 1",
          actual: "a journal whose oldest known state is that of commit \(base.position.commit)"))
    }
    return archive
  }

  private static func begin(
    _ configuration: ArchiveConfiguration, _ database: consuming ArchiveDatabase, _ replica: consuming JournalReplica,
    _ epoch: ArchiveEpoch, _ snapshots: ArchiveSnapshots, _ log: ArchiveLog
  ) throws -> Archive {
    let position = replica.position
    let newest = try snapshots.commits.last { $0 <= position.commit } ?? 0
    var archive = Archive(
      configuration: configuration, database: database,
      reader: try JournalReader.open(
        folder: snapshots.folder, at: position, mode: .follow, calls: snapshots.calls), replica: replica,
      epoch: epoch,
      snapshots: SnapshotSchedule(configuration, newestCommit: newest, newestMs: Clock.wallMs()),
      journal: snapshots.journal, log: log)
    archive.batch.begin(epoch)
    archive.batch.takeEntities(
      of: archive.replica.state, archive.replica.ledger, goneAtMs: position.commit > 0 ? nil : Clock.wallMs())
    return archive
  }

  /// Is a part before the database's end damaged that a dispatcher went past? Its state is another since.
  static func isPassed(_ snapshots: ArchiveSnapshots, before mark: ArchiveMark) throws -> Bool {
    let snapshot = try snapshots.newest(upTo: mark.position.commit)
    if let snapshot, snapshot.position.hash == mark.position.hash, snapshot.stateHash != mark.stateHash { return true }
    guard let base = snapshot?.position ?? snapshots.beginning else { return false }
    var position = base
    do throws(JournalError) {
      var scan = try JournalScan.open(folder: snapshots.folder, at: base, calls: snapshots.calls)
      while position.commit < mark.position.commit, let commit = try scan.next() {
        if commit.hole(behind: position) != nil { return true }
        position = commit.end
      }
      return false
    } catch {
      guard case .damaged = error else { throw error }
      return try JournalReader.isSalvaged(folder: snapshots.folder, behind: position.commit, calls: snapshots.calls)
    }
  }

  /// The newest snapshot that is surely of the history that is archived, or else the oldest; nil for the beginning.
  private static func commonBase(
    _ snapshots: ArchiveSnapshots, _ line: ArchiveLine, upTo commit: UInt64, _ database: String
  ) throws -> Snapshot? {
    for candidate in try snapshots.commits.reversed() where candidate <= commit {
      guard let snapshot = try snapshots.newest(upTo: candidate) else { break }
      if line.has(snapshot) { return snapshot }
    }
    guard snapshots.oldest > 0 else { return nil }
    guard let oldest = try snapshots.oldest(behind: 0) else {
      throw ArchiveError.segmentsGone(
        database: database, commit: 1, folder: snapshots.folder, firstCommit: snapshots.oldest + 1)
    }
    return oldest
  }

  /// Leads a replica to where the journal leaves what the database has.
  ///
  /// - Returns: what keeps it from reading on.
  private static func lead(
    _ replica: inout JournalReplica, along line: ArchiveLine, _ database: borrowing ArchiveDatabase,
    _ snapshots: ArchiveSnapshots, upTo limit: UInt64
  ) throws -> JournalDamage? {
    var start = StartExtension()
    do {
      var scan = try JournalScan.open(folder: snapshots.folder, at: replica.position, calls: snapshots.calls)
      while replica.position.commit < limit, let commit = try scan.next() {
        if let hole = commit.hole(behind: replica.position) { return hole }
        guard try database.has(commit, behind: replica.position, of: replica.ledger.epoch, line) else { break }
        start.noteProgress()
        try replica.apply(commit)
      }
      return nil
    } catch JournalError.damaged(let damage) {
      return damage
    }
  }
}

extension JournalCommit {
  /// What a salvage went past between a place and this commit; nil when this is the next one.
  fileprivate func hole(behind position: JournalPosition) -> JournalDamage? {
    guard number != position.commit &+ 1 else { return nil }
    return JournalDamage(
      file: file, offset: offset, expected: "commit \(position.commit &+ 1)",
      actual: "commit \(number), behind what a salvage went past")
  }
}
