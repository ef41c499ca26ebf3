import Foundation
import Platform
import SQLite

/// The same work as a table of SQLite: events as rows, so many in a transaction, which a synced write-ahead log makes
/// durable.
final class SQLiteJournal {
  private let path: String
  private let connection: SQLiteConnection
  private var insert: SQLiteStatement
  private var next: Int64 = 0
  /// As long as the journal's record of an event.
  private let payload: String

  init(folder: String, rowBytes: Int) throws {
    path = "\(folder)/\(ObjectNames.folderPrefix)sqlite-\(Machine.processID()).db"
    connection = try SQLiteConnection.open(path, .readWrite)
    try connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
    try connection.execute("CREATE TABLE event (position INTEGER PRIMARY KEY, time_ms INTEGER, record TEXT) STRICT")
    insert = try connection.prepare("INSERT INTO event VALUES (?, ?, ?)")
    payload = String(repeating: "x", count: rowBytes)
  }

  deinit {
    for suffix in ["", "-wal", "-shm"] { unlink(path + suffix) }
  }

  private func commit(_ rows: Int) throws {
    try connection.execute("BEGIN IMMEDIATE")
    for _ in 0..<rows {
      insert.bind(next)
      insert.bind(Int64(next))
      insert.bind(payload)
      try insert.run()
      next += 1
    }
    try connection.execute("COMMIT")
  }

  func latencies(commits: Int) throws -> LatencyRecorder {
    var recorder = LatencyRecorder()
    for _ in 0..<commits {
      let startNs = Clock.monotonicNs()
      try commit(1)
      recorder.record(ns: Clock.monotonicNs() - startNs)
    }
    return recorder
  }

  /// - Returns: rows made durable a second.
  func round(durationNs: UInt64, batch: Int) throws -> Double {
    let startNs = Clock.monotonicNs()
    var rows = 0
    while Clock.monotonicNs() < startNs + durationNs {
      try commit(batch)
      rows += batch
    }
    return Double(rows) / (Double(Clock.monotonicNs() - startNs) / 1e9)
  }
}
