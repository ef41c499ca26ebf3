import Archive
import CTestSystem
import Controller
import Foundation
import JournalTestSupport
import Platform
import SQLite
import Testing

@testable import Journal

@Suite struct StartTests {
  @Test func anotherArchiveOfTheDatabaseIsRefused() throws {
    let test = try TestArchive()
    let first = try ArchiveDatabase.open(test.database())
    do {
      _ = try ArchiveDatabase.open(test.database()).path
      Issue.record("two archives write one database")
    } catch let error as SystemError {
      #expect(error.meansLocked && error.description.contains("another ringmaster-archive"))
    }
    withExtendedLifetime(first) {}
  }

  /// As somebody's `sqlite3` that left a transaction open.
  @Test func anotherWriterIsWaitedFor() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 6)
    try journal.advance(steps: 50)
    var archive = try test.open()
    let other = try SQLiteConnection.open(test.database(), .readWrite)
    try other.execute("BEGIN IMMEDIATE")
    expect(try archive.turn() == .waiting(.otherWriter))
    do {
      try archive.catchUp()
      Issue.record("it went on beside another writer")
    } catch ArchiveError.obstructed {}
    try other.execute("COMMIT")
    try archive.catchUp()
    expect(archive.position == journal.position)
  }

  /// As an operator, who may read the archive's files and make none beside them.
  @Test(.enabled(if: Machine.effectiveUserID() == 0))
  func whoMayOnlyReadCanDoSoWhenTheArchiveHasEnded() async throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 6)
    try journal.advance(steps: 50)
    try endedArchive(of: test)
    let path = test.database()
    #expect(chmod(test.root.path, 0o711) == 0)
    for part in ["", "-wal", "-shm"] { #expect(chmod(path + part, 0o644) == 0, "\(path + part) is there") }
    let log = try FileManager.default.attributesOfItem(atPath: path + "-wal")
    #expect(log[.size] as? Int == 0, "it takes no space")
    let count = await withCheckedContinuation { continuation in
      Thread {
        precondition(test_become_user(65534) == 0, "root can be anybody")
        defer { _ = test_become_user(0) }
        let count = try? SQLiteConnection.open(path, .readOnly).integer("SELECT count(*) FROM transactions")
        continuation.resume(returning: count ?? nil)
      }.start()
    }
    #expect((count ?? 0) > 0)
  }

  private func endedArchive(of test: TestArchive) throws {
    var archive = try test.open()
    try archive.catchUp()
  }

  @Test func whatIsNoDatabaseIsRefused() throws {
    let test = try TestArchive()
    try writeFile(test.database(), [UInt8](repeating: 7, count: 8192))
    do {
      _ = try ArchiveDatabase.open(test.database()).path
      Issue.record("garbage was taken for a database")
    } catch ArchiveError.unusable(let database, let error) {
      #expect(error.meansDamaged)
      let message = ArchiveError.unusable(database: database, error).description
      #expect(message.contains(test.database()) && message.contains("--database"))
    }
    let nowhere = "\(test.root.path)/missing/archive.sqlite"
    do {
      _ = try ArchiveDatabase.open(nowhere).path
      Issue.record("a database was made in a folder that is not there")
    } catch {
      #expect("\(error)".contains(nowhere))
    }
  }

  @Test func aJournalThatIsNotThereYetIsNoError() throws {
    let test = try TestArchive()
    #expect(try !Archive.hasJournal(test.folder))
    try Folder.ensure(test.folder)
    #expect(try !Archive.hasJournal(test.folder))
    let journal = try SimulatedJournal.begin(in: test.folder, seed: 1)
    #expect(try Archive.hasJournal(test.folder))
    var archive = try test.open()
    try archive.catchUp()
    expect(archive.position.commit == 0)
    withExtendedLifetime(journal) {}
  }

  @Test func anotherJournalIsRefusedWithBothNamed() throws {
    let test = try TestArchive()
    let other = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 1)
    try journal.advance(steps: 30)
    var another = try SimulatedJournal.begin(in: other.folder, seed: 2)
    try another.advance(steps: 30)
    do {
      var archive = try test.open()
      try archive.catchUp()
    }
    var configuration = test.configuration()
    configuration.journalFolder = other.folder
    do {
      _ = try test.open(configuration).position
      Issue.record("the archive of one journal went on with another")
    } catch ArchiveError.otherJournal(_, let expected, _, let found) {
      #expect(expected != found && expected.count == 32 && found.count == 32)
    }
  }

  /// A new database beside a journal whose beginning is gone.
  @Test(arguments: [false, true]) func aJournalWithoutItsBeginning(salvages: Bool) throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 5, segmentBytes: 160 << 10)
    var configuration = test.configuration("pruning")
    configuration.snapshotBytes = 1
    configuration.retention = JournalRetention(keepBytes: 0)
    do {
      var archive = try test.open(configuration)
      while archive.counters.removedSegments == 0 {
        try journal.advance(steps: 200)
        try archive.catchUp()
      }
    }
    try journal.advance(steps: 150)
    var late = test.configuration("late")
    late.salvages = salvages
    guard salvages else {
      #expect(throws: ArchiveError.self) { _ = try test.open(late).position }
      return
    }
    var archive = try test.open(late)
    try archive.catchUp()
    expect(archive.position == journal.position && archive.stateHash == journal.history.state.stateHash)
    let connection = try SQLiteConnection.open(test.database("late"), .readOnly)
    let first = try connection.integer("SELECT min(number) FROM transactions") ?? 0
    #expect(
      try connection.lines("SELECT first_transaction, last_transaction, first_commit FROM losses") == [
        "1|\(first - 1)|1"
      ])
    // What is known of before is what is still there.
    #expect(
      try connection.integer("SELECT count(*) FROM workers WHERE lost_ms IS NULL")
        == Int64(journal.history.state.totals.workers))
    let tasks = "SELECT count(*) FROM tasks JOIN jobs ON jobs.id = job WHERE pruned_ms IS NULL"
    #expect(try connection.integer(tasks) == Int64(TaskCounting.count(journal.history.state)))
  }
}

/// Tasks that a state holds.
enum TaskCounting {
  static func count(_ state: borrowing ControllerState) -> Int {
    var count = 0
    var slot = 0
    while let task = state.nextTask(from: slot, newestAttempts: 0) {
      count += 1
      slot = Int(task.handle.index) + 1
    }
    return count
  }
}

func readFile(_ path: String) throws -> [UInt8] {
  let file = try File.open(readingFrom: path)
  var bytes = [UInt8](repeating: 0, count: try file.size())
  let count = try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 0) }
  #expect(count == bytes.count)
  return bytes
}

func writeFile(_ path: String, _ bytes: [UInt8]) throws {
  let file = try File.create(path)
  try bytes.withUnsafeBytes { try JournalFileCalls.system.writeAll($0, to: file.rawDescriptor, at: 0) }
}
