import CRingmaster
import EventModel
import Foundation
import Platform
import Testing

@testable import Journal

/// What recovery makes of a journal after a loss of power and after rot: exactly the durable prefix, or the place of the
/// damage by its name, and the tests know which.
@Suite struct DamageTests {
  /// Three segments of three commits each, and what is in them.
  private final class Sample {
    let journal: TestJournal
    let commits: [JournalCommit]
    let end: JournalEnd

    init(lastText: Int = 5) throws {
      journal = try TestJournal()
      var writer = try journal.open()
      var appender = writer.appender()
      var committer = writer.committer()
      for number in 0..<9 as Range<UInt64> {
        if number > 0 && number % 3 == 0 { try committer.rollOver() }
        let text = String(repeating: "x", count: number == 8 ? lastText : 5)
        try appender.turn(
          (0...(number % 3)).map { sampleRecord(number * 10 + $0, text: text) }, lastTransaction: number)
        expect(committer.turn() == .committed)
      }
      (commits, end) = try journal.recover()
      try #require(commits.count == 9)
      try #require(journal.segmentPaths.count == 3)
    }

    /// The commits that a reader comes to, and the end, or why it stops before.
    func read() throws -> (commits: Int, end: JournalEnd?, damage: JournalDamage?) {
      var reader = try JournalReader.open(folder: journal.folder, mode: .recover)
      return try read(&reader)
    }

    private func read(_ reader: inout JournalReader) throws -> (commits: Int, end: JournalEnd?, damage: JournalDamage?)
    {
      var count = 0
      do {
        let end = try reader.findEnd { commit in
          try #require(commit.end == commits[count].end, "commit \(count + 1) is another")
          count += 1
        }
        return (count, end, nil)
      } catch JournalError.damaged(let damage) {
        return (count, nil, damage)
      }
    }

    func damageWhenOpening() throws -> JournalDamage? {
      do {
        _ = try JournalReader.open(folder: journal.folder, mode: .recover)
        return nil
      } catch JournalError.damaged(let damage) {
        return damage
      }
    }
  }

  /// The file is cut at every byte of the last commits, as if the rest had never been written.
  @Test func whatIsCutOffAtAnyByteIsCutToWholeCommits() throws {
    let sample = try Sample()
    let path = try #require(try sample.journal.segmentPaths.last)
    let bytes = try readFile(path)
    let last = sample.commits[6...]
    for cut in (Int(last.first!.offset)...Int(sample.end.position.offset)).reversed() {
      let scribbler = try Scribbler(path)
      try scribbler.truncate(to: cut)
      // Sectors are written whole, and a kernel that is cut off copies whole pages: no write ends within the last turn.
      let isWithinTurn = last.contains {
        Int($0.offset) + $0.usedBytes - 40 < cut && cut < Int($0.offset) + $0.usedBytes
      }
      if isWithinTurn, cut % 512 != 0 { continue }
      let (count, end, damage) = try sample.read()
      // What was never written counts as zeros, so a commit that ends with zeros may lack them.
      let whole = last.prefix { commit in
        !bytes[max(cut, Int(commit.offset))..<max(cut, Int(commit.offset) + commit.usedBytes)].contains { $0 != 0 }
      }.count
      let used = cut > 0 ? try usedBytes(bytes[..<cut], from: 6 + whole, sample) : 0
      #expect(damage == nil && count == 6 + whole, "cut at \(cut)")
      #expect(end?.position == (whole > 0 ? last[5 + whole].end : end?.position), "cut at \(cut)")
      #expect(end?.tornBytes == UInt64(used), "cut at \(cut)")
    }
  }

  /// Bytes up to the last one that is not zero, behind so many whole commits.
  private func usedBytes(_ bytes: ArraySlice<UInt8>, from count: Int, _ sample: Sample) throws -> Int {
    let start = count == 6 ? 4096 : Int(sample.commits[count - 1].end.offset)
    return bytes.count > start ? (bytes[start...].lastIndex { $0 != 0 } ?? start - 1) + 1 - start : 0
  }

  /// Of a commit whose write was torn, any sectors may be old.
  @Test func aTornCommitIsCutWhateverIsMissingOfIt() throws {
    let sample = try Sample(lastText: 3000)
    let path = try #require(try sample.journal.segmentPaths.last)
    let bytes = try readFile(path)
    let start = Int(sample.commits[8].offset)
    let behind = start + sample.commits[8].usedBytes
    for sector in start / 512...(behind - 1) / 512 {
      let missing = max(sector * 512, start)..<min((sector + 1) * 512, behind)
      var torn = bytes
      for index in missing { torn[index] = 0 }
      guard torn != bytes else { continue }
      try writeFile(path, torn)
      let (count, end, damage) = try sample.read()
      #expect(damage == nil && count == 8 && end?.position == sample.commits[7].end, "without sector \(sector)")
      #expect(end.map { $0.tornBytes > 0 } == true)
    }
    // The writer makes zeros of it and goes on in its place.
    var writer = try sample.journal.open()
    expect(writer.cutBytes > 0)
    var appender = writer.appender()
    var committer = writer.committer()
    expect(appender.lastRecord == sample.commits[7].lastRecord)
    try appender.turn([sampleRecord(999)])
    expect(committer.turn() == .committed)
    let (commits, end) = try sample.journal.recover()
    #expect(commits.count == 9 && end.tornBytes == 0)
    #expect(commits[8].content == [sampleRecord(999)])
    #expect(commits[8].number == 9)
  }

  @Test(arguments: 0..<3)
  /// One bit of each byte; RINGMASTER_SOAK=1 flips them all.
  func aFlippedBitOfEachByteOfACommitIsFoundOrHarmless(segment: Int) throws {
    let isSoak = ProcessInfo.processInfo.environment["RINGMASTER_SOAK"] == "1"
    let sample = try Sample()
    let path = try sample.journal.segmentPaths[segment]
    let bytes = try readFile(path)
    let scribbler = try Scribbler(path)
    let first = segment * 3
    let commits = sample.commits[first..<(first + 3)]
    for offset in 4096..<(Int(commits.last!.end.offset) + 192) {
      let hit = commits.first { Int($0.offset) <= offset && offset < Int($0.offset) + $0.usedBytes }
      for bit in 0..<8 where isSoak || bit == offset % 8 {
        try scribbler.write(bytes[offset] ^ 1 << bit, at: offset)
        let (count, end, damage) = try sample.read()
        let place: Comment = "byte \(offset), bit \(bit) of segment \(segment)"
        switch hit {
        case nil where segment == 2 && offset >= Int(commits.last!.end.offset):
          // Behind the end: as if a commit had begun there.
          #expect(damage == nil && count == 9, place)
          #expect(end?.tornBytes == UInt64(offset) + 1 - sample.end.position.offset, place)
        case nil:
          #expect(damage == nil && count == 9 && end == sample.end, place)
        // The last one too: of a torn commit a sector would be missing.
        case .some(let commit):
          #expect(damage?.file == path && damage?.offset == commit.offset, place)
          #expect(count == Int(commit.number) - 1, place)
        }
      }
      try scribbler.write(bytes[offset], at: offset)
    }
    #expect(try sample.read().commits == 9)
  }

  @Test(arguments: 0..<3)
  func everyFlippedBitOfASegmentsHeaderIsFound(segment: Int) throws {
    let sample = try Sample()
    let path = try sample.journal.segmentPaths[segment]
    let bytes = try readFile(path)
    let scribbler = try Scribbler(path)
    let fields = MemoryLayout<rm_journal_segment_header>.size
    for offset in 0..<4096 {
      for bit in 0..<8 where offset < fields || bit == offset % 8 {
        try scribbler.write(bytes[offset] ^ 1 << bit, at: offset)
        let damage: JournalDamage?
        if segment == 0 {
          damage = try sample.damageWhenOpening()
        } else {
          let read = try sample.read()
          #expect(read.commits == segment * 3)
          damage = read.damage
        }
        #expect(damage?.file == path && damage?.offset == 0, "byte \(offset), bit \(bit)")
      }
      try scribbler.write(bytes[offset], at: offset)
    }
    #expect(try sample.read().commits == 9)
  }
}

extension JournalCommit {
  /// Bytes of its header and its records, without the padding.
  var usedBytes: Int { 128 + bodyBytes }
}
