import Controller
import EventModel
import Platform
import Testing

@testable import Journal

@Suite struct RetentionTests {
  /// Five segments of two commits each, the snapshots named, and none but those.
  private static func sample(snapshots: [UInt64]) throws -> TestJournal {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    for number in 0..<10 as Range<UInt64> {
      if number > 0 && number % 2 == 0 { try committer.rollOver() }
      try appender.turn([sampleRecord(number)])
      expect(committer.turn() == .committed)
    }
    let (commits, _) = try journal.recover()
    for number in snapshots {
      let state = ControllerState()
      let snapshot = Snapshot(
        journal: nil, position: commits[Int(number) - 1].end, stateHash: state.stateHash, createdMs: 0,
        configuration: state.configuration, ledger: PeerLedger(), state: state.save())
      _ = try SnapshotStore.write(snapshot, folder: journal.folder)
    }
    return journal
  }

  private static func firstCommits(_ journal: TestJournal) throws -> [UInt64] {
    try Folder.names(in: journal.folder).compactMap { JournalNames.firstCommit(ofSegment: $0) }
  }

  @Test func nothingGoesWithoutASnapshot() throws {
    let journal = try Self.sample(snapshots: [])
    let removed = try JournalRetention(keepMs: 0, keepBytes: 0).apply(folder: journal.folder, nowMs: .max)
    #expect(removed == JournalRetention.Removed())
    #expect(try Self.firstCommits(journal) == [1, 3, 5, 7, 9])
  }

  /// One that is damaged then would take everything with it.
  @Test func nothingGoesBehindASingleSnapshot() throws {
    let journal = try Self.sample(snapshots: [9])
    let removed = try JournalRetention(keepMs: 0, keepBytes: 0).apply(folder: journal.folder, nowMs: .max)
    #expect(removed == JournalRetention.Removed())
    #expect(try Self.firstCommits(journal) == [1, 3, 5, 7, 9])
  }

  /// The oldest snapshot that is kept decides, to the commit.
  @Test(
    arguments: [(1, [1, 3, 5, 7, 9]), (2, [3, 5, 7, 9]), (3, [3, 5, 7, 9]), (5, [5, 7, 9]), (8, [9])]
      as [(UInt64, [UInt64])])
  func whatNoSnapshotCoversStays(snapshot: UInt64, kept: [UInt64]) throws {
    let journal = try Self.sample(snapshots: [snapshot, 9])
    #expect(try JournalReader.oldestPosition(folder: journal.folder) == .start)
    let removed = try JournalRetention(keepBytes: 0).apply(folder: journal.folder, nowMs: 0)
    #expect(try Self.firstCommits(journal) == kept)
    let oldest = try #require(try JournalReader.oldestPosition(folder: journal.folder))
    var fromOldest = try JournalReader.open(folder: journal.folder, at: oldest, mode: .recover)
    let first = try fromOldest.next()
    #expect(first?.number == kept[0])
    #expect(removed.segments.count == 5 - kept.count && removed.snapshots.isEmpty)
    #expect(removed.bytes == (5 - kept.count) * journal.configuration.segmentBytes)
    // What is left is enough to go on from the snapshot.
    let read = try SnapshotStore.read(folder: journal.folder, commit: snapshot)
    var reader = try JournalReader.open(folder: journal.folder, at: read.position, mode: .recover)
    var numbers: [UInt64] = []
    _ = try reader.findEnd { numbers.append($0.number) }
    #expect(numbers == Array((snapshot + 1)...10))
  }

  /// Who still reads needs a snapshot that is not ahead of it, and the segments behind that.
  @Test(arguments: 2...10 as ClosedRange<UInt64>) func nothingGoesThatAReaderNeeds(reader: UInt64) throws {
    let journal = try Self.sample(snapshots: [2, 4, 6, 9])
    let retention = JournalRetention(keepBytes: 0, keepSnapshots: 1)
    let removed = try retention.apply(folder: journal.folder, nowMs: 0, upTo: reader)
    let firsts = try Self.firstCommits(journal)
    let snapshots = try SnapshotStore.commits(folder: journal.folder)
    let newest = try #require(snapshots.filter { $0 <= reader }.max())
    #expect(snapshots.filter { $0 > reader } == [2, 4, 6, 9].filter { $0 > reader })
    #expect(firsts[0] <= newest + 1)
    #expect(firsts == [1, 3, 5, 7, 9].filter { first in first + 1 > newest })
    #expect(removed.segments.count == 5 - firsts.count)
  }

  @Test func aDamagedSnapshotCoversNothing() throws {
    let journal = try Self.sample(snapshots: [2, 8])
    try Scribbler("\(journal.folder)/\(JournalNames.snapshot(commit: 8))").write(9, at: 200)
    _ = try JournalRetention(keepBytes: 0, keepSnapshots: 1).apply(folder: journal.folder, nowMs: 0)
    #expect(try Self.firstCommits(journal) == [3, 5, 7, 9])
  }

  @Test func oldSnapshotsGo() throws {
    let journal = try Self.sample(snapshots: [1, 4, 6, 8])
    let removed = try JournalRetention(keepSnapshots: 2).apply(folder: journal.folder, nowMs: .max)
    #expect(removed.snapshots.count == 2 && removed.segments.isEmpty)
    #expect(try SnapshotStore.commits(folder: journal.folder) == [6, 8])
  }

  @Test func ageAndSizeAreWhatIsSet() throws {
    let journal = try Self.sample(snapshots: [9, 10])
    let created = try SegmentReader.open(folder: journal.folder, firstCommit: 9, calls: .system).header.createdMs
    let young = try JournalRetention(keepMs: 1 << 40).apply(folder: journal.folder, nowMs: created)
    #expect(young.segments.isEmpty)
    let size = journal.configuration.segmentBytes
    let small = try JournalRetention(keepBytes: 3 * size).apply(folder: journal.folder, nowMs: created)
    #expect(small.segments.count == 2)
    let old = try JournalRetention(keepMs: 1000).apply(folder: journal.folder, nowMs: created + 1001)
    #expect(old.segments.count == 2)
    #expect(try Self.firstCommits(journal) == [9])
  }
}
