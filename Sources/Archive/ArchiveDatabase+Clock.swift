import SQLite

extension ArchiveDatabase {
  private static let times = [
    ("transactions", "time_ms"), ("workers", "registered_ms"), ("workers", "lost_ms"), ("jobs", "submitted_ms"),
    ("jobs", "ended_ms"), ("jobs", "pruned_ms"), ("attempts", "started_ms"), ("attempts", "ended_ms"),
    ("peers", "attached_ms"), ("peers", "removed_ms"), ("unhandled_events", "time_ms"), ("settings", "time_ms"),
  ]

  /// The controller's clock was set back: what was noted later than `timeMs` counts as noted then. In a transaction of the
  /// caller's.
  func limitTimes(toMs timeMs: Int64) throws(SQLiteError) {
    for (table, column) in Self.times {
      try connection.execute("UPDATE \(table) SET \(column) = \(timeMs) WHERE \(column) > \(timeMs)")
    }
  }
}
