import CRingmaster
import Controller
import EventModel
import Glibc
import Platform
import Testing

@testable import Journal

@Suite struct SalvageTests {
  /// Three segments of three commits of two records each.
  private static func sample() throws -> TestJournal {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    for number in 0..<9 as Range<UInt64> {
      if number > 0 && number % 3 == 0 { try committer.rollOver() }
      try appender.turn([sampleRecord(number)], lastTransaction: number + 1)
      expect(committer.turn() == .committed)
    }
    return journal
  }

  private static func salvage(
    _ journal: TestJournal
  ) throws -> (commits: [UInt64], losses: [JournalLoss], end: JournalEnd) {
    var reader = try JournalReader.open(folder: journal.folder, mode: .salvage)
    var commits: [UInt64] = []
    let end = try reader.findEnd { commits.append($0.number) }
    return (commits, reader.losses, end)
  }

  @Test func nothingIsLostOfWhatIsWhole() throws {
    let (commits, losses, end) = try Self.salvage(try Self.sample())
    #expect(commits == Array(1...9) && losses.isEmpty && end.tornBytes == 0)
  }

  @Test func aDamagedCommitIsLostAlone() throws {
    let journal = try Self.sample()
    let second = try journal.recover().commits[4]
    let path = try journal.segmentPaths[1]
    try Scribbler(path).write(0xFF, at: Int(second.offset) + 130)
    #expect(throws: JournalError.self) { try journal.recover() }
    let (commits, losses, _) = try Self.salvage(journal)
    #expect(commits == [1, 2, 3, 4, 6, 7, 8, 9])
    let loss = try #require(losses.first)
    #expect(losses.count == 1)
    #expect(loss.commits == 5..<6 && loss.records == 9..<11)
    #expect(loss.damage.file == path && loss.damage.offset == second.offset)
    #expect(loss.description.contains("commits 5 to 5") && loss.description.contains("records 9 to 10"))
    #expect(loss.transactions == 5..<6 && loss.salvagedBy == nil)
  }

  @Test func aMissingSegmentIsLostWithAllInIt() throws {
    let journal = try Self.sample()
    unlink(try journal.segmentPaths[1])
    let (commits, losses, _) = try Self.salvage(journal)
    #expect(commits == [1, 2, 3, 7, 8, 9])
    #expect(losses.map(\.commits) == [4..<7])
  }

  @Test func aMissingBeginningIsLost() throws {
    let journal = try Self.sample()
    unlink(try journal.segmentPaths[0])
    let (commits, losses, _) = try Self.salvage(journal)
    #expect(commits == Array(4...9))
    #expect(losses.map(\.commits) == [1..<4])
  }

  @Test func aBrokenChainIsToldAndFollowed() throws {
    let journal = try Self.sample()
    let commit = try journal.recover().commits[1]
    let path = try journal.segmentPaths[0]
    var bytes = try readFile(path)
    // The hash of the commit before it, and checksums that agree with that.
    bytes[Int(commit.offset) + 80] ^= 1
    sealCommit(&bytes, at: Int(commit.offset))
    try writeFile(path, bytes)
    do {
      _ = try journal.recover()
      Issue.record("a broken chain was not found")
    } catch JournalError.damaged(let damage) {
      #expect(damage.file == path && damage.offset == commit.offset && damage.expected.contains("hash"))
    }
    let (commits, losses, _) = try Self.salvage(journal)
    // Its own hash is another then, which the commit behind it does not follow either.
    #expect(commits == Array(1...9))
    #expect(losses.map(\.damage.offset).first == commit.offset)
  }

  @Test func aKindOfRecordThatIsNotKnownIsDamage() throws {
    let journal = try Self.sample()
    let commit = try journal.recover().commits[1]
    let path = try journal.segmentPaths[0]
    var bytes = try readFile(path)
    bytes[Int(commit.offset) + 128 + 4] = 99
    sealCommit(&bytes, at: Int(commit.offset))
    try writeFile(path, bytes)
    for mode in [JournalReader.Mode.recover, .follow] {
      let damage = try #require(try Self.damage(journal, behindCommits: 1, mode))
      #expect(damage.file == path && damage.offset == commit.offset + 128)
      #expect(damage.actual == "kind 99" && damage.expected.contains("version 2"))
    }
    // To whoever goes past damage it is like any other.
    let (commits, losses, _) = try Self.salvage(journal)
    #expect(commits == [1, 3, 4, 5, 6, 7, 8, 9] && losses.map(\.commits) == [2..<3])
    #expect(try JournalVerifier.run(folder: journal.folder).losses.map(\.commits) == [2..<3])
  }

  /// What a reader that has read so many commits says of the next one.
  private static func damage(
    _ journal: TestJournal, behindCommits count: Int, _ mode: JournalReader.Mode
  ) throws -> JournalDamage? {
    var reader = try JournalReader.open(folder: journal.folder, mode: mode)
    for _ in 0..<count { _ = try reader.next() }
    do throws(JournalError) {
      _ = try reader.next()
      return nil
    } catch {
      guard case .damaged(let damage) = error else { throw error }
      return damage
    }
  }

  /// Each commit says itself what it is and what it follows.
  @Test(arguments: 0..<3)
  func aDamagedHeaderOfASegmentLosesNothing(segment: Int) throws {
    let journal = try Self.sample()
    let path = try journal.segmentPaths[segment]
    try Scribbler(path).write(0, at: 0)
    let (commits, losses, end) = try Self.salvage(journal)
    #expect(commits == Array(1...9) && end.position.commit == 9)
    let first = UInt64(segment * 3 + 1)
    #expect(losses.map(\.damage.file) == [path] && losses.map(\.commits) == [first..<first])
    #expect(losses.first?.description.contains("no commit is lost") == true)
  }
}
