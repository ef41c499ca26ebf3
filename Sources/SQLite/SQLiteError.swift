import CSQLite

/// A call to SQLite that failed.
public struct SQLiteError: Error, Sendable, CustomStringConvertible {
  /// The extended result code.
  public let code: Int32
  /// What was tried.
  public let operation: String
  /// What SQLite says about it.
  public let reason: String
  /// `errno` of the system call that failed; 0 when none did.
  public let systemCode: Int32

  public init(code: Int32, operation: String, reason: String, systemCode: Int32 = 0) {
    self.code = code
    self.operation = operation
    self.reason = reason
    self.systemCode = systemCode
  }

  /// - Parameter connection: nil when there is none.
  init(_ code: Int32, _ operation: String, on connection: OpaquePointer?) {
    self.init(
      code: connection.map { sqlite3_extended_errcode($0) } ?? code, operation: operation,
      reason: connection.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code)),
      systemCode: connection.map { sqlite3_system_errno($0) } ?? 0)
  }

  public var description: String { "\(operation): \(reason) (SQLite's code \(code))" }

  /// The code of a damaged file.
  public static let damaged = SQLITE_CORRUPT

  private var primaryCode: Int32 { code & 0xFF }

  private static let noSpaceCodes: Set<Int32> = [28, 122]  // ENOSPC, EDQUOT

  /// The file system, or this user's share of it, is full. The same can be tried again.
  public var meansNoSpace: Bool {
    primaryCode == SQLITE_FULL || primaryCode == SQLITE_IOERR && Self.noSpaceCodes.contains(systemCode)
  }

  /// Another connection holds what is needed.
  public var meansBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }

  /// It took longer than it may.
  public var meansInterrupted: Bool { primaryCode == SQLITE_INTERRUPT }

  /// A value is longer than it may be.
  public var meansTooLong: Bool { primaryCode == SQLITE_TOOBIG }

  /// The file cannot be opened: it is not there, or this user may not.
  public var meansCannotOpen: Bool { primaryCode == SQLITE_CANTOPEN }

  /// The file is no database, or a damaged one.
  public var meansDamaged: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }
}
