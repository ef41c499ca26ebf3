import JournalTestSupport
import Platform
import Testing

@testable import Archive
@testable import Journal

/// Files that go, or are damaged, while an archive runs or between its runs.
@Suite struct LostFileTests {
  /// Nothing is let go of the journal for a database that nobody will find.
  @Test(arguments: [false, true]) func aDatabaseThatIsTakenAwayEndsIt(isReplaced: Bool) throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 5, segmentBytes: 160 << 10)
    var configuration = test.configuration()
    configuration.snapshotBytes = 1
    configuration.retention = JournalRetention(keepBytes: 0)
    var archive = try test.open(configuration)
    try journal.advance(steps: 100)
    try archive.catchUp()
    let path = configuration.databasePath
    for part in ["", "-wal", "-shm"] { try Folder.rename(path + part, to: "\(test.database("away"))\(part)") }
    if isReplaced { try writeFile(path, try readFile(test.database("away"))) }
    try journal.advance(steps: 2500)
    let segments = try Folder.names(in: test.folder).filter { $0.hasPrefix("segment") }
    #expect(segments.count > 2)
    do {
      try archive.catchUp()
      Issue.record("it went on without its database")
    } catch let error as ArchiveError {
      #expect(error.description.contains(path) && error.description.contains("put it back"))
    }
    #expect(try Folder.names(in: test.folder).filter { $0.hasPrefix("segment") } == segments)

    // Put back, it goes on where it was.
    _ = consume archive
    if isReplaced { try Folder.removeFile(path) }
    for part in ["", "-wal", "-shm"] where Folder.fileExists("\(test.database("away"))\(part)") {
      try Folder.rename("\(test.database("away"))\(part)", to: path + part)
    }
    var again = try test.open(configuration)
    try again.catchUp()
    expect(again.position == journal.position)
  }

  /// Of what it has read past, no header is needed.
  @Test func theOldestSegmentsHeaderIsDamaged() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 7, segmentBytes: 160 << 10)
    var configuration = test.configuration()
    configuration.snapshotBytes = 1
    do {
      var archive = try test.open(configuration)
      for _ in 0..<5 {
        try journal.advance(steps: 600)
        try archive.catchUp()
      }
    }
    let segments = try Folder.names(in: test.folder).filter { $0.hasPrefix("segment") }.sorted()
    #expect(segments.count > 2)
    let oldest = "\(test.folder)/\(segments[0])"
    var bytes = try readFile(oldest)
    bytes.replaceSubrange(0..<64, with: repeatElement(0, count: 64))
    try writeFile(oldest, bytes)
    try journal.advance(steps: 100)
    var archive = try test.open(configuration)
    try archive.catchUp()
    expect(archive.position == journal.position && archive.stateHash == journal.history.state.stateHash)
  }
}
