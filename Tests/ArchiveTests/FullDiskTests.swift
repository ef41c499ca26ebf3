import Archive
import Glibc
import JournalTestSupport
import Platform
import SQLite
import Testing

@testable import Journal

/// A file system in memory of its own size.
final class SmallDisk {
  let path: String

  /// May this process mount one? Not in every sandbox.
  static let isPossible: Bool = {
    guard let folder = try? TemporaryFolder(prefix: "ringmaster-mount") else { return false }
    defer { folder.remove() }
    guard mount("none", folder.path, "tmpfs", 0, "size=64k") == 0 else { return false }
    return umount(folder.path) == 0
  }()

  init(kiB: Int) throws {
    path = try TemporaryFolder(prefix: "ringmaster-small").path
    guard mount("none", path, "tmpfs", 0, "size=\(kiB)k") == 0 else { throw SystemError.last("mount \(path)") }
  }

  deinit {
    umount2(path, Int32(MNT_DETACH))
    rmdir(path)
  }

  /// Takes all but so much of what is free.
  func fill(leavingKiB: Int) throws {
    let filler = try File.create("\(path)/ballast")
    while (try? File.allocate(filler.rawDescriptor, bytes: filler.size() + 4096)) != nil {}
    try #require(ftruncate(filler.rawDescriptor, max(filler.size() - leavingKiB << 10, 0)) == 0)
  }

  func empty() throws {
    try Folder.removeFile("\(path)/ballast")
  }
}

@Suite(.serialized, .enabled(if: SmallDisk.isPossible, "file systems cannot be mounted here"))
struct FullDiskTests {
  /// Nothing is skipped, and it goes on by itself.
  @Test(arguments: [8, 40, 200]) func theDatabaseWaitsForSpace(leavingKiB: Int) throws {
    let test = try TestArchive()
    let disk = try SmallDisk(kiB: 8192)
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 51)
    try journal.advance(steps: 50)
    var configuration = test.configuration()
    configuration.databasePath = "\(disk.path)/archive.sqlite"
    configuration.batchRows = 100
    do {
      var archive = try test.open(configuration)
      try archive.catchUp()
      try disk.fill(leavingKiB: leavingKiB)
      try journal.advance(steps: 1200)
      var progress = try archive.turn()
      while progress == .advanced { progress = try archive.turn() }
      expect(progress == .waiting(.space))
      let reached = try SQLiteConnection.open(configuration.databasePath, .readOnly).integer(
        "SELECT commit_number FROM archive")
      expect(try archive.turn() == .waiting(.space))
      #expect(
        try SQLiteConnection.open(configuration.databasePath, .readOnly).integer("SELECT commit_number FROM archive")
          == reached)
      try disk.empty()
      try archive.catchUp()
      expect(archive.position == journal.position)
    }
    var control = try test.open("control")
    try control.catchUp()
    #expect(try DatabaseDump(configuration.databasePath) == DatabaseDump(test.database("control")))
  }

  /// Room for a part of the schema only, at the first start.
  @Test(arguments: [12, 16, 40, 64, 100]) func aNewDatabaseIsMadeOnceThereIsSpace(leavingKiB: Int) throws {
    let disk = try SmallDisk(kiB: 4096)
    let path = "\(disk.path)/archive.sqlite"
    try disk.fill(leavingKiB: leavingKiB)
    for _ in 0..<2 {
      do {
        _ = try ArchiveDatabase.open(path).path
        Issue.record("there was room enough")
      } catch ArchiveError.obstructed(let database, .space) {
        #expect(database == path)
      }
    }
    try disk.empty()
    expect(try ArchiveDatabase.open(path).mark() == nil)
  }

  @Test func aSnapshotWaitsForSpaceWhileTheHistoryGoesOn() throws {
    let test = try TestArchive()
    let disk = try SmallDisk(kiB: 8192)
    let folder = "\(disk.path)/journal"
    var journal = try SimulatedJournal.begin(in: folder, seed: 52)
    try journal.advance(steps: 300)
    var configuration = test.configuration()
    configuration.journalFolder = folder
    configuration.snapshotBytes = 1
    var archive = try test.open(configuration)
    try disk.fill(leavingKiB: 0)
    try archive.catchUp()
    expect(archive.counters.snapshots == 0)
    expect(archive.position == journal.position)
    #expect(try Folder.names(in: folder).allSatisfy { !$0.hasPrefix("snapshot") })
    try disk.empty()
    // A new one does not wait before it tries again, and counts what it replays.
    _ = consume archive
    archive = try test.open(configuration)
    try archive.catchUp()
    expect(archive.counters.snapshots == 1)
  }

  @Test func aJournalThatCannotBeSyncedIsNotCountedOn() throws {
    let test = try TestArchive()
    var journal = try SimulatedJournal.begin(in: test.folder, seed: 53)
    try journal.advance(steps: 50)
    var configuration = test.configuration()
    configuration.fileCalls.syncData = { (_) throws(SystemError) in throw SystemError("sync", code: EIO) }
    var archive = try test.open(configuration)
    do {
      try archive.catchUp()
      Issue.record("what may not be on the disk was counted on")
    } catch JournalError.system(let error) {
      #expect(error.code == EIO && error.description.contains("segment-"))
    }
    let connection = try SQLiteConnection.open(test.database(), .readOnly)
    #expect(try connection.lines("SELECT * FROM transactions") == [])
    #expect(try connection.lines("SELECT * FROM archive") == [])
  }
}
