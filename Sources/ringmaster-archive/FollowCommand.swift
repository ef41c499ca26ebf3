import Archive
import ArgumentParser
import Configuration
import Journal
import Logging
import Platform
import ServiceLog

struct FollowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "follow",
    abstract: "Follows a journal until it receives SIGTERM. The default.",
    discussion: """
      Takes every commit over into the database exactly once, whatever happens to this process, and makes the journal \
      durable before the database counts on it. Waits for a journal that is not there yet. Any tool may read the database \
      meanwhile: "ringctl history", "ringctl query", or "sqlite3 -readonly". SIGTERM stops it and exits 0. Logs go to \
      standard error; as a service of systemd, to its journal, with fields that "man ringmaster" lists.

      While the disk is full it waits, and goes on by itself. A damaged journal or database ends it with exit code 1 and \
      a message; --salvage goes past damage in the journal and records in the table losses what is missing. A journal that \
      lost its end, or was restored from an older copy, is gone on with in a new epoch: what was archived of the lost part \
      is kept and marked as superseded. Another journal is gone on with only with --adopt.
      """)

  @Option(
    help: ArgumentHelp(
      "The configuration file of ringmasterd, in TOML: the tables [journal] and [archive]. Options come before it.",
      valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("The journal's folder. (default: as in the file)", valueName: "dir"))
  var journal: String?

  @Option(help: ArgumentHelp("The SQLite database. (default: as in the file)", valueName: "file"))
  var database: String?

  @Option(
    help: ArgumentHelp(
      "A snapshot is taken when the newest is older than this. (default: \(ArchiveChoice().snapshotIntervalMs))",
      valueName: "ms"))
  var snapshotInterval: Int64?

  @Option(
    help: ArgumentHelp(
      """
      Segments of the journal older than this go, if the two newest snapshots do not need them. (default: \
      \(ArchiveChoice().keepDays))
      """, valueName: "days"))
  var keepDays: Int64?

  @Option(
    help: ArgumentHelp(
      "When segments take more than this, the oldest go, in the same way. (default: \(ArchiveChoice().keepBytes))",
      valueName: "bytes"))
  var keepBytes: Int?

  @Option(
    help: ArgumentHelp(
      """
      Transactions in the database older than this go, with all that tells of them; 0 keeps them for ever. (default: \
      \(ArchiveChoice().keepHistoryDays))
      """, valueName: "days"))
  var keepHistoryDays: Int64?

  @Option(
    help: ArgumentHelp(
      """
      When what the database holds takes more than this, the oldest transactions but the newest 10000 go; 0 sets no \
      limit. (default: \
      \(ArchiveChoice().keepHistoryBytes))
      """, valueName: "bytes"))
  var keepHistoryBytes: Int?

  @Flag(help: "Go past what is damaged or gone in the journal.")
  var salvage = false

  @Flag(help: "Go on with another journal than before, and keep the history of both.")
  var adopt = false

  @Flag(help: "Catch up and exit.")
  var once = false

  @Flag(help: "With --once: print what was done as one JSON object.")
  var json = false

  @Option(help: "Least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
  var logLevel = Logger.Level.info

  func validate() throws {
    if let snapshotInterval, snapshotInterval < 1 {
      throw ValidationError("--snapshot-interval: expected more than 0 ms")
    }
    if let keepDays, !(0...Self.longestDays).contains(keepDays) {
      throw ValidationError("--keep-days: expected 0 to \(Self.longestDays) days")
    }
    if let keepBytes, keepBytes < 0 { throw ValidationError("--keep-bytes: expected 0 bytes or more") }
    if let keepHistoryDays, !(0...Self.longestDays).contains(keepHistoryDays) {
      throw ValidationError("--keep-history-days: expected 0 to \(Self.longestDays) days")
    }
    if let keepHistoryBytes, keepHistoryBytes < 0 {
      throw ValidationError("--keep-history-bytes: expected 0 bytes or more")
    }
    if json, !once { throw ValidationError("--json goes with --once") }
  }

  private static let longestDays: Int64 = 36_500
  private static let dayMs: Int64 = 86_400_000

  /// What a batch needed, the next one finds.
  private static let keptMemoryBytes = 256 << 20

  func run() throws {
    Machine.keepFreedMemory(bytes: Self.keptMemoryBytes)
    let signals = try SignalDescriptor.ofStopSignals()
    let settings = try settings()
    let log = try ServiceLog.open(label: "ringmaster-archive", level: logLevel)
    defer { log.flush() }
    if once {
      let report = try ArchiveService.runOnce(settings, log: log.logger)
      try StandardStream.output.writeLine(json ? report.json.text : report.text)
    } else {
      try ArchiveService.run(settings, signals: signals, log: log.logger)
    }
  }

  private func settings() throws -> ArchiveConfiguration {
    let file = try config.map { try RingmasterConfiguration(contentsOfFile: $0) } ?? RingmasterConfiguration()
    guard let folder = journal ?? file.journal.folder else {
      throw ValidationError("which journal? Say it with --journal, or with journal.directory in the file of --config")
    }
    guard let path = database ?? file.archive.databasePath else {
      throw ValidationError("which database? Say it with --database, or with archive.database in the file of --config")
    }
    var settings = ArchiveConfiguration(journalFolder: folder, databasePath: path)
    settings.snapshotIntervalMs = snapshotInterval ?? file.archive.snapshotIntervalMs
    settings.snapshotDelay = UInt64(file.dispatcher.resultLogCapacity)
    settings.snapshotBytes = file.archive.snapshotBytes
    settings.retention = JournalRetention(
      keepMs: (keepDays ?? file.archive.keepDays) * Self.dayMs, keepBytes: keepBytes ?? file.archive.keepBytes)
    let (days, bytes) = (
      keepHistoryDays ?? file.archive.keepHistoryDays, keepHistoryBytes ?? file.archive.keepHistoryBytes
    )
    settings.history = HistoryRetention(
      keepMs: days > 0 ? days * Self.dayMs : nil, keepBytes: bytes > 0 ? bytes : nil)
    settings.salvages = salvage
    settings.adopts = adopt
    return settings
  }
}

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Prints the documented tables of the database, in SQL.")

  func run() throws {
    try StandardStream.output.writeLine(ArchiveSchema.documentation)
  }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
