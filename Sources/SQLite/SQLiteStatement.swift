import CSQLite

/// A prepared statement: values are bound from the first to the last, then it is run, as often as wanted.
///
/// Of the thread of its connection.
public struct SQLiteStatement: ~Copyable {
  private let handle: OpaquePointer
  private let connection: OpaquePointer
  /// Bound texts lie here until the statement was run, so that binding one allocates nothing.
  private let texts: UnsafeMutableRawBufferPointer
  private var textBytes = 0
  private var bound: Int32 = 0

  /// Longer texts of one row together are copied by SQLite.
  private static let textCapacity = 16 << 10

  init(_ handle: OpaquePointer, of connection: OpaquePointer) {
    self.handle = handle
    self.connection = connection
    texts = .allocate(byteCount: Self.textCapacity, alignment: 16)
  }

  deinit {
    sqlite3_finalize(handle)
    texts.deallocate()
  }

  // MARK: Values in

  public mutating func bind(_ value: Int64) {
    check(sqlite3_bind_int64(handle, next(), value))
  }

  /// What fits no signed integer is bound with the same bits.
  public mutating func bind(_ value: UInt64) {
    bind(Int64(bitPattern: value))
  }

  public mutating func bind(_ value: Int) { bind(Int64(value)) }
  public mutating func bind(_ value: Int32) { bind(Int64(value)) }
  public mutating func bind(_ value: UInt32) { bind(Int64(value)) }

  public mutating func bind(_ value: Bool) { bind(value ? 1 : 0 as Int64) }

  public mutating func bindNull() {
    check(sqlite3_bind_null(handle, next()))
  }

  public mutating func bind(_ value: Int64?) {
    if let value { bind(value) } else { bindNull() }
  }

  public mutating func bind(_ value: UInt64?) { bind(value.map { Int64(bitPattern: $0) }) }
  public mutating func bind(_ value: Int32?) { bind(value.map { Int64($0) }) }
  public mutating func bind(_ value: UInt32?) { bind(value.map { Int64($0) }) }

  public mutating func bind(_ text: String) {
    var text = text
    text.withUTF8 { bindText(UnsafeRawBufferPointer($0)) }
  }

  public mutating func bind(_ text: String?) {
    if let text { bind(text) } else { bindNull() }
  }

  public mutating func bind(_ value: Value) {
    switch value {
    case .null: bindNull()
    case .integer(let number): bind(number)
    case .real(let number): check(sqlite3_bind_double(handle, next(), number))
    case .text(let text): bind(text)
    case .blob(let bytes): bind(blob: bytes)
    }
  }

  /// - Parameter utf8: valid UTF-8.
  public mutating func bind(utf8: [UInt8]) { bind(utf8: utf8, utf8.indices) }

  /// A part of it.
  public mutating func bind(utf8: [UInt8], _ range: Range<Int>) {
    utf8.withUnsafeBytes { bindText(UnsafeRawBufferPointer(rebasing: $0[range])) }
  }

  public mutating func bind(blob: [UInt8]) {
    check(sqlite3_bind_blob(handle, next(), blob, Int32(blob.count), Self.transient))
  }

  // "Copy it before you return", which the header spells as a cast that Swift does not import.
  private static var transient: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

  private mutating func bindText(_ text: UnsafeRawBufferPointer) {
    guard textBytes + text.count <= texts.count, let start = texts.baseAddress else {
      check(
        sqlite3_bind_text(
          handle, next(), text.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(text.count), Self.transient))
      return
    }
    let place = start + textBytes
    if let source = text.baseAddress { place.copyMemory(from: source, byteCount: text.count) }
    textBytes += text.count
    check(sqlite3_bind_text(handle, next(), place.assumingMemoryBound(to: CChar.self), Int32(text.count), nil))
  }

  private mutating func next() -> Int32 {
    bound += 1
    return bound
  }

  private func check(_ code: Int32) {
    precondition(code == SQLITE_OK, "parameter \(bound) cannot be bound: \(String(cString: sqlite3_errstr(code)))")
  }

  // MARK: Running

  /// Runs it to its end and makes it ready for the next values.
  ///
  /// - Throws: `SQLiteError`; it can be bound and run again.
  public mutating func run() throws(SQLiteError) {
    defer { reset() }
    while try step() {}
  }

  /// Goes to the next row.
  ///
  /// - Returns: whether there is one.
  public mutating func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw SQLiteError(code, sql, on: connection)
    }
  }

  /// Makes it ready to be bound and run again.
  public mutating func reset() {
    // Its code is that of the step before, which was told.
    _ = sqlite3_reset(handle)
    bound = 0
    textBytes = 0
  }

  private var sql: String {
    sqlite3_sql(handle).map { String(String(cString: $0).prefix(SQLiteConnection.quotedCharacters)) } ?? "run"
  }

  /// It changes nothing in the database file.
  public var isReadOnly: Bool { sqlite3_stmt_readonly(handle) != 0 }

  // MARK: Values out

  /// A value of a row.
  public enum Value: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case blob([UInt8])
  }

  public var columnCount: Int { Int(sqlite3_column_count(handle)) }

  /// As the statement names it, or SQLite where it does not.
  public func columnName(_ column: Int) -> String {
    sqlite3_column_name(handle, Int32(column)).map { String(cString: $0) } ?? ""
  }

  public func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }
  public func integer(_ column: Int) -> Int64 { sqlite3_column_int64(handle, Int32(column)) }

  /// What was bound as an unsigned integer.
  public func unsigned(_ column: Int) -> UInt64 { UInt64(bitPattern: integer(column)) }

  public func text(_ column: Int) -> String {
    let count = Int(sqlite3_column_bytes(handle, Int32(column)))
    return String(
      decoding: UnsafeRawBufferPointer(start: sqlite3_column_text(handle, Int32(column)), count: count), as: UTF8.self)
  }

  public func blob(_ column: Int) -> [UInt8] {
    let start = sqlite3_column_blob(handle, Int32(column))
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, Int32(column)))))
  }

  public func optionalInteger(_ column: Int) -> Int64? { isNull(column) ? nil : integer(column) }
  public func optionalText(_ column: Int) -> String? { isNull(column) ? nil : text(column) }

  public func value(_ column: Int) -> Value {
    switch sqlite3_column_type(handle, Int32(column)) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_FLOAT: .real(sqlite3_column_double(handle, Int32(column)))
    case SQLITE_TEXT: .text(text(column))
    case SQLITE_BLOB: .blob(blob(column))
    default: .null
    }
  }
}
