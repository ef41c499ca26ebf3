import EventModel
import Platform
import Testing

@testable import Journal

@Suite struct FollowerTests {
  @Test func aFollowerReadsWhatIsDurableAndNoMore() throws {
    let journal = try TestJournal()
    var follower = try JournalReader.open(folder: journal.folder, mode: .follow)
    let before = try follower.next()
    #expect(before == nil)
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    var read: [JournalRecord] = []
    var written: [JournalRecord] = []
    for number in 0..<120 as Range<UInt64> {
      let records = [sampleRecord(number, text: String(repeating: "f", count: 1000))]
      try appender.turn(records)
      written += records
      expect(committer.turn() == .committed)
      if number % 7 == 0 {
        while let commit = try follower.next() { read += commit.content }
        #expect(read == written)
      }
    }
    while let commit = try follower.next() { read += commit.content }
    #expect(read == written)
    expect(committer.counters.segments > 0)
    expect(follower.position == committer.position)
  }

  @Test func aLimitIsNotPassed() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    for number in 0..<4 as Range<UInt64> {
      try appender.turn([sampleRecord(number)])
      expect(committer.turn() == .committed)
    }
    var follower = try JournalReader.open(folder: journal.folder, mode: .follow)
    var numbers: [UInt64] = []
    while let commit = try follower.next(upTo: 4) { numbers.append(commit.number) }
    #expect(numbers == [1, 2])
    while let commit = try follower.next(upTo: 8) { numbers.append(commit.number) }
    #expect(numbers == [1, 2, 3, 4])
  }

  /// A commit that is being written is not there yet; one that is known to be durable must be.
  @Test func aCommitThatIsBeingWrittenIsNotDamage() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    try appender.turn([sampleRecord(1)])
    expect(committer.turn() == .committed)
    try appender.turn([sampleRecord(2)])
    expect(committer.turn() == .committed)
    let path = try journal.segmentPaths[0]
    let whole = try readFile(path)
    var torn = whole
    let second = try journal.recover().commits[1]
    for index in (Int(second.offset) + 64)..<torn.count { torn[index] = 0 }
    try writeFile(path, torn)
    var follower = try JournalReader.open(folder: journal.folder, mode: .follow)
    let first = try follower.next()
    let none = try follower.next()
    #expect(first?.number == 1 && none == nil)
    do {
      _ = try follower.next(upTo: 4)
      Issue.record("a torn commit is no durable one")
    } catch JournalError.damaged(let damage) {
      #expect(damage.file == path && damage.offset == second.offset)
    }
    try writeFile(path, whole)
    let another = try follower.next()
    #expect(another?.number == 2)
  }

  @Test func aReaderCanBeginAtAnyCommit() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    for number in 0..<60 as Range<UInt64> {
      try appender.turn([sampleRecord(number, text: String(repeating: "p", count: 2000))])
      expect(committer.turn() == .committed)
    }
    let (commits, end) = try journal.recover()
    #expect(try journal.segmentPaths.count > 1)
    for (index, commit) in commits.enumerated() {
      var reader = try JournalReader.open(folder: journal.folder, at: commit.end, mode: .recover)
      var rest: [UInt64] = []
      let found = try reader.findEnd { rest.append($0.number) }
      #expect(rest == commits[(index + 1)...].map(\.number))
      #expect(found.position == end.position)
    }
  }

  /// The follower has read and kept what a journal does not have any more.
  @Test func aJournalThatIsBehindItsFollowerIsNamed() throws {
    let journal = try TestJournal()
    do {
      var writer = try journal.open()
      var appender = writer.appender()
      var committer = writer.committer()
      for number in 1...4 as ClosedRange<UInt64> {
        try appender.turn([sampleRecord(number)], lastTransaction: number)
        expect(committer.turn() == .committed)
      }
    }
    let (commits, _) = try journal.recover()
    let known = commits[3].end
    let path = try journal.segmentPaths[0]
    var bytes = try readFile(path)
    for index in Int(commits[2].offset)..<bytes.count { bytes[index] = 0 }
    try writeFile(path, bytes)
    #expect(Self.behind(journal, known) == [4, 2])
    // Another life has gone on from there meanwhile.
    do {
      var writer = try journal.open()
      var appender = writer.appender()
      var committer = writer.committer()
      for number in 10...12 as ClosedRange<UInt64> {
        try appender.turn([sampleRecord(number)], lastTransaction: number)
        expect(committer.turn() == .committed)
      }
    }
    #expect(Self.behind(journal, known) == [4, 12])
    #expect(Self.behind(journal, commits[1].end) == nil)
  }

  /// The last transactions that are known and found.
  private static func behind(_ journal: TestJournal, _ known: JournalPosition) -> [UInt64?]? {
    do {
      _ = try JournalReader.open(folder: journal.folder, at: known, mode: .follow).position
      return nil
    } catch JournalError.behind(let behind) {
      return [behind.known.lastTransaction, behind.found?.lastTransaction]
    } catch {
      return []
    }
  }
}
