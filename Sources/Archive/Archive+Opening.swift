import Controller
import EventModel
import Journal
import Logging
import Platform
import ServiceManager

extension Archive {
  /// Is there a journal in the folder yet?
  public static func hasJournal(_ folder: String, calls: JournalFileCalls = .system) throws(JournalError) -> Bool {
    guard calls.exists(folder) else { return false }
    return try JournalReader.oldestPosition(folder: folder, calls: calls) != nil
  }

  /// Goes on where the database is: from the newest snapshot that is not beyond it, replayed up to there. Where the journal
  /// is another there, or ends before, it goes on in a new epoch.
  ///
  /// - Parameter database: given away.
  /// - Throws: `ArchiveError` when the database and the journal do not belong together, or the journal has not all that the
  ///   database needs; `JournalError`; `SQLiteError`.
  public static func open(
    _ configuration: ArchiveConfiguration, database: consuming ArchiveDatabase, log: Logger
  ) throws -> Archive {
    let folder = configuration.journalFolder
    let calls = configuration.fileCalls
    let log = ArchiveLog(logger: log)
    guard let oldest = try JournalReader.oldestPosition(folder: folder, calls: calls),
      let journal = try JournalReader.journal(folder: folder, calls: calls)
    else { throw ArchiveError.noJournal(folder: folder) }
    let snapshots = ArchiveSnapshots(
      folder: folder, journal: journal, oldest: oldest.commit, calls: calls, log: log)
    let mark = try database.mark()
    let epochs = try database.epochs()
    var archive: Archive
    if let mark, mark.journal != journal.description {
      guard configuration.adopts else {
        throw ArchiveError.otherJournal(
          database: database.path, expected: mark.journal, folder: folder, found: journal.description)
      }
      archive = try adopt(configuration, database, snapshots, behind: epochs, log)
    } else if let mark, mark.position.commit >= oldest.commit, mark.position.commit > 0,
      try !has(mark.position, folder, calls) || isPassed(snapshots, before: mark)
    {
      archive = try branchOff(configuration, database, snapshots, from: mark, epochs, log)
    } else {
      archive = try goOn(configuration, database, snapshots, to: mark?.position ?? .start, epochs.last, log)
    }
    log.info(
      "resuming the archive",
      ["commit": "\(archive.position.commit)", "epoch": "\(archive.epoch.epoch)"])
    return archive
  }

  /// From the newest snapshot that is not beyond the database, replayed up to there; where that is gone, from the next one.
  private static func goOn(
    _ configuration: ArchiveConfiguration, _ database: consuming ArchiveDatabase, _ snapshots: ArchiveSnapshots,
    to target: JournalPosition, _ epoch: ArchiveEpoch?, _ log: ArchiveLog
  ) throws -> Archive {
    let (folder, oldest) = (snapshots.folder, snapshots.oldest)
    var base = try snapshots.newest(upTo: target.commit)
    var gap: JournalDamage?
    if target.commit < oldest || base == nil && oldest > 0 {
      let needed = (target.commit < oldest ? target.commit : 0) + 1
      base = configuration.salvages ? try snapshots.oldest(behind: target.commit) : nil
      guard base != nil else {
        throw ArchiveError.segmentsGone(
          database: database.path, commit: needed, folder: folder, firstCommit: oldest + 1)
      }
      gap = JournalDamage(
        file: folder, offset: 0, expected: "commit \(needed)",
        actual: "a journal that begins with commit \(oldest + 1)")
    }
    var replica = try JournalReplica(
      from: base, configuration: replicaSettings, toleratesDivergence: configuration.salvages)
    let replayedBytes = gap == nil ? try replay(&replica, to: target, configuration, database.path) : 0
    let newest = try SnapshotStore.commits(folder: folder, calls: snapshots.calls).last ?? 0
    var schedule = SnapshotSchedule(configuration, newestCommit: newest, newestMs: base?.createdMs ?? Clock.wallMs())
    schedule.count(bytes: replayedBytes)
    var archive = Archive(
      configuration: configuration, database: database,
      reader: try JournalReader.open(folder: folder, at: replica.position, mode: .follow, calls: snapshots.calls),
      replica: replica,
      epoch: epoch ?? .first(journal: snapshots.journal.description), snapshots: schedule, journal: snapshots.journal,
      log: log)
    if epoch == nil { archive.batch.begin(archive.epoch) }
    if let gap { archive.noteJump(from: target, past: gap) }
    return archive
  }

  /// It keeps no transactions in memory: the database has them.
  static var replicaSettings: ControllerConfiguration {
    var settings = ControllerConfiguration()
    settings.transactionLogCapacity = 0
    settings.transactionLogActionCapacity = 0
    return settings
  }

  /// Is the journal's commit there the one that the database ends with?
  private static func has(
    _ target: JournalPosition, _ folder: String, _ calls: JournalFileCalls
  ) throws -> Bool {
    do throws(JournalError) {
      _ = try JournalReader.open(folder: folder, at: target, mode: .follow, calls: calls).position
      return true
    } catch {
      switch error {
      case .system, .otherVersion, .locked, .noJournal: throw error
      default: return false
      }
    }
  }

  /// Leads the replica to where the database is, from commits that it has already.
  ///
  /// - Returns: bytes of their records.
  private static func replay(
    _ replica: inout JournalReplica, to target: JournalPosition, _ configuration: ArchiveConfiguration,
    _ database: String
  ) throws -> Int {
    guard replica.position.commit < target.commit else { return 0 }
    var bytes = 0
    var reader = try JournalReader.open(
      folder: configuration.journalFolder, at: replica.position, mode: configuration.salvages ? .salvage : .follow,
      calls: configuration.fileCalls)
    var start = StartExtension()
    while replica.position.commit < target.commit, let commit = try reader.next(upTo: target.lastRecord) {
      start.noteProgress()
      try replica.apply(commit)
      bytes += commit.bodyBytes
    }
    guard replica.position == target else {
      throw ArchiveError.otherHistory(
        database: database, commit: target.commit, hash: target.hash,
        damage: JournalDamage(
          file: configuration.journalFolder, offset: 0,
          expected: "commit \(target.commit) with the hash \(target.hash)",
          actual: "commit \(replica.position.commit) with the hash \(replica.position.hash)"))
    }
    return bytes
  }
}

/// The snapshots that an archive can begin with.
struct ArchiveSnapshots: Sendable {
  let folder: String
  let journal: JournalID
  /// The commit before the journal's oldest segment.
  let oldest: UInt64
  let calls: JournalFileCalls
  let log: ArchiveLog

  /// Of the journal; nil when that was let go.
  var beginning: JournalPosition? { oldest == 0 ? .start : nil }

  /// The newest whole one that is not behind a commit.
  func newest(upTo commit: UInt64) throws(JournalError) -> Snapshot? {
    try first(of: commits.reversed().filter { $0 <= commit })
  }

  /// The oldest whole one behind a commit.
  func oldest(behind commit: UInt64) throws(JournalError) -> Snapshot? {
    try first(of: commits.filter { $0 > commit })
  }

  var commits: [UInt64] {
    get throws(JournalError) { try SnapshotStore.commits(folder: folder, calls: calls).filter { $0 >= oldest } }
  }

  private func first(of commits: [UInt64]) throws(JournalError) -> Snapshot? {
    for commit in commits {
      do throws(JournalError) {
        let snapshot = try SnapshotStore.read(folder: folder, commit: commit, calls: calls)
        if snapshot.journal == journal { return snapshot }
        log.error("a snapshot is of another journal", ["commit": "\(commit)"])
      } catch {
        guard case .damaged(let damage) = error else { throw error }
        log.tell(.snapshotDamaged, [.cause: "\(damage)"])
      }
    }
    return nil
  }
}
