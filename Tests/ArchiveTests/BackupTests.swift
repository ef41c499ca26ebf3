import Controller
import Foundation
import JournalTestSupport
import Platform
import SQLite
import SeededRandom
import Testing

@testable import Archive
@testable import Journal

@Suite struct BackupTests {
  private func make(_ test: TestArchive, _ name: String = "backup") throws -> Backup {
    try Backup.make(in: "\(test.root.path)/\(name)", journal: test.folder, database: test.database()) { _, _ in }
  }

  /// What is restored is what was backed up; a dispatcher and an archive go on with it, and with the database of before.
  @Test(arguments: [71, 72] as [UInt64]) func aRestoredBackupIsGoneOnWith(seed: UInt64) throws {
    let test = try TestArchive()
    var saved: Backup?
    var hash: UInt64 = 0
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: seed, segmentBytes: 80 << 10)
      try journal.advance(steps: 200)
      do {
        var configuration = test.configuration()
        configuration.snapshotBytes = 1
        var archive = try test.open(configuration)
        try archive.catchUp()
      }
      // The archive lags behind.
      try journal.advance(steps: 300)
      saved = try make(test)
      hash = journal.history.state.stateHash
      #expect(saved?.commit == journal.position.commit)
      try journal.advance(steps: 200)
    }
    let backup = try #require(saved)
    #expect(try Backup.read(backup.folder).json == backup.json)
    do {
      var archive = try test.open()
      try archive.catchUp()
    }
    let restored = try TestArchive()
    try backup.restore(journal: restored.folder, database: restored.database(), reason: "a test") { _, _ in }
    let recovery = try JournalRecovery.run(folder: restored.folder, configuration: ControllerConfiguration())
    expect(recovery.replica.state.stateHash == hash && recovery.end.position.commit == backup.commit)
    #expect(try Folder.names(in: restored.root.path) == ["archive.sqlite", "journal"])
    #expect(try String(decoding: readFile("\(restored.folder)/restored.log"), as: UTF8.self).contains("a test"))

    var journal = try SimulatedJournal.resume(in: restored.folder, seed: seed + 100)
    try journal.advance(steps: 100)
    var archive = try restored.open()
    try archive.catchUp()
    expect(archive.position == journal.position)
    let connection = try SQLiteConnection.open(restored.database(), .readOnly)
    #expect(
      try connection.lines("SELECT count(*), count(DISTINCT number) FROM transactions")
        == ["\(journal.position.lastTransaction)|\(journal.position.lastTransaction)"])
    #expect(try connection.lines("SELECT cause FROM epochs") == ["first", "start"])

    // The newer database of before goes on with it too.
    var configuration = restored.configuration()
    configuration.databasePath = test.database()
    var older = try test.open(configuration)
    try older.catchUp()
    expect(older.position == journal.position && older.stateHash == archive.stateHash)
    let superseded = try SQLiteConnection.open(test.database(), .readOnly).integer(
      "SELECT count(*) FROM events WHERE superseded")
    #expect((superseded ?? 0) > 0)
  }

  @Test func nothingIsReplaced() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 73)
    try journal.advance(steps: 50)
    do {
      var archive = try test.open()
      try archive.catchUp()
    }
    let backup = try make(test)
    #expect(throws: BackupError.self) { _ = try make(test) }
    #expect(throws: BackupError.self) {
      try backup.restore(journal: test.folder, database: nil, reason: "") { _, _ in }
    }
    let other = try TestArchive()
    try writeFile(other.database(), [1])
    #expect(throws: BackupError.self) {
      try backup.restore(journal: other.folder, database: other.database(), reason: "") { _, _ in }
    }
    #expect(try !JournalCopy.isThere(other.folder))
    #expect(throws: BackupError.self) { _ = try Backup.read(test.root.path) }
  }

  @Test func aDispatcherThatRunsKeepsItsJournal() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 74)
    try journal.advance(steps: 50)
    let backup = try Backup.make(
      in: "\(test.root.path)/backup", journal: test.folder, database: nil
    ) { _, _ in }
    let other = try TestArchive()
    let lock = try JournalLock.take(folder: other.folder)
    #expect(throws: JournalError.self) {
      try backup.restore(journal: other.folder, database: nil, reason: "") { _, _ in }
    }
    withExtendedLifetime(lock) {}
  }

  /// A flipped bit anywhere, or a file that cannot be read: a backup is made, and restored, exactly when a dispatcher starts
  /// on the journal, and says what is damaged in it.
  @Test(arguments: [77, 78, 79, 80] as [UInt64]) func aBackupNeedsWhatAStartNeeds(seed: UInt64) throws {
    let test = try TestArchive()
    var random = SeededGenerator(seed: seed)
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: seed, segmentBytes: 80 << 10)
      try journal.advance(steps: 250)
    }
    if seed % 2 == 0 {
      let names = try Folder.names(in: test.folder).filter { $0.hasSuffix(".rmj") }.sorted()
      let path = "\(test.folder)/\(names[names.count / 2])"
      var bytes = try readFile(path)
      bytes[6000] ^= 1
      try writeFile(path, bytes)
    }
    // After a salvage too, and with snapshots of which all but the newest can go.
    for part in 0..<3 {
      var journal = try SimulatedJournal.resume(
        in: test.folder, seed: seed + 100 + UInt64(part), salvages: part > 0 || seed % 2 == 0, segmentBytes: 80 << 10)
      try journal.advance(steps: 120)
    }
    let whole = try JournalVerifier.run(folder: test.folder)
    #expect(whole.isWhole && whole.startFailure == nil, "\(whole.faults)")
    #expect(
      try Backup.make(in: "\(test.root.path)/whole", journal: test.folder, database: nil) { _, _ in }.damage == [])

    let names = try Folder.names(in: test.folder).filter { $0.hasSuffix(".rmj") || $0.hasSuffix(".rms") }.sorted()
    var made = 0
    for (index, name) in (names + names).enumerated() {
      let path = "\(test.folder)/\(name)"
      let bytes = try readFile(path)
      let isReadable = index < names.count
      if isReadable {
        let used = try #require(bytes.lastIndex { $0 != 0 })
        var flipped = bytes
        flipped[index % 3 == 0 ? Int.random(in: 0..<64, using: &random) : Int.random(in: 0..<used, using: &random)] ^= 8
        try writeFile(path, flipped)
      } else {
        try Folder.removeFile(path)
        try Folder.ensure(path)
      }
      let starts = (try? JournalRecovery.run(folder: test.folder, configuration: ControllerConfiguration())) != nil
      let found = try JournalVerifier.run(folder: test.folder)
      #expect((found.startFailure == nil) == starts, "\(name)")
      let target = "\(test.root.path)/of-\(index)"
      do {
        let backup = try Backup.make(in: target, journal: test.folder, database: nil) { _, _ in }
        made += 1
        #expect(starts, "\(name)")
        #expect(backup.damage == found.faults || !isReadable, "\(name): \(backup.damage), \(found.faults)")
        #expect(backup.damage.contains { $0.contains(path) } == !found.isWhole)
        let other = try TestArchive()
        try Backup.read(target).restore(journal: other.folder, database: nil, reason: "") { _, _ in }
        let restored = try JournalRecovery.run(folder: other.folder, configuration: ControllerConfiguration())
        expect(restored.end.position.commit == backup.commit)
      } catch BackupError.notWhole(let folder) {
        #expect(!starts && folder == test.folder, "\(name)")
      } catch let error as JournalError {
        // Where it ends cannot be told.
        #expect(!starts, "\(name): \(error)")
      }
      if !isReadable { Folder.removeTree(path) }
      try writeFile(path, bytes)
    }
    #expect(made > 0)
  }

  /// What a restore that was interrupted at its end leaves: no dispatcher starts on it.
  @Test func halfOfAJournalIsNotWhole() throws {
    let test = try TestArchive()
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 76)
      try journal.advance(steps: 50)
    }
    #expect(try JournalVerifier.run(folder: test.folder).isWhole)
    try Folder.ensure(JournalCopy.restoring(in: test.folder))
    let found = try JournalVerifier.run(folder: test.folder)
    #expect(!found.isWhole && found.startFailure != nil)
    #expect(throws: JournalError.self) {
      _ = try Backup.make(in: "\(test.root.path)/backup", journal: test.folder, database: nil) { _, _ in }
    }
  }

  /// Somebody who may write beside the backup has put a link where it is made.
  @Test func nothingIsRemovedBehindALink() throws {
    let test = try TestArchive()
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 77)
      try journal.advance(steps: 50)
    }
    let precious = "\(test.root.path)/precious"
    try Folder.ensure(precious)
    try writeFile("\(precious)/file", [1])
    let target = "\(test.root.path)/backup"
    try FileManager.default.createSymbolicLink(atPath: "\(target).partial", withDestinationPath: precious)
    _ = try Backup.make(in: target, journal: test.folder, database: nil) { _, _ in }
    #expect(try Folder.names(in: precious) == ["file"])
    #expect(try Folder.names(in: target).sorted() == ["backup.json", "journal"])
  }

  /// A link in the place of what an interrupted restore leaves is nothing that a restore has left.
  @Test func aLinkIsNoHalfOfAJournal() throws {
    let test = try TestArchive()
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 78)
      try journal.advance(steps: 50)
    }
    let backup = try Backup.make(in: "\(test.root.path)/backup", journal: test.folder, database: nil) { _, _ in }
    let segments = try Folder.names(in: test.folder)
    let precious = "\(test.root.path)/precious"
    try Folder.ensure(precious)
    for name in segments { try writeFile("\(precious)/\(name)", [1]) }
    let link = JournalCopy.restoring(in: test.folder)
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: precious)
    #expect(try JournalVerifier.run(folder: test.folder).isWhole)
    #expect(throws: BackupError.self) {
      try backup.restore(journal: test.folder, database: nil, reason: "") { _, _ in }
    }
    #expect(try JournalVerifier.run(folder: test.folder).isWhole)
    for name in segments where name.hasSuffix(".rmj") || name.hasSuffix(".rms") {
      try Folder.removeFile("\(test.folder)/\(name)")
    }
    try backup.restore(journal: test.folder, database: nil, reason: "") { _, _ in }
    #expect(try JournalVerifier.run(folder: test.folder).isWhole && !Folder.fileExists(link))
    #expect(try Folder.names(in: precious) == segments)
    for name in segments { #expect(try readFile("\(precious)/\(name)") == [1]) }
  }

  /// What no dispatcher could start on makes no backup, and what is damaged in a backup is not restored.
  @Test func whatIsNotWholeIsRefused() throws {
    let test = try TestArchive()
    do {
      var journal = try SimulatedJournal.begin(in: test.folder, seed: 75)
      try journal.advance(steps: 200)
    }
    let backup = try Backup.make(
      in: "\(test.root.path)/backup", journal: test.folder, database: nil
    ) { _, _ in }
    let name = try #require(try Folder.names(in: test.folder).first { $0.hasSuffix(".rmj") })
    for folder in ["\(backup.folder)/journal", test.folder] {
      var bytes = try readFile("\(folder)/\(name)")
      bytes[5000] ^= 1
      try writeFile("\(folder)/\(name)", bytes)
    }
    let other = try TestArchive()
    #expect(throws: (any Error).self) {
      try backup.restore(journal: other.folder, database: nil, reason: "") { _, _ in }
    }
    #expect(try !JournalCopy.isThere(other.folder))
    #expect(throws: (any Error).self) {
      _ = try Backup.make(in: "\(test.root.path)/second", journal: test.folder, database: nil) { _, _ in }
    }
    #expect(try Folder.names(in: test.root.path).sorted() == ["backup", "journal"])
  }
}
