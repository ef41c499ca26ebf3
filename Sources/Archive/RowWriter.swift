import SQLite

/// Inserts rows into a table, many with one statement: opening a table costs as much as inserting a row.
struct RowWriter: ~Copyable {
  private var one: SQLiteStatement
  private var many: SQLiteStatement

  private static let atOnce = 16

  /// - Parameter conflict: what is done with a row that is there.
  static func prepare(
    _ connection: borrowing SQLiteConnection, _ table: String, columns: Int, conflict: String = ""
  ) throws(SQLiteError) -> RowWriter {
    let row = "(\(Array(repeating: "?", count: columns).joined(separator: ", ")))"
    let rows = Array(repeating: row, count: atOnce).joined(separator: ", ")
    let one = try connection.prepare("INSERT INTO \(table) VALUES \(row) \(conflict)")
    let many = try connection.prepare("INSERT INTO \(table) VALUES \(rows) \(conflict)")
    return RowWriter(one: one, many: many)
  }

  private init(one: consuming SQLiteStatement, many: consuming SQLiteStatement) {
    self.one = one
    self.many = many
  }

  /// - Parameter bind: binds the columns of a row.
  mutating func write<Row>(
    _ rows: borrowing [Row], _ bind: (inout SQLiteStatement, borrowing Row) -> Void
  ) throws(SQLiteError) {
    let whole = rows.count / Self.atOnce * Self.atOnce
    for index in 0..<whole {
      bind(&many, rows[index])
      if index % Self.atOnce == Self.atOnce - 1 { try many.run() }
    }
    for index in whole..<rows.count {
      bind(&one, rows[index])
      try one.run()
    }
  }
}
