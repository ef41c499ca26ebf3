import SQLite

/// Everything that a database shows, but for what no two archives of one journal have in common. How transactions lie in
/// lists is the batches' affair.
struct DatabaseDump: Equatable {
  /// The rows of each table, in the order of their keys.
  let tables: [String: [[SQLiteStatement.Value]]]

  init(_ path: String, except: Set<String> = ["losses"]) throws {
    let connection = try SQLiteConnection.open(path, .readOnly)
    var names: [String] = []
    var list = try connection.prepare(
      """
      SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'stored%' AND name NOT LIKE '%lists'
        AND name NOT IN ('earlier_attempts', 'events', 'named_actions') ORDER BY name
      """)
    while try list.step() { names.append(list.text(0)) }
    var tables: [String: [[SQLiteStatement.Value]]] = [:]
    for name in names where !except.contains(name) {
      var rows = try connection.prepare("SELECT * FROM \(name) ORDER BY 1, 2")
      var found: [[SQLiteStatement.Value]] = []
      while try rows.step() { found.append((0..<rows.columnCount).map { rows.value($0) }) }
      tables[name] = found
    }
    self.tables = tables
  }
}
