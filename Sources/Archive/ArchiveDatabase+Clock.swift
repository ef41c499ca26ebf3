import EventModel
import SQLite

extension ArchiveDatabase {
  private static let times = [
    ("workers", "registered_ms"), ("workers", "lost_ms"), ("jobs", "submitted_ms"), ("jobs", "ended_ms"),
    ("jobs", "pruned_ms"), ("stored_tasks", "started_ms"), ("stored_tasks", "ended_ms"),
    ("earlier_attempts", "started_ms"), ("earlier_attempts", "ended_ms"), ("peers", "attached_ms"),
    ("peers", "removed_ms"), ("unhandled_events", "time_ms"), ("settings", "time_ms"),
  ]

  /// The controller's clock was set back: what was noted later than `timeMs` counts as noted then. In a transaction of the
  /// caller's, as the next.
  func limitTimes(toMs timeMs: Int64) throws(SQLiteError) {
    for (table, column) in Self.times {
      try connection.execute("UPDATE \(table) SET \(column) = \(timeMs) WHERE \(column) > \(timeMs)")
    }
  }

  /// The same of transactions, whose events keep the times that they have. In an epoch times rise.
  func limitTimes(before id: UInt64, toMs timeMs: Int64) throws(SQLiteError) {
    for epoch in try epochs() where epoch.firstID < id {
      let range = "id BETWEEN \(epoch.firstID) AND \(min(epoch.lastID, id - 1))"
      try connection.execute(
        """
        UPDATE stored_transactions SET time_ms = \(timeMs),
          event = json_insert(event, \(ArchiveSchema.timePath), time_ms)
        WHERE \(range) AND id > coalesce((SELECT id FROM stored_transactions WHERE \(range) AND time_ms <= \(timeMs)
          ORDER BY id DESC LIMIT 1), -1)
        """)
    }
  }
}
