import Journal

/// What an archive follows, where it keeps its own, and how often.
public struct ArchiveConfiguration: Sendable {
  /// The journal's folder.
  public var journalFolder: String
  /// The path of the SQLite database.
  public var databasePath: String
  /// A snapshot is taken when the newest one is older than this and there is something new, in milliseconds, …
  public var snapshotIntervalMs: Int64 = 60_000
  /// … or when so many bytes of records came since, and more than the newest snapshot has: which bounds what a recovery has
  /// to replay, and what snapshots add to what is written.
  public var snapshotBytes = 4 << 20
  /// Transactions that have to come behind a snapshot before it is written: a dispatcher that begins with it has the results
  /// of these to tell again.
  public var snapshotDelay: UInt64 = 0
  /// What is kept of the journal behind its snapshots.
  public var retention = JournalRetention()
  /// What is kept of history in the database.
  public var history = HistoryRetention()
  /// A write-ahead log of the database that is larger is emptied, and when a reader keeps it from that, it is said.
  public var logAlarmBytes = 256 << 20
  /// Goes past what is damaged or gone in the journal, and records what is lost.
  public var salvages = false

  /// Goes on with another journal than before, in the same database.
  public var adopts = false

  /// Rows of transactions and actions that are written in one go, about. Large goes change each page of the database once
  /// for many rows; small ones show earlier.
  public var batchRows = 50_000
  /// How long rows are gathered before they are written, at the most, in milliseconds.
  public var batchMs: UInt64 = 500
  /// How the journal's files are synced, and snapshots written.
  public var fileCalls = JournalFileCalls.system

  public init(journalFolder: String, databasePath: String) {
    self.journalFolder = journalFolder
    self.databasePath = databasePath
  }
}
