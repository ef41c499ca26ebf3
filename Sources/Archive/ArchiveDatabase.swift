import Journal
import Platform
import SQLite

/// The database of an archive, open for writing by one process.
///
/// WAL, so that readers never wait; synced at every commit (`synchronous=FULL`), because the journal lets segments go by what
/// the database says that it has.
public struct ArchiveDatabase: ~Copyable {
  public let path: String
  let connection: SQLiteConnection
  private var writer: ProjectionWriter
  private var markUpdate: SQLiteStatement
  private var pruner: HistoryPruner
  private let lock: FileLock

  /// Pages of the write-ahead log after which it is copied into the database: pages that many batches change are written
  /// there once.
  private static let checkpointPages = 8192
  /// More than a log that is copied so often needs; a limit has it emptied when the archive ends.
  private static let logLimitBytes = 64 << 20
  private static let cacheKiB = 128 << 10

  /// Opens or makes the database and brings its schema up to date.
  ///
  /// - Parameter busyTimeoutMs: how long a write waits for another writer before it is told so.
  /// - Throws: `ArchiveError`, `.obstructed` when it can be tried again; `SystemError` that `meansLocked` when another archive
  ///   has it.
  public static func open(_ path: String, busyTimeoutMs: Int32 = 1000) throws -> ArchiveDatabase {
    let lock = try FileLock.take(
      path: "\(path).lock", holder: "another ringmaster-archive", advice: "stop that one or use another --database")
    do {
      return try open(path, lock, busyTimeoutMs: busyTimeoutMs)
    } catch let error as SQLiteError {
      if let obstacle = Archive.Obstacle(error) { throw ArchiveError.obstructed(database: path, obstacle) }
      throw ArchiveError.unusable(database: path, error)
    }
  }

  private static func open(
    _ path: String, _ lock: consuming FileLock, busyTimeoutMs: Int32
  ) throws -> ArchiveDatabase {
    let connection = try SQLiteConnection.open(path, .readWrite, busyTimeoutMs: busyTimeoutMs)
    // Before there is anything in it: what retention removes makes the file smaller then.
    try connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    let mode = try connection.text("PRAGMA journal_mode = WAL")
    guard mode == "wal" else {
      throw SQLiteError(code: 1, operation: "use a write-ahead log for \(path)", reason: "got \(mode ?? "nothing")")
    }
    try connection.keepLogFiles()
    try connection.execute(
      """
      PRAGMA synchronous = FULL;
      PRAGMA journal_size_limit = \(logLimitBytes);
      PRAGMA wal_autocheckpoint = \(checkpointPages);
      PRAGMA cache_size = -\(cacheKiB);
      PRAGMA temp_store = MEMORY;
      """)
    try ArchiveMigration.run(connection, path: path)
    let writer = try ProjectionWriter.prepare(connection)
    let markUpdate = try connection.prepare("REPLACE INTO archive VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    let pruner = try HistoryPruner.prepare(connection)
    return ArchiveDatabase(
      path: path, connection: connection, writer: writer, markUpdate: markUpdate, pruner: pruner, lock: lock)
  }

  private init(
    path: String, connection: consuming SQLiteConnection, writer: consuming ProjectionWriter,
    markUpdate: consuming SQLiteStatement, pruner: consuming HistoryPruner, lock: consuming FileLock
  ) {
    self.path = path
    self.connection = connection
    self.writer = writer
    self.markUpdate = markUpdate
    self.pruner = pruner
    self.lock = lock
  }

  /// Sees that its file is still where it was opened.
  ///
  /// - Throws: `ArchiveError.databaseGone`; `SQLiteError`.
  func checkPlace() throws { if try connection.hasMoved() { throw ArchiveError.databaseGone(database: path) } }

  /// How far it has come; nil when it is new.
  public func mark() throws(SQLiteError) -> ArchiveMark? {
    try ArchiveMark.read(connection)
  }

  /// All epochs, in order; none when it is new.
  func epochs() throws(SQLiteError) -> [ArchiveEpoch] { try ArchiveEpoch.readAll(connection) }

  /// What another life's entities add to their generations, so that they have ids of their own.
  func nextGenerationBase() throws(SQLiteError) -> UInt64 {
    var highest: UInt64 = 0
    for table in ["workers", "jobs", "stored_tasks", "peers"] {
      highest = max(highest, UInt64(clamping: try connection.integer("SELECT max(id) FROM \(table)") ?? 0))
    }
    return highest >> 32 + 1
  }

  /// The id of the oldest transaction that is there; greater than any when there is none.
  func oldestTransaction() throws(SQLiteError) -> UInt64 {
    try connection.integer("SELECT min(id) FROM stored_transactions").map { UInt64(bitPattern: $0) } ?? .max
  }

  /// The number of an epoch's newest transaction; nil when there is none.
  func lastTransaction(of epoch: ArchiveEpoch) throws(SQLiteError) -> UInt64? {
    let range = "id BETWEEN \(epoch.firstID) AND \(epoch.lastID)"
    return try connection.integer("SELECT max(id) FROM stored_transactions WHERE \(range)")
      .map { ArchiveEpoch.number(ofID: UInt64(bitPattern: $0)) }
  }

  /// By what a transaction is known, as it is archived; nil when there is none.
  func fingerprint(ofTransaction id: UInt64) throws(SQLiteError) -> TransactionFingerprint? {
    var row = try connection.prepare("SELECT record, peer, position, kind FROM transactions WHERE id = ?")
    row.bind(id)
    guard try row.step() else { return nil }
    return TransactionFingerprint(
      record: row.unsigned(0), peer: row.unsigned(1), position: row.unsigned(2), kind: row.text(3))
  }

  /// Writes a batch and how far it reaches, as one: after a crash both are there, or neither.
  ///
  /// - Throws: `SQLiteError`; nothing has changed then. One that `meansNoSpace` or `meansBusy` can be tried again.
  mutating func write(_ batch: borrowing ProjectionBatch, _ mark: ArchiveMark) throws {
    let nowMs = Clock.wallMs()
    try connection.execute("BEGIN IMMEDIATE")
    do {
      for correction in batch.clockCorrections { try limitTimes(toMs: correction.toMs) }
      try writer.write(batch, nowMs: nowMs)
      for correction in batch.clockCorrections { try limitTimes(before: correction.id, toMs: correction.toMs) }
      try update(mark)
      try connection.execute("COMMIT")
    } catch {
      // SQLite may have rolled back by itself.
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  // MARK: Tending

  /// Removes a few of the oldest transactions that are not kept.
  ///
  /// - Returns: how many things went; 0 when all is kept.
  mutating func prune(_ retention: HistoryRetention, nowMs: Int64) throws(SQLiteError) -> Int {
    try pruner.prune(connection, retention, nowMs: nowMs)
  }

  /// Bytes of its pages that hold something.
  func usedBytes() throws(SQLiteError) -> Int { try HistoryPruner.usedBytes(connection) }

  /// Makes the file smaller where it holds nothing, by a little.
  ///
  /// - Returns: whether there may be more.
  func shrink() throws(SQLiteError) -> Bool { try HistoryPruner.shrink(connection) }

  /// Of the write-ahead log's file.
  func logBytes() -> Int { (try? File.open(readingFrom: "\(path)-wal").size()) ?? 0 }

  /// Takes all that is in the write-ahead log over into the database, and empties it.
  ///
  /// - Returns: false when a reader keeps it from that.
  func emptyLog() throws(SQLiteError) -> Bool {
    var passive = try connection.prepare("PRAGMA wal_checkpoint(PASSIVE)")
    guard try passive.step(), passive.integer(0) == 0, passive.integer(1) == passive.integer(2) else { return false }
    passive.reset()
    var emptying = try connection.prepare("PRAGMA wal_checkpoint(TRUNCATE)")
    return try emptying.step() && emptying.integer(0) == 0
  }

  private mutating func update(_ mark: ArchiveMark) throws(SQLiteError) {
    let position = mark.position
    markUpdate.bind(mark.journal)
    markUpdate.bind(position.commit)
    markUpdate.bind(blob: position.hash.withUnsafeBytes { [UInt8]($0) })
    markUpdate.bind(position.lastRecord)
    markUpdate.bind(position.lastTransaction)
    markUpdate.bind(mark.stateHash)
    markUpdate.bind(position.segment)
    markUpdate.bind(position.offset)
    markUpdate.bind(position.commitOffset)
    try markUpdate.run()
  }
}

/// By what a transaction is known again.
struct TransactionFingerprint: Equatable {
  let record: UInt64
  let peer: UInt64
  let position: UInt64
  let kind: String
}

extension ArchiveEpoch {
  /// Reads all from an archive's database, in order.
  static func readAll(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> [ArchiveEpoch] {
    var row = try connection.prepare(
      "SELECT id, epoch, journal, generation_base, first_transaction, cause, superseded_after FROM epochs ORDER BY id")
    var epochs: [ArchiveEpoch] = []
    while try row.step() {
      epochs.append(
        ArchiveEpoch(
          index: row.unsigned(0), epoch: row.unsigned(1), journal: row.text(2), generationBase: row.unsigned(3),
          firstTransaction: row.unsigned(4), cause: Cause(rawValue: row.text(5)) ?? .start,
          supersededAfter: row.optionalInteger(6).map { UInt64(bitPattern: $0) }))
    }
    return epochs
  }
}

extension ArchiveMark {
  /// Reads it from an archive's database; nil when that is new.
  static func read(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> ArchiveMark? {
    var row = try connection.prepare(
      """
      SELECT journal, commit_number, commit_hash, last_record, last_transaction, state_hash, segment, segment_offset,
        commit_offset FROM archive
      """)
    guard try row.step() else { return nil }
    let hash = row.blob(2)
    guard hash.count == ChainHash.bytes else {
      throw SQLiteError(
        code: SQLiteError.damaged, operation: "read how far the archive has come",
        reason: "expected a hash of \(ChainHash.bytes) bytes, found \(hash.count)")
    }
    return ArchiveMark(
      journal: row.text(0),
      position: JournalPosition(
        commit: row.unsigned(1), lastRecord: row.unsigned(3), lastTransaction: row.unsigned(4),
        hash: hash.withUnsafeBytes { ChainHash($0) },
        segment: row.unsigned(6), offset: row.unsigned(7), commitOffset: row.unsigned(8)),
      stateHash: row.unsigned(5))
  }
}

extension ChainHash {
  /// Of a SHA-256.
  static let bytes = 32
}
