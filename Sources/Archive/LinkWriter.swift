import SQLite

/// Writes which transactions tell of what, many rows at a time.
struct LinkWriter: ~Copyable {
  private var one: SQLiteStatement
  private var many: SQLiteStatement

  /// Rows of one statement: opening a table costs as much as inserting a row.
  private static let atOnce = 16

  static func prepare(_ connection: borrowing SQLiteConnection, _ table: String) throws(SQLiteError) -> LinkWriter {
    let one = try connection.prepareInsert(table, columns: 2)
    let many = try connection.prepareInsert(table, columns: 2, rows: atOnce)
    return LinkWriter(one: one, many: many)
  }

  /// - Parameter epoch: whose handles they have.
  mutating func write(_ links: [ProjectionBatch.Link], _ epoch: ArchiveEpoch) throws(SQLiteError) {
    let whole = links.count / Self.atOnce * Self.atOnce
    for index in 0..<whole {
      many.bind(epoch.entity(links[index].entity))
      many.bind(links[index].transaction)
      if index % Self.atOnce == Self.atOnce - 1 { try many.run() }
    }
    for link in links[whole...] {
      one.bind(epoch.entity(link.entity))
      one.bind(link.transaction)
      try one.run()
    }
  }
}
