import Controller
import EventModel
import Glibc
import Platform
import Testing

@testable import Journal

@Suite struct MissingPartsTests {
  /// Four segments of one commit each.
  private static func sample() throws -> TestJournal {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    for number in 0..<4 as Range<UInt64> {
      if number > 0 { try committer.rollOver() }
      try appender.turn([sampleRecord(number)], lastTransaction: number)
      expect(committer.turn() == .committed)
    }
    return journal
  }

  private static func damage(_ journal: TestJournal) -> JournalDamage? {
    do {
      _ = try journal.recover()
      return nil
    } catch JournalError.damaged(let damage) {
      return damage
    } catch {
      Issue.record("\(error)")
      return nil
    }
  }

  @Test func aMissingSegmentIsNamed() throws {
    let journal = try Self.sample()
    let paths = try journal.segmentPaths
    unlink(paths[1])
    let damage = try #require(Self.damage(journal))
    #expect(damage.file == paths[0])
    #expect(damage.actual.contains("begins with commit 3"))
  }

  @Test func aMissingBeginningIsNamed() throws {
    let journal = try Self.sample()
    let paths = try journal.segmentPaths
    unlink(paths[0])
    let damage = try #require(Self.damage(journal))
    #expect(damage.file == paths[0] && damage.actual.contains("begins with commit 2"))
  }

  @Test func aSegmentInTheWrongPlaceIsNamed() throws {
    let journal = try Self.sample()
    let paths = try journal.segmentPaths
    rename(paths[2], paths[1])
    let damage = try #require(Self.damage(journal))
    #expect(damage.file == paths[1])
    #expect(damage.expected.contains("commit 2") && damage.actual.contains("commit 3"))
  }

  @Test func aSegmentOfAnotherJournalIsNamed() throws {
    let journal = try Self.sample()
    let other = try Self.sample()
    let path = try journal.segmentPaths[2]
    try writeFile(path, try readFile(other.segmentPaths[2]))
    let damage = try #require(Self.damage(journal))
    #expect(damage.file == path && damage.offset == 0)
  }

  /// A whole page of commits became zeros, with others behind it.
  @Test func zerosInTheMiddleAreDamage() throws {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    for number in 0..<40 as Range<UInt64> {
      try appender.turn([sampleRecord(number)])
      expect(committer.turn() == .committed)
    }
    let path = try journal.segmentPaths[0]
    var bytes = try readFile(path)
    for index in 4096..<8192 { bytes[index] = 0 }
    try writeFile(path, bytes)
    let damage = try #require(Self.damage(journal))
    #expect(damage.file == path && damage.offset == 4096)
  }

  /// In the middle of the journal, by every reader, and by a salvage too: nothing there is damaged.
  @Test(arguments: [(UInt8(1), "older"), (99, "newer")])
  func anotherVersionIsRefusedAndLeftAsItIs(_ version: UInt8, _ age: String) throws {
    let journal = try Self.sample()
    let path = try journal.segmentPaths[3]
    var bytes = try readFile(path)
    bytes[8] = version
    sealHeader(&bytes)
    try writeFile(path, bytes)
    for mode in [JournalReader.Mode.recover, .salvage] {
      do {
        _ = try journal.recover(mode)
        Issue.record("version \(version) was read")
      } catch JournalError.otherVersion(let other) {
        #expect(other.subject == path && other.found == version && other.supported == 2...2)
        let text = "\(JournalError.otherVersion(other))"
        for words in [path, "version \(version)", "reads version 2", "\(age) than", "\(age) Ringmaster", "afresh"] {
          #expect(text.contains(words))
        }
        #expect(!text.contains("damage") && !text.contains("salvage"))
      }
    }
    for salvages in [false, true] {
      let error = #expect(throws: JournalError.self) {
        _ = try JournalRecovery.run(
          folder: journal.folder, configuration: ControllerConfiguration(), salvages: salvages)
      }
      guard case .otherVersion = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    #expect(try readFile(path) == bytes)
  }
}
