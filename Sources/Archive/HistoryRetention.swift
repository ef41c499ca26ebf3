import Platform
import SQLite

/// How much of history an archive keeps in its database.
public struct HistoryRetention: Sendable, Hashable {
  /// Transactions older than this go, in milliseconds; nil keeps them whatever their age.
  public var keepMs: Int64?
  /// When the database uses more than this, the oldest go, in bytes; nil keeps them whatever its size.
  public var keepBytes: Int?
  /// So many of the newest stay whatever the database uses: what jobs and tasks take leaves a history all the same.
  public var keepTransactions = 10_000

  public init(keepMs: Int64? = nil, keepBytes: Int? = nil) {
    self.keepMs = keepMs
    self.keepBytes = keepBytes
  }

  var keepsAll: Bool { keepMs == nil && keepBytes == nil }
}

/// Removes what is old from a database, a few transactions at a time, with all that tells of them; and what is gone when
/// nothing tells of it any more.
struct HistoryPruner: ~Copyable {
  private var transactions: OldestRows
  private var unhandled: OldestRows
  private var deletions: HistoryDeletions

  /// In one go, which takes some milliseconds.
  static let transactionsAtOnce = 256
  /// Jobs may have thousands of tasks.
  private static let entitiesAtOnce = 8
  private static let freePagesAtOnce = 512

  static func prepare(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> HistoryPruner {
    HistoryPruner(
      transactions: try OldestRows.prepare(connection, "stored_transactions"),
      unhandled: try OldestRows.prepare(connection, "unhandled_events"),
      deletions: try HistoryDeletions.prepare(connection))
  }

  /// Bytes of the database's pages that hold something.
  static func usedBytes(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> Int {
    let pages = try connection.integer("PRAGMA page_count") ?? 0
    let free = try connection.integer("PRAGMA freelist_count") ?? 0
    return Int((pages - free) * (try connection.integer("PRAGMA page_size") ?? 0))
  }

  /// Removes a few of the oldest that are too old, or too much. In a transaction of its own.
  ///
  /// - Returns: how many; 0 when all that is left is kept.
  mutating func prune(
    _ connection: borrowing SQLiteConnection, _ retention: HistoryRetention, nowMs: Int64
  ) throws(SQLiteError) -> Int {
    var isTooMuch = false
    if let limit = retention.keepBytes { isTooMuch = try Self.usedBytes(connection) > limit }
    let limitMs = retention.keepMs.map { nowMs &- $0 } ?? .min
    let spared = isTooMuch ? retention.keepTransactions : nil
    let (old, areAll) = try transactions.next(before: limitMs, sparing: spared)
    // The newest of all stays: by it the journal is known again.
    let removed = areAll ? old.dropLast() : old[...]
    let endMs = removed.last?.timeMs ?? .max
    let unhandled = try unhandled.next(before: limitMs, sparing: spared).old.filter { $0.timeMs <= endMs }
    try connection.execute("BEGIN IMMEDIATE")
    do throws(SQLiteError) {
      if let last = removed.last { try deletions.removeTransactions(upTo: last.id) }
      if let last = unhandled.last { try deletions.removeUnhandled(upTo: last.id) }
      let entities = try deletions.removeGone(
        before: old.last?.timeMs ?? (isTooMuch ? .max : limitMs), limit: Self.entitiesAtOnce)
      try connection.execute("COMMIT")
      return removed.count + unhandled.count + entities
    } catch {
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  /// Gives some pages that hold nothing back to the file system.
  ///
  /// - Returns: whether there may be more.
  static func shrink(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> Bool {
    let free = try connection.integer("PRAGMA freelist_count") ?? 0
    guard free > 0, try connection.integer("PRAGMA auto_vacuum") == 2 else { return false }
    try connection.execute("PRAGMA incremental_vacuum(\(freePagesAtOnce))")
    return free > freePagesAtOnce
  }
}

/// Finds the oldest rows of a table.
private struct OldestRows: ~Copyable {
  private var oldest: SQLiteStatement
  private var newestBehind: SQLiteStatement
  /// The first id that was spared when that was looked for last: since, more became old.
  private var sparedFrom: UInt64 = 0

  static func prepare(_ connection: borrowing SQLiteConnection, _ table: String) throws(SQLiteError) -> OldestRows {
    OldestRows(
      oldest: try connection.prepare("SELECT id, time_ms FROM \(table) ORDER BY id LIMIT ?"),
      newestBehind: try connection.prepare("SELECT id FROM \(table) ORDER BY id DESC LIMIT 1 OFFSET ?"))
  }

  private init(oldest: consuming SQLiteStatement, newestBehind: consuming SQLiteStatement) {
    self.oldest = oldest
    self.newestBehind = newestBehind
  }

  /// - Parameters:
  ///   - limitMs: those before this time may go,
  ///   - spared: and all but so many of the newest; nil spares all.
  /// - Returns: the oldest of them, and whether there are no other rows.
  mutating func next(
    before limitMs: Int64, sparing spared: Int?
  ) throws(SQLiteError) -> (old: [(id: UInt64, timeMs: Int64)], areAll: Bool) {
    let found = try rows(before: limitMs, or: spared == nil ? 0 : sparedFrom)
    guard let spared, found.old.isEmpty else { return found }
    newestBehind.bind(spared)
    sparedFrom = try newestBehind.step() ? newestBehind.unsigned(0) + 1 : 0
    newestBehind.reset()
    return try rows(before: limitMs, or: sparedFrom)
  }

  private mutating func rows(
    before limitMs: Int64, or id: UInt64
  ) throws(SQLiteError) -> (old: [(id: UInt64, timeMs: Int64)], areAll: Bool) {
    defer { oldest.reset() }
    oldest.bind(HistoryPruner.transactionsAtOnce)
    var rows: [(id: UInt64, timeMs: Int64)] = []
    while try oldest.step() {
      let row = (id: oldest.unsigned(0), timeMs: oldest.integer(1))
      guard row.timeMs < limitMs || row.id < id else { return (rows, false) }
      rows.append(row)
    }
    return (rows, rows.count < HistoryPruner.transactionsAtOnce)
  }
}

/// The statements that remove things.
struct HistoryDeletions: ~Copyable {
  private var workerLists: SQLiteStatement
  private var jobLists: SQLiteStatement
  private var taskLists: SQLiteStatement
  private var transactions: SQLiteStatement
  private var unhandled: SQLiteStatement
  private var goneJobs: SQLiteStatement
  private var goneWorkers: SQLiteStatement
  private var attempts: SQLiteStatement
  private var tasks: SQLiteStatement
  private var job: SQLiteStatement
  private var worker: SQLiteStatement
  private var peers: SQLiteStatement

  /// Of whatever the transactions that go tell of, the lists that end with one of them go: found by the index, entity for
  /// entity.
  static func lists(_ entity: LinkedEntity) -> String {
    let column = entity == .job ? "tasks.job" : entity.rawValue
    let join = entity == .job ? "JOIN stored_tasks AS tasks ON tasks.id = task" : ""
    let own = """
      SELECT job FROM actions WHERE transaction_id <= ?1 UNION SELECT job FROM stored_transactions WHERE id <= ?1 UNION
      """
    return """
      DELETE FROM \(entity)_lists WHERE last <= ?1 AND \(entity) IN (\(entity == .job ? own : "")
        SELECT \(column) FROM actions \(join) WHERE transaction_id <= ?1
        UNION SELECT \(column) FROM stored_transactions AS transactions \(join) WHERE transactions.id <= ?1
        UNION SELECT \(column) FROM kills \(join) WHERE transaction_id <= ?1)
      """
  }

  static func prepare(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> HistoryDeletions {
    HistoryDeletions(
      workerLists: try connection.prepare(lists(.worker)), jobLists: try connection.prepare(lists(.job)),
      taskLists: try connection.prepare(lists(.task)),
      transactions: try connection.prepare("DELETE FROM stored_transactions WHERE id <= ?"),
      unhandled: try connection.prepare("DELETE FROM unhandled_events WHERE id <= ?"),
      goneJobs: try connection.prepare(
        """
        SELECT id FROM jobs WHERE pruned_ms < ? AND NOT EXISTS (SELECT 1 FROM job_lists WHERE job = jobs.id)
        ORDER BY pruned_ms LIMIT ?
        """),
      goneWorkers: try connection.prepare(
        """
        SELECT id FROM workers WHERE lost_ms < ? AND NOT EXISTS
          (SELECT 1 FROM worker_lists WHERE worker = workers.id)
        ORDER BY lost_ms LIMIT ?
        """),
      attempts: try connection.prepare(
        "DELETE FROM earlier_attempts WHERE task IN (SELECT id FROM stored_tasks WHERE job = ?)"),
      tasks: try connection.prepare("DELETE FROM stored_tasks WHERE job = ?"),
      job: try connection.prepare("DELETE FROM jobs WHERE id = ?"),
      worker: try connection.prepare("DELETE FROM workers WHERE id = ?"),
      peers: try connection.prepare("DELETE FROM peers WHERE removed_ms < ?"))
  }

  mutating func removeTransactions(upTo id: UInt64) throws(SQLiteError) {
    // Lists first: the others say which they are.
    try Self.run(&workerLists, id)
    try Self.run(&jobLists, id)
    try Self.run(&taskLists, id)
    try Self.run(&transactions, id)
  }

  mutating func removeUnhandled(upTo id: UInt64) throws(SQLiteError) {
    try Self.run(&unhandled, id)
  }

  /// - Returns: how many jobs and workers.
  mutating func removeGone(before timeMs: Int64, limit: Int) throws(SQLiteError) -> Int {
    let gone = try Self.ids(&goneJobs, timeMs, limit)
    for id in gone {
      try Self.run(&attempts, id)
      try Self.run(&tasks, id)
      try Self.run(&job, id)
    }
    let workers = try Self.ids(&goneWorkers, timeMs, limit)
    for id in workers { try Self.run(&worker, id) }
    peers.bind(timeMs)
    try peers.run()
    return gone.count + workers.count
  }

  private static func run(_ statement: inout SQLiteStatement, _ id: UInt64) throws(SQLiteError) {
    statement.bind(id)
    try statement.run()
  }

  private static func ids(
    _ statement: inout SQLiteStatement, _ timeMs: Int64, _ limit: Int
  ) throws(SQLiteError) -> [UInt64] {
    defer { statement.reset() }
    statement.bind(timeMs)
    statement.bind(limit)
    var ids: [UInt64] = []
    while try statement.step() { ids.append(statement.unsigned(0)) }
    return ids
  }
}
