import SQLite
import Testing

@testable import Archive

@Suite struct SchemaTests {
  private func version(_ path: String) throws -> Int64? {
    try SQLiteConnection.open(path, .readOnly).integer("PRAGMA user_version")
  }

  @Test func aNewDatabaseHasTheNewestSchema() throws {
    let test = try TestArchive()
    _ = try ArchiveDatabase.open(test.database()).path
    #expect(try version(test.database()) == Int64(ArchiveSchema.version))
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    #expect(try connection.text("PRAGMA journal_mode") == "wal")
    let loose = "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict"
    #expect(try connection.lines(loose) == ["sqlite_schema"])
    #expect(try connection.lines("SELECT * FROM events") == [])
    #expect(try connection.lines("SELECT * FROM named_actions") == [])
  }

  /// From every earlier version, in order, with the rows that were there.
  @Test(arguments: 0...ArchiveSchema.migrations.count)
  func anOlderDatabaseIsMigrated(from older: Int) throws {
    let test = try TestArchive()
    let path = test.database()
    let first = Array(ArchiveSchema.migrations[..<older])
    let connection = try SQLiteConnection.open(path, .readWrite)
    if older > 0 {
      try ArchiveMigration.run(connection, path: path, migrations: first)
      try connection.execute("INSERT INTO worker_lists VALUES (1, 2, '')")
    }
    let later =
      ArchiveSchema.migrations + [
        "ALTER TABLE worker_lists ADD COLUMN why TEXT; CREATE TABLE steps (step INTEGER) STRICT",
        "INSERT INTO steps SELECT count(*) FROM worker_lists; UPDATE worker_lists SET why = 'kept'",
      ]
    try ArchiveMigration.run(connection, path: path, migrations: later)
    #expect(try version(path) == Int64(ArchiveSchema.version(with: later)))
    #expect(try connection.lines("SELECT * FROM steps") == [older > 0 ? "1" : "0"])
    #expect(try connection.lines("SELECT worker, why FROM worker_lists") == (older > 0 ? ["1|kept"] : []))
  }

  @Test func aMigrationThatFailsChangesNothing() throws {
    let test = try TestArchive()
    let path = test.database()
    let connection = try SQLiteConnection.open(path, .readWrite)
    try ArchiveMigration.run(connection, path: path)
    let before = try connection.lines("SELECT sql FROM sqlite_schema")
    #expect(throws: SQLiteError.self) {
      try ArchiveMigration.run(
        connection, path: path,
        migrations: ArchiveSchema.migrations + ["CREATE TABLE half (done INTEGER) STRICT", "DROP TABLE missing"])
    }
    #expect(try connection.lines("SELECT sql FROM sqlite_schema") == before)
    #expect(try version(path) == Int64(ArchiveSchema.version))
  }

  private static let others: [(version: UInt32, pragma: String)] = [
    (0, "user_version = 0"), (0, "user_version = -5"), (1, "user_version = 1"), (99, "user_version = 99"),
    (1, "application_id = \(ArchiveSchema.earlierApplicationID)"),
  ]

  /// By its number, or because its application id is that of all archives from before version 2.
  @Test(arguments: others)
  func anotherVersionIsRefusedWithBothNamed(_ version: UInt32, _ pragma: String) throws {
    let test = try TestArchive()
    _ = try ArchiveDatabase.open(test.database()).path
    try SQLiteConnection.open(test.database(), .readWrite).execute("PRAGMA \(pragma)")
    func check(_ open: () throws -> Void) {
      do {
        try open()
        Issue.record("a newer schema was accepted")
      } catch ArchiveError.otherVersion(let other) {
        #expect(other.found == version && other.isNewer == (version == 99))
        #expect(other.supported == UInt32(ArchiveSchema.firstVersion)...UInt32(ArchiveSchema.version))
        let message = ArchiveError.otherVersion(other).description
        #expect(message.contains("version \(version)") && message.contains("--database"))
        #expect(message.contains(test.database()))
      } catch {
        Issue.record("\(error)")
      }
    }
    check { _ = try ArchiveDatabase.open(test.database()).path }
    check { _ = try ArchiveHistory.open(test.database()).newest() }
  }

  @Test func aDatabaseOfSomethingElseIsRefused() throws {
    let test = try TestArchive()
    try SQLiteConnection.open(test.database(), .readWrite).execute("CREATE TABLE theirs (value TEXT)")
    #expect(throws: ArchiveError.self) { _ = try ArchiveDatabase.open(test.database()).path }
    #expect(throws: ArchiveError.self) { _ = try ArchiveHistory.open(test.database()).newest() }
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    #expect(try connection.lines("SELECT name FROM sqlite_schema") == ["theirs"])
  }
}
