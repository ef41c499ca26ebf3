import EventModel
import Platform
import SQLite
import Testing

@testable import Archive

/// Nothing is looked for row by row.
@Suite struct IndexTests {
  private func plan(_ connection: borrowing SQLiteConnection, _ sql: String) throws -> [String] {
    var rows = try connection.prepare("EXPLAIN QUERY PLAN \(sql)")
    var lines: [String] = []
    while try rows.step() { lines.append(rows.text(3)) }
    return lines
  }

  @Test(arguments: [false, true]) func historyIsFoundByIndexes(newestFirst: Bool) throws {
    let test = try TestArchive()
    _ = try ArchiveDatabase.open(test.database()).path
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    let all = ArchiveHistory.query("transactions", "id", key: nil, newestFirst: newestFirst)
    #expect(
      try plan(connection, all) == ["SEARCH transactions USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"])
    for entity in ["worker", "job", "task"] {
      let links = ArchiveHistory.query(
        "\(entity)_transactions", "transaction_id", key: entity, newestFirst: newestFirst)
      #expect(
        try plan(connection, links) == [
          "SEARCH \(entity)_transactions USING PRIMARY KEY (\(entity)=? AND transaction_id>? AND transaction_id<?)"
        ])
    }
    #expect(
      try plan(connection, "SELECT time_ms FROM transactions WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1")
        == ["SEARCH transactions USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"])
  }

  /// What goes is found from the transactions that go, not by looking through all links.
  @Test(arguments: ["worker", "job", "task"]) func linksAreRemovedByIndexes(entity: String) throws {
    let test = try TestArchive()
    _ = try ArchiveDatabase.open(test.database()).path
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    let lines = try plan(connection, HistoryDeletions.links(entity))
    #expect(
      lines.contains {
        $0.hasPrefix("SEARCH \(entity)_transactions USING PRIMARY KEY (\(entity)=? AND transaction_id<?)")
      }, "\(lines)")
    #expect(lines.allSatisfy { !$0.hasPrefix("SCAN") }, "\(lines)")
  }

  /// Milliseconds, whatever there is: the newest, those of a time, what comes, and from the beginning.
  @Test func aWorkerWithAMillionLinksIsQuick() throws {
    let test = try TestArchive()
    _ = try ArchiveDatabase.open(test.database()).path
    let writer = try SQLiteConnection.open(test.database(), .readWrite)
    let count = 1_000_000
    try writer.execute(
      """
      PRAGMA synchronous = OFF;
      BEGIN;
      INSERT INTO epochs VALUES (0, 0, 'j', 0, 1, 'first', NULL);
      INSERT INTO workers (id, name, address, milli_cpu, memory_bytes, devices, zone, metadata)
        VALUES (4294967296, 'w', '', 1, 0, '{}', '', '{}');
      INSERT INTO transactions SELECT value, value, value * 10, 0, value, 'TICK', '{"type":"TICK","now_ms":1}', 'applied',
        NULL, NULL, NULL, NULL, NULL, NULL, NULL FROM (WITH RECURSIVE n(value) AS
        (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < \(count)) SELECT value FROM n);
      INSERT INTO worker_transactions SELECT 4294967296, id FROM transactions;
      COMMIT;
      """)
    var history = try ArchiveHistory.open(test.database())
    var filter = ArchiveHistory.Filter()
    filter.entity = .worker(.name("w"))
    filter.limit = 100
    var filters = [filter]
    (filter.sinceMs, filter.untilMs) = (5_000_000, 5_001_000)
    filters.append(filter)
    filter.entity = nil
    filters.append(filter)
    (filter.sinceMs, filter.untilMs) = (nil, nil)
    filter.entity = .worker(.name("w"))
    filter.afterID = UInt64(count) - 10
    filter.limit = nil
    filters.append(filter)
    (filter.afterID, filter.upTo) = (nil, 100)
    filters.append(filter)
    for filter in filters {
      let startNs = Clock.monotonicNs()
      var found = 0
      try history.forEach(filter) { _ in found += 1 }
      let ms = Double(Clock.monotonicNs() - startNs) / 1e6
      print("found \(found) of \(count) in \(ms) ms")
      #expect((10...101).contains(found))
      // A hundred transactions are read with all they did; a look at each link takes a second.
      #expect(ms < 200)
    }
  }
}
