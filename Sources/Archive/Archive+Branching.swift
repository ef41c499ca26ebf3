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
    let life = ArchiveLife(epochs)
    let folder = snapshots.folder
    let base = try commonBase(snapshots, upTo: mark.position.commit, life)
    guard base != nil || snapshots.oldest == 0 else {
      throw ArchiveError.segmentsGone(
        database: database.path, commit: 1, folder: folder, firstCommit: snapshots.oldest + 1)
    }
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
    var start = StartExtension()
    var passed: JournalDamage?
    do {
      var scan = try JournalScan.open(folder: folder, at: replica.position, calls: snapshots.calls)
      while replica.position.commit < mark.position.commit, let commit = try scan.next() {
        passed = commit.hole(behind: replica.position)
        guard passed == nil, try database.has(commit, behind: replica.position, life) else { break }
        start.noteProgress()
        try replica.apply(commit)
      }
    } catch JournalError.damaged(let damage) {
      passed = damage
    }
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
      index: life.last.index + 1, epoch: replica.ledger.epoch, journal: mark.journal,
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
    if mark.position.lastTransaction > transaction {
      archive.batch.superseded = ProjectionBatch.Superseded(
        firstIndex: life.epoch(of: transaction &+ 1).index, afterNumber: transaction)
    }
    if let gap { archive.noteJump(from: gap.from, past: gap.past) }
    return archive
  }

  /// Goes on with another journal, from its beginning or the oldest state of it that there is.
  static func adopt(
    _ configuration: ArchiveConfiguration, _ database: consuming ArchiveDatabase, _ snapshots: ArchiveSnapshots,
    behind epochs: [ArchiveEpoch], _ log: ArchiveLog
  ) throws -> Archive {
    let folder = snapshots.folder
    let base = snapshots.oldest == 0 ? nil : try snapshots.oldest(behind: 0)
    guard base != nil || snapshots.oldest == 0 else {
      throw ArchiveError.segmentsGone(
        database: database.path, commit: 1, folder: folder, firstCommit: snapshots.oldest + 1)
    }
    let replica = try JournalReplica(
      from: base, configuration: replicaSettings, toleratesDivergence: configuration.salvages)
    let last = ArchiveLife(epochs).last
    let epoch = ArchiveEpoch(
      index: last.index + 1, epoch: replica.ledger.epoch, journal: snapshots.journal.description,
      generationBase: try database.nextGenerationBase(), firstTransaction: replica.position.lastTransaction &+ 1,
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
    if let base {
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

  /// The newest snapshot that is surely of the history that is archived: of an epoch that it has, or else the oldest.
  private static func commonBase(
    _ snapshots: ArchiveSnapshots, upTo commit: UInt64, _ life: ArchiveLife
  ) throws -> Snapshot? {
    for candidate in try snapshots.commits.reversed() where candidate <= commit {
      guard let snapshot = try snapshots.newest(upTo: candidate) else { break }
      if life.knows(snapshot.ledger.epoch) { return snapshot }
    }
    return snapshots.oldest == 0 ? nil : try snapshots.oldest(behind: 0)
  }
}

/// The epochs of an archive that share the entities of the newest one: within them numbers rise.
struct ArchiveLife {
  private let epochs: [ArchiveEpoch]

  /// - Parameter epochs: all of an archive, of which there is one at least.
  init(_ all: [ArchiveEpoch]) {
    let base = all.last?.generationBase
    epochs = all.filter { $0.generationBase == base }
  }

  var last: ArchiveEpoch { epochs[epochs.count - 1] }

  /// Was a dispatcher with this epoch followed? Of those from before there were epochs, nobody can tell.
  func knows(_ epoch: UInt64) -> Bool {
    epoch > 0 && epochs.contains { $0.epoch == epoch }
  }

  /// The one that has, or would have, the transaction with this number.
  func epoch(of number: UInt64) -> ArchiveEpoch {
    epochs.last { $0.firstTransaction <= number } ?? epochs[0]
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

extension ArchiveDatabase {
  /// Has it what a commit tells of?
  fileprivate func has(_ commit: JournalCommit, behind position: JournalPosition, _ life: ArchiveLife) throws -> Bool {
    var number = position.lastTransaction
    for (offset, record) in commit.records().enumerated() {
      let event: Event
      switch record {
      case .event(let journaled), .refused(let journaled, _): event = journaled.event
      case .started(let start):
        guard life.knows(start.epoch) else { return false }
        continue
      default: continue
      }
      number &+= 1
      let expected = TransactionFingerprint(
        record: commit.firstRecord + UInt64(offset), peer: UInt64(event.id.peer), position: event.id.position,
        kind: event.kind.name)
      guard try fingerprint(ofTransaction: life.epoch(of: number).id(of: number)) == expected else { return false }
    }
    return true
  }
}
