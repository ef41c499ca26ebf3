import EventModel
import Glibc
import Platform
import TestSupport
import Testing

@testable import Journal

@Suite struct FaultTests {
  @Test func aDiskThatTakesALittleAtATimeGetsEverything() throws {
    let journal = try TestJournal()
    let disk = FaultyDisk()
    var writer = try journal.open(calls: disk.calls())
    var appender = writer.appender()
    var committer = writer.committer()
    for bytes in [1, 7, 100, 127, 128, 129, 1000] {
      disk.begin(.shortWrites(bytes: bytes))
      try appender.turn([sampleRecord(UInt64(bytes)), sampleRecord(0)])
      expect(committer.turn() == .committed)
    }
    disk.begin(nil)
    let (commits, end) = try journal.recover()
    #expect(commits.count == 7 && end.tornBytes == 0)
    #expect(commits[3].content == [sampleRecord(127), sampleRecord(0)])
  }

  /// Nothing is acknowledged while there is no space, nothing is lost, and it goes on by itself.
  @Test(arguments: [0, 1, 60, 127, 128, 300])
  func aFullDiskIsWaitedFor(roomLeft: Int) throws {
    let journal = try TestJournal()
    let disk = FaultyDisk()
    var writer = try journal.open(calls: disk.calls())
    var appender = writer.appender()
    var committer = writer.committer()
    try appender.turn([sampleRecord(1)])
    expect(committer.turn() == .committed)
    disk.begin(.full(afterBytes: roomLeft))
    let group = (10..<14).map { sampleRecord($0) }
    try appender.turn(group)
    let syncs = disk.syncs.load(ordering: .relaxed)
    for _ in 0..<3 { expect(committer.turn() == .waitingForSpace) }
    expect(appender.status == .outOfSpace && appender.durable == 2)
    expect(committer.counters.spaceWaits == 1)
    #expect(disk.syncs.load(ordering: .relaxed) == syncs)
    // What comes meanwhile waits behind it.
    try appender.turn([sampleRecord(20)])
    expect(committer.turn() == .waitingForSpace)
    // A crash now loses what nobody was told of, and nothing else.
    let crashed = try journal.copy()
    #expect(try crashed.recover().commits.count == 1)
    disk.begin(nil)
    expect(committer.turn() == .committed)
    expect(appender.status == .running && appender.durable == 7)
    expect(committer.turn() == .committed)
    expect(appender.durable == appender.lastRecord)
    let (commits, end) = try journal.recover()
    #expect(commits.map(\.content) == [[sampleRecord(1)], group, [sampleRecord(20)]])
    #expect(end.tornBytes == 0)
  }

  @Test func noRoomForTheNextSegmentIsWaitedFor() throws {
    let journal = try TestJournal()
    let disk = FaultyDisk()
    var writer = try journal.open(calls: disk.calls())
    var appender = writer.appender()
    var committer = writer.committer()
    disk.begin(.noRoomForSegments)
    var number: UInt64 = 0
    // The present segment is filled to its end first.
    while true {
      number += 1
      try appender.turn([sampleRecord(number, text: String(repeating: "z", count: 4000))])
      guard committer.turn() == .committed else { break }
    }
    #expect(number > 10)
    expect(appender.status == .outOfSpace)
    #expect(try journal.segmentPaths.count == 1)
    #expect(try !Folder.names(in: journal.folder).contains(JournalNames.preparedSegment))
    expect(committer.turn() == .waitingForSpace)
    disk.begin(nil)
    expect(committer.turn() == .committed)
    expect(appender.status == .running && appender.durable == appender.lastRecord)
    #expect(try journal.recover().commits.count == Int(number))
  }

  @Test(arguments: [FaultyDisk.Fault.failingWrites(code: EIO), .failingSyncs(code: EIO), .failingSyncs(code: ENOSPC)])
  func aFailureIsNeverTriedAgain(fault: FaultyDisk.Fault) throws {
    let journal = try TestJournal()
    let disk = FaultyDisk()
    var writer = try journal.open(calls: disk.calls())
    var appender = writer.appender()
    var committer = writer.committer()
    try appender.turn([sampleRecord(1)])
    expect(committer.turn() == .committed)
    try appender.turn([sampleRecord(2)])
    disk.begin(fault)
    expect(committer.turn() == .failed)
    disk.begin(nil)
    let writes = disk.writes.load(ordering: .relaxed)
    let syncs = disk.syncs.load(ordering: .relaxed)
    expect(committer.turn() == .failed)
    expect(appender.status == .failed && appender.durable == 2)
    expect(appender.failure != nil)
    let refused = try appender.append(sampleRecord(3))
    #expect(refused == nil)
    expect(!appender.hasRoom())
    #expect(disk.writes.load(ordering: .relaxed) == writes && disk.syncs.load(ordering: .relaxed) == syncs)
    // What is there may be the commit or not; it was never acknowledged, and either is a journal.
    #expect(try (1...2).contains(journal.recover().commits.count))
  }

  /// A sync that failed may leave a commit in the page cache that is not on the disk: whoever recovers it writes it again.
  @Test func theLastCommitIsWrittenAgainBeforeItIsBelieved() throws {
    let journal = try TestJournal()
    do {
      var writer = try journal.open()
      var appender = writer.appender()
      var committer = writer.committer()
      try appender.turn([sampleRecord(1)])
      expect(committer.turn() == .committed)
    }
    let before = try readFile(journal.segmentPaths[0])
    let disk = FaultyDisk()
    var writer = try journal.open(calls: disk.calls())
    let appender = writer.appender()
    expect(appender.durable == 2)
    #expect(disk.writes.load(ordering: .relaxed) == 1 && disk.syncs.load(ordering: .relaxed) == 1)
    #expect(try readFile(journal.segmentPaths[0]) == before)
    disk.begin(.failingSyncs(code: EIO))
    #expect(throws: JournalError.self) { try journal.copy().open(calls: disk.calls()).cutBytes }
  }

  /// Every error of every call says which file it is about, and what to do.
  @Test func anErrorNamesTheFileAndTheRemedy() throws {
    for code in [ENOSPC, EIO] {
      let journal = try TestJournal()
      var failing: [JournalFileCalls] = []
      let error = SystemError("call", code: code)
      for index in 0..<6 {
        var calls = JournalFileCalls.system
        switch index {
        case 0: calls.create = { (_) throws(SystemError) in throw error }
        case 1: calls.allocate = { (_, _) throws(SystemError) in throw error }
        case 2: calls.write = { (_, _, _, _) throws(SystemError) in throw error }
        case 3: calls.syncData = { (_) throws(SystemError) in throw error }
        case 4: calls.rename = { (_, _) throws(SystemError) in throw error }
        default: calls.syncFolder = { (_) throws(SystemError) in throw error }
        }
        failing.append(calls)
      }
      for (index, calls) in failing.enumerated() {
        do {
          _ = try journal.copy().open(calls: calls).journal
          Issue.record("call \(index) did not fail")
        } catch JournalError.system(let told) {
          let text = "\(told)"
          #expect(text.contains("ringmaster-journal") && told.code == code, "call \(index): \(text)")
          #expect(text.contains(code == ENOSPC ? "make room" : "the disk fails"), "call \(index): \(text)")
        }
      }
    }
  }

  /// A file system of 2 MiB, filled by somebody else.
  @Test(.enabled(if: SmallFileSystem.isPossible)) func aSmallFileSystemFillsUpForReal() throws {
    let journal = try TestJournal()
    try #require(mount("none", journal.folder, "tmpfs", 0, "size=2m") == 0)
    defer { umount(journal.folder) }
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    let ballast = "\(journal.folder)/ballast"
    let filler = try File.create(ballast)
    while (try? File.allocate(filler.rawDescriptor, bytes: filler.size() + 4096)) != nil {}
    var number: UInt64 = 0
    while true {
      number += 1
      try appender.turn([sampleRecord(number, text: String(repeating: "z", count: 4000))])
      guard committer.turn() == .committed else { break }
    }
    expect(appender.status == .outOfSpace)
    expect(committer.turn() == .waitingForSpace)
    try Folder.removeFile(ballast)
    try Scribbler.empty(filler)
    expect(committer.turn() == .committed)
    expect(appender.status == .running)
    #expect(try journal.recover().commits.count == Int(number))
  }
}

extension Scribbler {
  static func empty(_ file: borrowing File) throws {
    try #require(ftruncate(file.rawDescriptor, 0) == 0)
  }
}
