import EventModel
import Journal
import Platform
import Testing

@Suite struct SegmentTests {
  /// Many turns through a small queue and small segments: everything wraps and rolls, and all of it is read back.
  @Test func theJournalGoesOnFromSegmentToSegment() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    var written: [JournalRecord] = []
    for round in 0..<300 as Range<UInt64> {
      let records = (0...(round % 5)).map {
        sampleRecord(round * 10 + $0, text: String(repeating: "x", count: Int(round) * 5))
      }
      try appender.turn(records)
      written += records
      if round % 3 == 0 { expect(committer.turn() == .committed) }
    }
    _ = committer.turn()
    expect(committer.turn() == .idle)
    expect(appender.durable == appender.lastRecord)
    expect(committer.counters.segments >= 4)
    expect(committer.counters.records == appender.lastRecord)
    let (commits, end) = try journal.recover()
    expect(commits.flatMap(\.content) == written)
    expect(commits.map(\.number) == Array(1...UInt64(commits.count)))
    expect(end.position == committer.position)
    expect(try journal.segmentPaths.count == Int(committer.counters.segments) + 1)
  }

  @Test func aWriterGoesOnWhereAnotherEnded() throws {
    let journal = try TestJournal()
    var written: [JournalRecord] = []
    for round in 0..<20 as Range<UInt64> {
      var writer = try journal.open()
      expect(writer.cutBytes == 0)
      var appender = writer.appender()
      var committer = writer.committer()
      expect(appender.durable == appender.lastRecord)
      let records = [sampleRecord(round, text: String(repeating: "y", count: 4000))]
      try appender.turn(records)
      written += records
      expect(committer.turn() == .committed)
    }
    let (commits, end) = try journal.recover()
    expect(commits.flatMap(\.content) == written)
    expect(commits.last?.lastRecord == 40)
    expect(try end.position.segment > 1 && journal.segmentPaths.count > 1)
  }

  @Test func whatIsNotSealedIsNotWritten() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    _ = try appender.append(sampleRecord(1))
    expect(appender.isTurnOpen)
    expect(committer.turn() == .idle)
    expect(appender.durable == 0)
    appender.seal(stateHash: 1, lastTransaction: 1, timeMs: 1)
    expect(!appender.isTurnOpen)
    appender.seal(stateHash: 2, lastTransaction: 2, timeMs: 2)
    expect(committer.turn() == .committed)
    expect(appender.durable == 2 && appender.lastRecord == 2)
    expect(committer.turn() == .idle)
  }

  @Test func aFullQueueRefusesUntilTheDiskHasCaughtUp() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    var appended: UInt64 = 0
    while let number = try appender.append(sampleRecord(appended)) {
      appended += 1
      expect(number == appended)
    }
    expect(appended > 100)
    expect(!appender.hasRoom())
    // The end of the turn always fits.
    appender.seal(stateHash: 0, lastTransaction: 0, timeMs: 0)
    expect(committer.turn() == .committed)
    expect(appender.hasRoom())
    expect(appender.durable == appended + 1)
    expect(try journal.recover().commits.map(\.recordCount) == [UInt32(appended) + 1])
  }

  @Test func aFolderWithoutAJournalIsEmpty() throws {
    let journal = try TestJournal()
    let (commits, end) = try journal.recover()
    expect(commits.isEmpty && end.position == .start && end.journal == nil)
  }
}
