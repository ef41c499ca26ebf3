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
    let byID = ["SEARCH stored_transactions USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"]
    #expect(try plan(connection, ArchiveHistory.query(newestFirst: newestFirst)) == byID)
    for entity in [LinkedEntity.worker, .job, .task] {
      let lines = try plan(connection, ArchiveHistory.query(entity, newestFirst: newestFirst))
      #expect(
        lines.contains("SEARCH \(entity)_lists USING PRIMARY KEY (\(entity)=? AND last>? AND last<?)"), "\(lines)")
      #expect(lines.allSatisfy { !$0.hasPrefix("SCAN") && !$0.hasPrefix("USE TEMP") }, "\(lines)")
    }
    let nextTime = "SELECT time_ms FROM stored_transactions WHERE id BETWEEN ? AND ? ORDER BY id LIMIT 1"
    #expect(try plan(connection, nextTime) == byID)
    // Whoever asks in SQL as well.
    for entity in [LinkedEntity.worker, .job, .task] {
      let lines = try plan(connection, "SELECT * FROM \(entity)_transactions WHERE \(entity) = ?")
      #expect(lines.contains { $0.hasPrefix("SEARCH \(entity)_lists USING PRIMARY KEY (\(entity)=?)") }, "\(lines)")
    }
    for view in ["transactions", "actions", "kills", "named_actions"] {
      let column = view == "transactions" ? "id" : "transaction_id"
      let lines = try plan(connection, "SELECT * FROM \(view) WHERE \(column) = ?")
      #expect(lines.contains { $0.hasPrefix("SEARCH stored_transactions USING INTEGER PRIMARY KEY") }, "\(lines)")
    }
  }

  /// What goes is found from the transactions that go, not by looking through all links.
  @Test(arguments: [LinkedEntity.worker, .job, .task]) func linksAreRemovedByIndexes(entity: LinkedEntity) throws {
    let test = try TestArchive()
    _ = try ArchiveDatabase.open(test.database()).path
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    let lines = try plan(connection, HistoryDeletions.lists(entity))
    #expect(
      lines.contains { $0.hasPrefix("SEARCH \(entity)_lists USING PRIMARY KEY (\(entity)=? AND last<?)") }, "\(lines)")
    #expect(lines.allSatisfy { !$0.hasPrefix("SCAN") || $0.hasPrefix("SCAN json_each VIRTUAL TABLE") }, "\(lines)")
  }

  /// Milliseconds, whatever there is: the newest, those of a time, what comes, and from the beginning.
  @Test(arguments: [1, 10, 1000]) func aWorkerWithAMillionLinksIsQuick(ofOneList: Int) throws {
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
      INSERT INTO stored_transactions SELECT value, value, value * 10, 0, value, \(EventKind.tick.rawValue), 0, NULL, NULL,
        NULL, '{}', NULL, NULL, NULL, NULL FROM (WITH RECURSIVE n(value) AS
        (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < \(count)) SELECT value FROM n);
      INSERT INTO worker_lists SELECT 4294967296, id, '\(String(repeating: ",1", count: ofOneList - 1))' FROM stored_transactions
        WHERE id % \(ofOneList) = 0;
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
