import Platform
import SQLite

/// Brings a database to the present schema.
enum ArchiveMigration {
  /// Runs what is missing, in order, as one transaction.
  ///
  /// - Parameter migrations: those of the present schema; others in tests.
  /// - Throws: `ArchiveError.otherVersion`, `.notAnArchive`, `SQLiteError`; nothing has changed then.
  static func run(
    _ connection: borrowing SQLiteConnection, path: String, migrations: [String] = ArchiveSchema.migrations
  ) throws {
    try connection.execute("BEGIN IMMEDIATE")
    do {
      let found = try version(connection, path: path)
      let newest = ArchiveSchema.version(with: migrations)
      guard found == 0 || (ArchiveSchema.firstVersion...newest).contains(found) else {
        throw otherVersion(path, found)
      }
      let missing = found == 0 ? 0 : found - ArchiveSchema.firstVersion + 1
      for migration in migrations[missing...] { try connection.execute(migration) }
      try connection.execute(ArchiveSchema.names)
      try connection.execute(
        "PRAGMA application_id = \(ArchiveSchema.applicationID); PRAGMA user_version = \(newest); COMMIT")
    } catch {
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  /// Checks that a database is an archive whose schema this program knows.
  static func check(_ connection: borrowing SQLiteConnection, path: String) throws {
    let found = try version(connection, path: path)
    guard found > 0 else { throw ArchiveError.notAnArchive(database: path) }
    guard (ArchiveSchema.firstVersion...ArchiveSchema.version).contains(found) else {
      throw otherVersion(path, found)
    }
  }

  private static func otherVersion(_ path: String, _ found: Int) -> ArchiveError {
    .otherVersion(
      OtherVersion(
        path, found: UInt32(clamping: found),
        supported: UInt32(ArchiveSchema.firstVersion)...UInt32(ArchiveSchema.version),
        alternative: "choose another file with --database, which ringmaster-archive fills from what the journal has"))
  }

  /// The version of an archive's schema; 0 of a new file.
  private static func version(_ connection: borrowing SQLiteConnection, path: String) throws -> Int {
    let version = Int(try connection.integer("PRAGMA user_version") ?? 0)
    let application = try connection.integer("PRAGMA application_id")
    if application == ArchiveSchema.applicationID {
      guard version > 0 else { throw otherVersion(path, version) }
      return version
    }
    if application == ArchiveSchema.earlierApplicationID { return 1 }
    let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    guard application == 0, version == 0, tables == 0 else { throw ArchiveError.notAnArchive(database: path) }
    return 0
  }
}
