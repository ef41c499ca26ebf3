import EventJSON
import Journal
import Platform
import SQLite

/// A copy of a journal and of its archive that belong together, in a folder of its own: `journal/`, `archive.sqlite` if there
/// is an archive, and `backup.json`, which says what it is.
public struct Backup: Sendable {
  public let folder: String
  public let journal: String
  /// The last commit and transaction that it has.
  public let commit: UInt64
  public let lastTransaction: UInt64
  public let epoch: UInt64
  public let createdMs: Int64
  public let segments: Int
  public let snapshots: Int
  public let bytes: UInt64
  /// How far its archive is; nil when it has none.
  public internal(set) var databaseCommit: UInt64?
  /// What was damaged in the journal already, a line for each. No start needs it.
  public let damage: [String]

  static let journalName = "journal"
  static let databaseName = "archive.sqlite"
  static let manifestName = "backup.json"
  /// Of the manifest and the folder's layout; journal and database have their own.
  static let version: UInt32 = 2
  static let manifestBytes = 16 << 20

  /// Makes one, beside a dispatcher and an archive that work: whole under its name, or not at all.
  ///
  /// The database comes first: what it has is in the journal then. It is copied as of one moment, for which its write-ahead
  /// log grows meanwhile. What is damaged in the journal and no start needs is copied as it is, and listed.
  ///
  /// - Parameters:
  ///   - database: of the archive; nil to leave it out.
  ///   - each: called with what is done now, and how much of it.
  /// - Throws: `BackupError`, `JournalError`, `SQLiteError`, `SystemError`.
  public static func make(
    in folder: String, journal: String, database: String?, _ each: (_ step: String, _ done: Double) throws -> Void
  ) throws -> Backup {
    guard !Folder.fileExists(folder) else { throw BackupError.alreadyThere(folder) }
    let lock = try FileLock.take(
      path: "\(folder).lock", holder: "another backup", advice: "wait for it, or choose another folder")
    defer { withExtendedLifetime(lock) {} }
    let partial = "\(folder).partial"
    // Of one that was broken off: nobody else has the lock.
    Folder.removeTree(partial)
    try Folder.ensure(partial)
    do {
      let backup = try fill(partial, folder, journal, database, each)
      try Folder.rename(partial, to: folder)
      try Folder.sync(Folder.parent(of: folder))
      return backup
    } catch {
      Folder.removeTree(partial)
      throw error
    }
  }

  private static func fill(
    _ partial: String, _ folder: String, _ journal: String, _ database: String?,
    _ each: (_ step: String, _ done: Double) throws -> Void
  ) throws -> Backup {
    var mark: ArchiveMark?
    let copy = "\(partial)/\(databaseName)"
    if let database {
      try each("the database", 0)
      try SQLiteConnection.open(database, .readOnly).copy(to: copy)
      try File.sync(copy)
      mark = try DatabaseCheck.run(copy, as: database)
    }
    try Folder.ensure("\(partial)/\(journalName)")
    let made = try JournalCopy.make(of: journal, in: "\(partial)/\(journalName)") { done, total in
      try each("the journal", Double(done) / Double(max(total, 1)))
    }
    let (epoch, damage) = try verify("\(partial)/\(journalName)", of: journal, each)
    if let mark, mark.journal == made.journal.description {
      try checkReach(of: "\(partial)/\(journalName)", to: mark)
    }
    let backup = Backup(
      folder: folder, journal: made.journal.description, commit: made.position.commit,
      lastTransaction: made.position.lastTransaction, epoch: epoch, createdMs: Clock.wallMs(),
      segments: made.segments, snapshots: made.snapshots, bytes: made.bytes, databaseCommit: mark?.position.commit,
      damage: made.unreadable + damage)
    let manifest = try File.create("\(partial)/\(manifestName)")
    try manifest.append(backup.json.text + "\n")
    try File.syncData(manifest.rawDescriptor)
    try Folder.sync(partial)
    return backup
  }

  /// Starts on a copy of a journal as a dispatcher would, and checks all else in it.
  ///
  /// - Returns: its epoch, and what is damaged.
  static func verify(
    _ copy: String, of source: String, _ each: (_ step: String, _ done: Double) throws -> Void
  ) throws -> (epoch: UInt64, damage: [String]) {
    do {
      let found = try JournalVerifier.run(folder: copy) { progress in
        try each("checking", Double(progress.doneBytes) / Double(max(progress.totalBytes, 1)))
      }
      let recovery = try JournalRecovery.run(folder: copy, configuration: Archive.replicaSettings)
      return (recovery.replica.ledger.epoch, found.faults.map { $0.replacing(copy, with: source) })
    } catch JournalError.otherVersion(let other) {
      throw JournalError.otherVersion(other.about(other.subject.replacing(copy, with: source)))
    } catch is JournalError {
      throw BackupError.notWhole(source)
    }
  }

  /// An archive that is restored with it must find what it has not taken over yet.
  private static func checkReach(of folder: String, to mark: ArchiveMark) throws {
    guard let oldest = try JournalReader.oldestPosition(folder: folder) else {
      throw JournalError.noJournal(folder: folder)
    }
    let snapshots = try SnapshotStore.commits(folder: folder)
    let hasBase = oldest.commit == 0 || snapshots.contains { $0 >= oldest.commit && $0 <= mark.position.commit }
    guard mark.position.commit >= oldest.commit, hasBase else {
      throw BackupError.journalGone(from: mark.position.commit)
    }
  }

  /// As `backup.json` and the commands tell it.
  public var json: JSONValue {
    .object([
      JSONValue.Member("version", .integer(UInt64(Self.version))), JSONValue.Member("backup", .string(folder)),
      JSONValue.Member("journal", .string(journal)),
      JSONValue.Member("commit", .integer(commit)), JSONValue.Member("last_transaction", .integer(lastTransaction)),
      JSONValue.Member("epoch", .integer(epoch)), JSONValue.Member("created_ms", .integer(createdMs)),
      JSONValue.Member("segments", .integer(segments)), JSONValue.Member("snapshots", .integer(snapshots)),
      JSONValue.Member("bytes", .integer(bytes)),
      JSONValue.Member("database_commit", databaseCommit.map { .integer($0) } ?? .null),
      JSONValue.Member("damage", .array(damage.map { .string($0) })),
    ])
  }
}

/// Why a backup cannot be made or restored.
public enum BackupError: Error, Sendable, CustomStringConvertible {
  case alreadyThere(String)
  case notABackup(String)
  /// Made by a newer or older version of this software.
  case otherVersion(OtherVersion)
  case notWhole(String)
  /// The journal let go what the database still needs, while that was copied.
  case journalGone(from: UInt64)
  case notEmpty(String)

  public var description: String {
    switch self {
    case .alreadyThere(let path): "\(path) is there already: a backup never replaces one; name another folder"
    case .notABackup(let path):
      "\(path) is no backup: expected \(Backup.manifestName) and \(Backup.journalName)/ in it, as \"ringctl journal backup\" "
        + "makes them"
    case .otherVersion(let other): "\(other)"
    case .notWhole(let path):
      "no dispatcher can start on the journal in \(path); \"ringctl journal verify --journal \(path)\" says why"
    case .journalGone(let commit):
      "the journal let go its commits behind \(commit) while the database was copied: try again, with a larger "
        + "archive.keep_days or archive.keep_bytes, or leave the database out with --no-database"
    case .notEmpty(let path):
      "\(path) is there already: a backup is restored where nothing is; move that out of the way first"
    }
  }
}

/// Is a copy of a database whole?
enum DatabaseCheck {
  /// - Parameter original: the one that it is a copy of, for errors.
  /// - Returns: how far the archive is; nil when it has not begun.
  static func run(_ path: String, as original: String? = nil) throws -> ArchiveMark? {
    let connection = try SQLiteConnection.open(path, .readOnly)
    try ArchiveMigration.check(connection, path: original ?? path)
    let found = try connection.text("PRAGMA quick_check(1)")
    guard found == "ok" else {
      throw SQLiteError(code: SQLiteError.damaged, operation: "check \(path)", reason: found ?? "no answer")
    }
    return try ArchiveMark.read(connection)
  }
}

extension File {
  /// Returns once a file is on the medium.
  static func sync(_ path: String) throws(SystemError) {
    let file = try File.open(writingTo: path)
    try File.syncData(file.rawDescriptor)
  }
}

extension Folder {
  /// The folder in which a path is.
  static func parent(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
