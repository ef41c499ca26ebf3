import CSQLite

/// An open SQLite database. All calls and all its statements are of one thread.
///
/// Direct calls to the C interface: a row costs its bindings and a step, without allocations of its own.
public struct SQLiteConnection: ~Copyable {
  public enum Mode: Sendable {
    /// Reads only, beside a process that writes too.
    case readOnly
    /// Reads and writes, and creates the file unless it is there.
    case readWrite
  }

  let handle: OpaquePointer
  /// When what runs is interrupted, by the monotonic clock.
  private let deadlineNs = UnsafeMutablePointer<UInt64>.allocate(capacity: 1)

  /// Between two looks at the clock.
  private static let stepsBetweenLooks: Int32 = 10_000

  private init(handle: OpaquePointer) {
    self.handle = handle
    deadlineNs.initialize(to: .max)
  }

  deinit {
    defer { deadlineNs.deallocate() }
    // Waits for the last of its statements to go.
    sqlite3_close_v2(handle)
  }

  /// - Parameter busyTimeoutMs: how long a call waits for what another connection holds.
  /// - Throws: `SQLiteError`; `meansCannotOpen` when there is no such file.
  public static func open(
    _ path: String, _ mode: Mode, busyTimeoutMs: Int32 = 5000
  ) throws(SQLiteError) -> SQLiteConnection {
    let access =
      switch mode {
      case .readOnly: SQLITE_OPEN_READONLY
      case .readWrite: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      }
    var handle: OpaquePointer?
    let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard code == SQLITE_OK, let handle else {
      let error = SQLiteError(code, "open \(path)", on: handle)
      sqlite3_close_v2(handle)
      throw error
    }
    sqlite3_busy_timeout(handle, busyTimeoutMs)
    return SQLiteConnection(handle: handle)
  }

  /// Leaves the files of the write-ahead log beside the database when the last connection closes. Whoever may read those,
  /// but make none, can read the database then, too.
  public func keepLogFiles() throws(SQLiteError) {
    var keeps: Int32 = 1
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keeps)
    guard code == SQLITE_OK else { throw SQLiteError(code, "keep the write-ahead log", on: handle) }
  }

  /// Has the file another name since it was opened, or none, or has another file its name?
  public func hasMoved() throws(SQLiteError) -> Bool {
    var moved: Int32 = 0
    let code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved)
    guard code == SQLITE_OK else { throw SQLiteError(code, "look for the database's file", on: handle) }
    return moved != 0
  }

  /// Runs statements that give no rows, or whose rows nobody wants.
  public func execute(_ sql: String) throws(SQLiteError) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw SQLiteError(SQLITE_ERROR, "run \(sql.prefix(Self.quotedCharacters))", on: handle)
    }
  }

  static let quotedCharacters = 100

  /// Makes a statement ready to be run many times.
  ///
  /// - Throws: `SQLiteError`, also when `sql` holds no statement or more than one.
  public func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    var statement: OpaquePointer?
    var hasMore = false
    var text = sql
    let code = text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { text in
        var tail: UnsafePointer<CChar>?
        let code = sqlite3_prepare_v3(
          handle, text.baseAddress, Int32(text.count), UInt32(SQLITE_PREPARE_PERSISTENT), &statement, &tail)
        if let start = text.baseAddress, let tail {
          hasMore = text[(tail - start)...].contains { !Self.separators.contains($0) }
        }
        return code
      }
    }
    let quoted = sql.prefix(Self.quotedCharacters)
    guard code == SQLITE_OK else { throw SQLiteError(code, "prepare \(quoted)", on: handle) }
    guard let statement, !hasMore else {
      sqlite3_finalize(statement)
      throw SQLiteError(code: SQLITE_MISUSE, operation: "prepare \(quoted)", reason: "expected one statement")
    }
    return SQLiteStatement(statement, of: handle)
  }

  private static let separators = Set(" \t\r\n;".utf8.map { CChar(bitPattern: $0) })

  /// The first column of the first row, an integer; nil when there is no row or it is NULL.
  public func integer(_ sql: String) throws(SQLiteError) -> Int64? {
    var statement = try prepare(sql)
    guard try statement.step() else { return nil }
    return statement.isNull(0) ? nil : statement.integer(0)
  }

  /// The first column of the first row as text; nil when there is no row or it is NULL.
  public func text(_ sql: String) throws(SQLiteError) -> String? {
    var statement = try prepare(sql)
    guard try statement.step() else { return nil }
    return statement.isNull(0) ? nil : statement.text(0)
  }

  /// Writes the database as it is at one moment into a new file, which is not synced. Reads in one go: the write-ahead log
  /// grows meanwhile.
  public func copy(to path: String) throws(SQLiteError) {
    var statement = try prepare("VACUUM INTO ?")
    statement.bind(path)
    try statement.run()
  }

  /// Lets statements fail, with an error that `meansInterrupted`, that still run then.
  public func interruptAfter(ms: Int64) {
    deadlineNs.pointee = Self.nowNs() &+ UInt64(max(ms, 0)) &* 1_000_000
    sqlite3_progress_handler(
      handle, Self.stepsBetweenLooks,
      { deadline in
        guard let deadline else { return 0 }
        return SQLiteConnection.nowNs() > deadline.load(as: UInt64.self) ? 1 : 0
      }, deadlineNs)
  }

  /// The time that `interruptAfter` gave is over.
  public var isOverdue: Bool { Self.nowNs() > deadlineNs.pointee }

  /// Lets statements fail, with an error that `meansTooLong`, in which a text or a BLOB would be longer. In bytes.
  public func limitValues(bytes: Int32) {
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, bytes)
  }

  private static func nowNs() -> UInt64 {
    let now = ContinuousClock.now.duration(to: epoch)
    return UInt64(max(-now.components.seconds, 0)) &* 1_000_000_000
      &+ UInt64(max(-now.components.attoseconds / 1_000_000_000, 0))
  }

  private static let epoch = ContinuousClock.now

  /// A transaction is open.
  public var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }
}
