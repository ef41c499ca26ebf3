import Foundation
import JournalTestSupport
import Logging
import Platform
import SQLite
import Testing

@testable import Archive

/// `archive.sqlite`: the archive of a small cluster.
@Suite(.serialized) struct GoldenArchiveTests {
  private static let name = "archive.sqlite"
  private static let constant = "a migration in ArchiveSchema.swift"

  @Test func itIsReadAsItWasWritten() throws {
    let golden = try Golden.file(Self.name, Self.make)
    try Self.inFolder { folder in
      let path = "\(folder)/archive.sqlite"
      try Data(golden).write(to: URL(filePath: path))
      try Golden.expect(try Self.rows(path), of: Self.name, Self.constant)
      // As a whole, with the program that reads and writes it.
      #expect(try ArchiveHistory.open(path).newest() > 0)
      let mark = try ArchiveDatabase.open(path).mark()
      #expect(mark != nil)
    }
  }

  @Test func anArchiveIsMadeLikeIt() throws {
    let golden = try Golden.bytes(Self.name)
    try Self.inFolder { folder in
      let (old, new) = ("\(folder)/old.sqlite", "\(folder)/new.sqlite")
      try Data(golden).write(to: URL(filePath: old))
      _ = try ArchiveDatabase.open(old).path
      _ = try ArchiveDatabase.open(new).path
      let schema = "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name"
      #expect(
        try Self.lines(new, schema) == Self.lines(old, schema),
        "the schema of archives has changed: never change what was released, add \(Self.constant)")
    }
  }

  private static func inFolder(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder(prefix: "ringmaster-golden")
    defer { folder.remove() }
    try body(folder.path)
  }

  private static func lines(_ path: String, _ sql: String) throws -> [String] {
    let connection = try SQLiteConnection.open(path, .readOnly)
    var row = try connection.prepare(sql)
    var lines: [String] = []
    while try row.step() {
      lines.append((0..<row.columnCount).map { text(row.value($0)) }.joined(separator: "|"))
    }
    return lines
  }

  private static func text(_ value: SQLiteStatement.Value) -> String {
    switch value {
    case .null: "NULL"
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let text): text
    case .blob(let bytes): "\(bytes)"
    }
  }

  private static func rows(_ path: String) throws -> [String] {
    let tables = try lines(path, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    return try lines(path, "PRAGMA application_id") + lines(path, "PRAGMA user_version")
      + tables.flatMap { table -> [String] in
        try [table] + lines(path, "SELECT * FROM \(table) ORDER BY 1, 2").map { "  \($0)" }
      }
  }

  private static func make() throws -> [UInt8] {
    var file: [UInt8] = []
    try inFolder { folder in
      var configuration = ArchiveConfiguration(journalFolder: "\(folder)/journal", databasePath: "\(folder)/a.sqlite")
      configuration.fileCalls = SimulatedJournal.withoutSyncs()
      var journal = try SimulatedJournal.begin(in: "\(folder)/journal", seed: 3)
      try journal.advance(steps: 120)
      _ = try ArchiveService.runOnce(
        configuration, log: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
      let copy = "\(folder)/copy.sqlite"
      try SQLiteConnection.open("\(folder)/a.sqlite", .readWrite).execute(
        "PRAGMA page_size = 512; VACUUM INTO '\(copy)'")
      file = [UInt8](try Data(contentsOf: URL(filePath: copy)))
    }
    return file
  }
}
