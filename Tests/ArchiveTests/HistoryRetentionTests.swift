import Archive
import Controller
import EventModel
import JournalTestSupport
import LogMessages
import Logging
import Platform
import SQLite
import Synchronization
import Testing

@testable import Journal

@Suite struct HistoryRetentionTests {
  private func rows(_ test: TestArchive, _ sql: String) throws -> [String] {
    try SQLiteConnection.open(test.database(), .readOnly).lines(sql)
  }

  /// However much comes, the database takes no more than it may, and its file neither.
  @Test func theSizeIsBoundedUnderLoad() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 81)
    var configuration = test.configuration()
    let limit = 600 << 10
    configuration.history.keepBytes = limit
    configuration.history.keepTransactions = 100
    configuration.batchRows = 500
    configuration.logAlarmBytes = 1 << 10
    var archive = try test.open(configuration)
    var largest = 0
    var newest: UInt64 = 0
    for _ in 0..<60 {
      try journal.advance(steps: 200)
      // As it is while more comes than is taken over.
      while try archive.turn() == .advanced {}
      let connection = try SQLiteConnection.open(test.database(), .readOnly)
      let pages = try connection.integer("PRAGMA page_count") ?? 0
      largest = max(largest, Int(pages) * 4096)
      newest = UInt64(try connection.integer("SELECT max(number) FROM transactions") ?? 0)
    }
    #expect(largest < limit * 3 / 2, "\(largest) bytes")
    expect(archive.counters.removedRows > 1000 && newest == journal.position.lastTransaction)
    let first = try rows(test, "SELECT min(number) FROM transactions")
    #expect(first != ["1"])
  }

  /// Where jobs and tasks alone take more than that, there is a history all the same, and it is said.
  @Test func theNewestStayWhateverTheyTake() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 86)
    var configuration = test.configuration()
    configuration.history.keepBytes = 1
    configuration.history.keepTransactions = 100
    let clock = SteppedClock()
    configuration.fileCalls.monotonicNs = { clock.next() }
    let told = Told()
    let database = try ArchiveDatabase.open(configuration.databasePath, busyTimeoutMs: 50)
    var archive = try Archive.open(
      configuration, database: database, log: Logger(label: "test", factory: { _ in told.handler }))
    for _ in 0..<3 {
      try journal.advance(steps: 400)
      for _ in 0..<50 { _ = try archive.turn() }
      let newest = journal.position.lastTransaction
      #expect(
        try rows(test, "SELECT min(number), max(number), count(*) FROM transactions") == [
          "\(newest - 99)|\(newest)|100"
        ])
    }
    #expect(try rows(test, "SELECT count(*) FROM tasks") != ["0"])
    #expect(told.messages.count { $0 == LogMessage.historyLimitExceeded.id } == 1)
  }

  /// What is left tells all of what is kept and nothing of what went.
  @Test(arguments: 82...84 as ClosedRange<UInt64>) func whatIsOldGoesWhole(seed: UInt64) throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: seed)
    try journal.advance(steps: 2000)
    do {
      var archive = try test.open()
      try archive.catchUp()
    }
    // By the clock, which a rejected event does not move.
    var clockMs: Int64 = 0
    let times = journal.history.transactions.map { transaction in
      if transaction.outcome.reason == nil { clockMs = transaction.timestampMs }
      return clockMs
    }
    let middle = times[times.count / 2]
    let linked = """
      SELECT 'w', worker, transaction_id FROM worker_transactions UNION ALL
      SELECT 'j', job, transaction_id FROM job_transactions UNION ALL
      SELECT 't', task, transaction_id FROM task_transactions
      """
    let expected = try rows(
      test, "SELECT * FROM (\(linked)) WHERE transaction_id IN (SELECT id FROM transactions WHERE time_ms >= \(middle))"
    )
    let kept = zip(journal.history.transactions, times).filter { $1 >= middle }.map(\.0)
    let alive = try rows(test, "SELECT id FROM jobs WHERE pruned_ms IS NULL")
    var configuration = test.configuration()
    // By the clock of the machine, which is far behind the simulated one.
    configuration.history.keepMs = 1000
    configuration.fileCalls.wallMs = { middle + 1000 }
    // It looks again at once.
    let clock = SteppedClock()
    configuration.fileCalls.monotonicNs = { clock.next() }
    var archive = try test.open(configuration)
    var before: UInt64 = .max
    while before != archive.counters.removedRows {
      before = archive.counters.removedRows
      for _ in 0..<200 { _ = try archive.turn() }
    }
    var history = try ArchiveHistory.open(test.database())
    var left: [Transaction] = []
    try history.forEach(ArchiveHistory.Filter()) { left.append($0.transaction) }
    #expect(left == kept, "seed \(seed)")
    #expect(try rows(test, linked) == expected, "seed \(seed)")
    #expect(try rows(test, "SELECT id FROM jobs WHERE pruned_ms IS NULL") == alive, "seed \(seed)")
    #expect(
      try rows(
        test,
        "SELECT id FROM jobs WHERE pruned_ms < \(middle) UNION ALL SELECT id FROM workers WHERE lost_ms < \(middle)")
        == [], "seed \(seed)")
    #expect(
      try rows(
        test,
        "SELECT 1 FROM tasks WHERE job NOT IN (SELECT id FROM jobs) UNION ALL SELECT 1 FROM attempts "
          + "WHERE task NOT IN (SELECT id FROM tasks)") == [])
    #expect(try rows(test, "SELECT 1 FROM actions WHERE transaction_id NOT IN (SELECT id FROM transactions)") == [])
    expect(history.epochs.count == 1)
  }

  /// A reader that does not end is said to, and once it has gone, the log is emptied.
  @Test func aStuckReaderIsNoticed() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 85)
    try journal.advance(steps: 100)
    var configuration = test.configuration()
    configuration.batchRows = 200
    configuration.logAlarmBytes = 100 << 10
    let told = Told()
    let database = try ArchiveDatabase.open(configuration.databasePath, busyTimeoutMs: 50)
    var archive = try Archive.open(
      configuration, database: database, log: Logger(label: "test", factory: { _ in told.handler }))
    try archive.catchUp()
    let reader = try SQLiteConnection.open(test.database(), .readOnly)
    try reader.execute("BEGIN; SELECT count(*) FROM transactions")
    for _ in 0..<20 {
      try journal.advance(steps: 100)
      try archive.catchUp()
    }
    let size = try File.open(readingFrom: "\(test.database())-wal").size()
    #expect(size > configuration.logAlarmBytes)
    let count = told.messages.count { $0 == LogMessage.databaseLogGrows.id }
    #expect((1...6).contains(count), "told once for each doubling: \(count)")
    try reader.execute("COMMIT")
    try journal.advance(steps: 200)
    try archive.catchUp()
    #expect(try File.open(readingFrom: "\(test.database())-wal").size() <= configuration.logAlarmBytes)
  }
}

/// A clock on which each look takes two seconds.
private final class SteppedClock: Sendable {
  private let ns = Atomic<UInt64>(0)

  func next() -> UInt64 { ns.add(2_000_000_000, ordering: .relaxed).newValue }
}

/// The kinds of entry that were logged.
private final class Told: Sendable {
  private let ids = Mutex<[String]>([])

  var messages: [String] { ids.withLock { $0 } }
  var handler: Handler { Handler(told: self) }

  struct Handler: LogHandler {
    let told: Told
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .trace

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
      get { metadata[key] }
      set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
      guard case .string(let id)? = event.metadata?[LogMessage.metadataKey] else { return }
      told.ids.withLock { $0.append(id) }
    }
  }
}
