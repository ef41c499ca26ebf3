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
      guard found <= migrations.count else {
        throw otherVersion(path, found)
      }
      for migration in migrations[found...] { try connection.execute(migration) }
      try connection.execute(
        "PRAGMA application_id = \(ArchiveSchema.applicationID); PRAGMA user_version = \(migrations.count); COMMIT")
    } catch {
      if connection.isInTransaction { try? connection.execute("ROLLBACK") }
      throw error
    }
  }

  /// Checks that a database is an archive whose schema this program knows.
  static func check(_ connection: borrowing SQLiteConnection, path: String) throws {
    let found = try version(connection, path: path)
    guard found > 0 else { throw ArchiveError.notAnArchive(database: path) }
    guard found <= ArchiveSchema.version else {
      throw otherVersion(path, found)
    }
  }

  private static func otherVersion(_ path: String, _ found: Int) -> ArchiveError {
    .otherVersion(
      OtherVersion(
        path, found: UInt32(clamping: found), supported: 1...UInt32(ArchiveSchema.version),
        alternative: "choose another file with --database, which ringmaster-archive fills from what the journal has"))
  }

  /// The version of an archive's schema; 0 of a new file.
  private static func version(_ connection: borrowing SQLiteConnection, path: String) throws -> Int {
    let version = Int(try connection.integer("PRAGMA user_version") ?? 0)
    let application = try connection.integer("PRAGMA application_id")
    if application == ArchiveSchema.applicationID { return version }
    let tables = try connection.integer("SELECT count(*) FROM sqlite_schema") ?? 0
    guard application == 0, version == 0, tables == 0 else { throw ArchiveError.notAnArchive(database: path) }
    return 0
  }
}
