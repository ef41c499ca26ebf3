import Controller
import EventModel
import Journal
import Platform
import SQLite

/// Follows a journal: takes commit after commit over into a database, exactly once, writes snapshots of the state, and lets
/// go what is old of the journal. It may end at any time and goes on where it was.
///
/// Never ahead of the journal: what was read is synced before the database counts on it. Driven by one thread, with blocking
/// calls.
public struct Archive: ~Copyable {
  /// What a turn came to.
  public enum Progress: Sendable, Hashable {
    /// There may be more.
    case advanced
    /// Everything there is has been taken over.
    case upToDate
    /// The database cannot be written to: the next turn tries again.
    case waiting(Obstacle)
  }

  /// What keeps an archive from writing to its database, and passes.
  public enum Obstacle: Sendable, Hashable {
    /// The file system is full.
    case space
    /// Another process has begun to write to it.
    case otherWriter
  }

  public let configuration: ArchiveConfiguration
  public internal(set) var counters = ArchiveCounters()
  var database: ArchiveDatabase
  var reader: JournalReader
  var replica: JournalReplica
  var batch: ProjectionBatch
  var snapshots: SnapshotSchedule
  /// Taken, and not written yet.
  var snapshot: Snapshot?
  /// The journal's id.
  let journal: JournalID
  let log: ArchiveLog
  /// When it is looked whether the database wants something.
  var nextTendingNs: UInt64 = 0
  /// The write-ahead log's size that an operator was told of last.
  var toldLogBytes = 0
  /// Was an operator told that the database holds more than it may?
  var isLimitTold = false
  private var obstacle: Obstacle?
  /// What ended the commits that could be read. The reader may be behind it already.
  private var damage: JournalDamage?
  private var damageProbe = DamageProbe()

  init(
    configuration: ArchiveConfiguration, database: consuming ArchiveDatabase, reader: consuming JournalReader,
    replica: consuming JournalReplica, epoch: ArchiveEpoch, snapshots: SnapshotSchedule, journal: JournalID,
    log: ArchiveLog
  ) {
    self.configuration = configuration
    self.database = database
    self.reader = reader
    self.replica = replica
    batch = ProjectionBatch(in: epoch)
    self.snapshots = snapshots
    self.journal = journal
    self.log = log
  }

  /// Behind the last commit that the database has.
  public var position: JournalPosition { replica.position }

  /// The epoch of history that it is in.
  public var epoch: ArchiveEpoch { batch.epoch }

  /// The state machine's state there.
  public var stateHash: UInt64 { replica.state.stateHash }

  /// Takes over what is there, up to a batch, and writes a snapshot when one is due.
  ///
  /// - Throws: `JournalError`: the journal is damaged, or cannot be synced; `SQLiteError`: the database is damaged, or its
  ///   disk is; `ArchiveError.databaseGone`. Nothing is half done then.
  public mutating func turn() throws -> Progress {
    // Before the journal lets go what nobody else will have.
    try database.checkPlace()
    // What passes over a part of the journal is written before anything behind it.
    let hasMore = obstacle != nil || !batch.isEmpty ? true : try fill()
    guard !batch.isEmpty else {
      try writeSnapshotIfDue(isUpToDate: true)
      try tend(writtenInNs: nil)
      return .upToDate
    }
    let writingNs = counters.writingNs
    try writeBatch()
    if let obstacle { return .waiting(obstacle) }
    try tend(writtenInNs: counters.writingNs - writingNs)
    try writeSnapshotIfDue(isUpToDate: !hasMore)
    return hasMore ? .advanced : .upToDate
  }

  /// Takes over everything that is there, and makes sure that it is no damage that ends it.
  ///
  /// - Throws: as `turn()`, and `ArchiveError.obstructed` when the database cannot be written to now.
  public mutating func catchUp() throws {
    while true {
      switch try turn() {
      case .advanced: continue
      case .upToDate:
        damageProbe.makeDue()
        guard case .upToDate = try turn() else { continue }
        return
      case .waiting(let obstacle): throw ArchiveError.obstructed(database: database.path, obstacle)
      }
    }
  }

  // MARK: Reading

  /// Gathers commits until there are enough.
  ///
  /// - Returns: whether it stopped before the end.
  private mutating func fill() throws -> Bool {
    if damage != nil { return try goPastDamage() }
    let endNs = Clock.monotonicNs() + configuration.batchMs * 1_000_000
    while batch.rows < configuration.batchRows {
      do {
        guard let commit = try reader.next() else {
          return try probeForDamage()
        }
        try apply(commit)
      } catch JournalError.damaged(let found) {
        damage = found
        // First what came before it.
        return batch.isEmpty ? try goPastDamage() : true
      }
      if Clock.monotonicNs() > endNs { return true }
    }
    return true
  }

  /// Goes on behind the damage that was come upon, if that is wanted.
  ///
  /// - Returns: true: there may be more.
  private mutating func goPastDamage() throws -> Bool {
    guard let damage else { return true }
    // What the dispatcher went past already needs no decision here.
    let mayGoPast =
      try configuration.salvages
      || JournalReader.isSalvaged(
        folder: configuration.journalFolder, behind: replica.position.commit, calls: configuration.fileCalls)
    guard mayGoPast, try goPast(damage) else { throw JournalError.damaged(damage) }
    self.damage = nil
    return true
  }

  mutating func apply(_ commit: JournalCommit) throws {
    // Out of the archive, so that the replica can be led meanwhile.
    var gathered = ProjectionBatch(in: batch.epoch)
    swap(&gathered, &batch)
    defer { swap(&gathered, &batch) }
    try replica.apply(commit, before: { gathered.prepare(for: $0, $1) }, { gathered.add($0) })
    snapshots.count(bytes: commit.bodyBytes)
    counters.commits += 1
    counters.bytes += UInt64(commit.bodyBytes)
    damageProbe.reset()
  }

  /// Is it damage that ends what can be read? Asked ever more rarely while nothing comes.
  ///
  /// - Returns: whether there is something to read after all.
  private mutating func probeForDamage() throws -> Bool {
    guard batch.isEmpty, damageProbe.isDue(nowNs: Clock.monotonicNs()) else { return false }
    do {
      var probe = try JournalReader.open(
        folder: configuration.journalFolder, at: replica.position, mode: .recover, calls: configuration.fileCalls)
      guard try probe.next() != nil else { return false }
      // A salvage went past it: so may this, by its snapshot.
      if let loss = probe.losses.first { throw JournalError.damaged(loss.damage) }
      return true
    } catch JournalError.damaged(let damage) {
      // What is written behind it may have been written since the last look.
      guard let commit = try reader.next() else { throw JournalError.damaged(damage) }
      try apply(commit)
      return true
    }
  }

  // MARK: Writing

  /// Leaves the batch as it is when there is an obstacle.
  private mutating func writeBatch() throws {
    let startNs = Clock.monotonicNs()
    if obstacle == nil {
      batch.finish(replica.state)
      try reader.sync(calls: configuration.fileCalls)
    }
    do {
      try database.write(batch, mark)
    } catch let error as SQLiteError {
      guard let found = Obstacle(error) else { throw error }
      if obstacle != found {
        log.tell(
          .databaseUnavailable,
          [.cause: "\(found.description): \(error)", .database: "\(configuration.databasePath)"])
      }
      obstacle = found
      return
    }
    if obstacle != nil { log.tell(.databaseAvailable, [.database: "\(configuration.databasePath)"]) }
    obstacle = nil
    counters.count(batch, writtenInNs: Clock.monotonicNs() - startNs)
    batch.removeAll()
  }

  private var mark: ArchiveMark {
    ArchiveMark(journal: journal.description, position: replica.position, stateHash: replica.state.stateHash)
  }

  private mutating func writeSnapshotIfDue(isUpToDate: Bool) throws {
    let nowMs = Clock.wallMs()
    if snapshot == nil, snapshots.isDue(commit: replica.position.commit, isUpToDate: isUpToDate, nowMs: nowMs) {
      snapshot = replica.snapshot(journal: journal, createdMs: nowMs)
      snapshots.noteTaken(commit: replica.position.commit, nowMs: nowMs)
    }
    guard let snapshot,
      snapshots.mayBeWritten(
        transactionsSince: Self.distance(snapshot.position.lastTransaction, replica.position.lastTransaction),
        delay: configuration.snapshotDelay, nowMs: nowMs),
      let bytes = try write(snapshot, nowMs: nowMs)
    else { return }
    self.snapshot = nil
    counters.snapshots += 1
    snapshots.noteWritten(bytes: bytes)
    log.debug("wrote a snapshot", ["commit": "\(snapshot.position.commit)", "bytes": "\(bytes)"])
    let removed = try configuration.retention.apply(
      folder: configuration.journalFolder, nowMs: nowMs, upTo: replica.position.commit, calls: configuration.fileCalls)
    counters.removedSegments += UInt64(removed.segments.count)
    guard !removed.segments.isEmpty else { return }
    log.info("let old segments go", ["segments": "\(removed.segments.count)", "bytes": "\(removed.bytes)"])
  }

  /// Numbers of a damaged journal may fall.
  static func distance(_ first: UInt64, _ last: UInt64) -> UInt64 {
    last > first ? last - first : 0
  }

  /// - Returns: its size; nil when there is no space.
  private mutating func write(_ snapshot: Snapshot, nowMs: Int64) throws -> Int? {
    do throws(JournalError) {
      return try SnapshotStore.write(
        snapshot, folder: configuration.journalFolder, calls: configuration.fileCalls)
    } catch {
      guard case .system(let cause) = error, cause.meansNoSpace else { throw error }
      snapshots.noteFailed(nowMs: nowMs)
      log.tell(.snapshotDelayed, [.cause: "\(cause)"])
      return nil
    }
  }
}

/// When to look whether a journal ended by damage: at first after a second without anything new, then ever more rarely.
struct DamageProbe {
  private var sinceNs: UInt64?
  private var waitNs = Self.firstWaitNs

  private static let firstWaitNs: UInt64 = 1_000_000_000
  private static let longestWaitNs: UInt64 = 60_000_000_000

  mutating func reset() {
    self = DamageProbe()
  }

  mutating func makeDue() {
    (sinceNs, waitNs) = (0, 0)
  }

  mutating func isDue(nowNs: UInt64) -> Bool {
    guard let sinceNs else {
      self.sinceNs = nowNs
      return false
    }
    guard nowNs - sinceNs >= waitNs else { return false }
    self.sinceNs = nowNs
    waitNs = min(max(waitNs * 2, Self.firstWaitNs), Self.longestWaitNs)
    return true
  }
}
