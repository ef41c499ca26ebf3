import Journal
import Platform
import SQLite

/// What an archive does for its database beside taking things over: in small parts, so that following never waits long.
extension Archive {
  /// What it may take of the disk's and the processor's time when nothing else is to be done.
  private static let idleNs: UInt64 = 20_000_000
  /// How often it looks whether something is to be done, when nothing was.
  private static let periodNs: UInt64 = 1_000_000_000
  /// Twice what was written, where there is too much: so that it gets less however much comes.
  private static let shareOfWriting: UInt64 = 2

  /// Removes what is old, gives room back, and sees that no reader holds up the write-ahead log.
  ///
  /// - Parameter writtenInNs: how long the last batch took; nil when there was none.
  mutating func tend(writtenInNs: UInt64?) throws {
    let startNs = configuration.fileCalls.monotonicNs()
    guard writtenInNs != nil || startNs >= nextTendingNs else { return }
    let budgetNs = max(Self.idleNs, (writtenInNs ?? 0) &* Self.shareOfWriting)
    var hasMore = true
    do throws(SQLiteError) {
      try checkLog()
      repeat {
        let removed =
          configuration.history.keepsAll
          ? 0 : try database.prune(configuration.history, nowMs: configuration.fileCalls.wallMs())
        counters.removedRows += UInt64(removed)
        if removed == 0 { try checkLimit() }
        let shrinks = writtenInNs == nil && removed == 0 ? try database.shrink() : false
        hasMore = removed > 0 || shrinks
      } while hasMore && configuration.fileCalls.monotonicNs() &- startNs < budgetNs
    } catch {
      guard error.meansNoSpace || error.meansBusy else { throw error }
      // As good later.
      hasMore = false
    }
    nextTendingNs = hasMore ? 0 : startNs &+ Self.periodNs
  }

  /// What may not go takes more than is allowed: told once.
  private mutating func checkLimit() throws(SQLiteError) {
    guard let limit = configuration.history.keepBytes else { return }
    let bytes = try database.usedBytes()
    guard bytes > limit else {
      isLimitTold = false
      return
    }
    guard !isLimitTold else { return }
    isLimitTold = true
    log.tell(
      .historyLimitExceeded,
      [
        .cause: """
        \(database.path) holds \(bytes) bytes, more than the \(limit) of archive.keep_history_bytes, and nothing more may \
        go: the newest \(configuration.history.keepTransactions) transactions stay, and jobs, tasks and workers that they \
        tell of or that are not gone; allow more, or have ringmasterd keep fewer jobs that have ended
        """, .database: "\(database.path)",
      ])
  }

  /// A reader that does not end keeps the log from being emptied: told once for each doubling.
  private mutating func checkLog() throws(SQLiteError) {
    let bytes = database.logBytes()
    guard bytes > configuration.logAlarmBytes else {
      toldLogBytes = 0
      return
    }
    guard try !database.emptyLog(), bytes >= max(toldLogBytes * 2, configuration.logAlarmBytes) else { return }
    toldLogBytes = bytes
    log.tell(
      .databaseLogGrows,
      [
        .cause: """
        the write-ahead log of \(database.path) takes \(bytes) bytes, and a reader keeps it from being emptied: end the \
        process that has read for long
        """, .database: "\(database.path)",
      ])
  }
}
