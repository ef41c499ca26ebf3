import Controller
import EventModel
import Glibc
import Platform
import Synchronization
import Testing

@testable import Journal

@Suite struct VerifierTests {
  private static func verify(_ journal: TestJournal) throws -> JournalVerification {
    try JournalVerifier.run(folder: journal.folder)
  }

  /// Writes a snapshot of the state behind some commit.
  @discardableResult
  private static func snapshot(_ journal: TestJournal, afterCommit number: UInt64) throws -> Snapshot {
    var scan = try JournalScan.open(folder: journal.folder)
    var replica = try JournalReplica(from: nil, configuration: ControllerConfiguration())
    while replica.position.commit < number { try replica.apply(try #require(try scan.next())) }
    let snapshot = replica.snapshot(journal: scan.journal, createdMs: 0)
    _ = try SnapshotStore.write(snapshot, folder: journal.folder)
    return snapshot
  }

  @Test(arguments: 61...64 as ClosedRange<UInt64>)
  func aWholeJournalIsWhole(seed: UInt64) throws {
    let recording = try Recording(seed: seed, steps: 900, isFine: seed % 2 == 0)
    var steps = 0
    var lastBytes: UInt64 = 0
    let result = try JournalVerifier.run(folder: recording.journal.folder) { progress in
      steps += 1
      #expect(progress.doneBytes > lastBytes && progress.doneBytes <= progress.totalBytes)
      lastBytes = progress.doneBytes
    }
    let (commits, end) = try recording.journal.recover()
    #expect(result.isWhole && result.end == end.position && steps == commits.count, "seed \(seed)")
    #expect(result.stateHash == recording.hash && result.replay == .from(commit: 0, transaction: 0))
    #expect(result.commits == UInt64(commits.count) && result.records == end.position.lastRecord)
    #expect(result.segments == (try recording.journal.segmentPaths.count))
  }

  @Test func snapshotsAreReadAndCompared() throws {
    let recording = try Recording(seed: 65, steps: 600)
    let folder = recording.journal.folder
    let count = UInt64(try recording.journal.recover().commits.count)
    for commit in [2, count / 2, count] { try Self.snapshot(recording.journal, afterCommit: commit) }
    let whole = try Self.verify(recording.journal)
    #expect(whole.isWhole && whole.snapshots.map(\.commit) == [2, count / 2, count])
    // A flipped bit.
    let middle = "\(folder)/\(JournalNames.snapshot(commit: count / 2))"
    let bytes = try readFile(middle)
    try Scribbler(middle).write(bytes[200] ^ 4, at: 200)
    let damaged = try Self.verify(recording.journal)
    #expect(!damaged.isWhole && damaged.losses.isEmpty)
    #expect(damaged.snapshots.map { $0.damage?.file } == [nil, middle, nil])
    try writeFile(middle, bytes)
    // Another state under that name, whole by itself.
    var other = try SnapshotStore.read(folder: folder, commit: 2)
    other.position = try SnapshotStore.read(folder: folder, commit: count / 2).position
    _ = try SnapshotStore.write(other, folder: folder)
    let swapped = try Self.verify(recording.journal)
    #expect(swapped.snapshots[1].damage?.expected.hasPrefix("state ") == true && !swapped.isWhole)
    // One of a commit that the journal does not have.
    try writeFile(middle, bytes)
    other.position.commit = count + 7
    _ = try SnapshotStore.write(other, folder: folder)
    let later = try Self.verify(recording.journal)
    #expect(later.snapshots.map { $0.damage == nil } == [true, true, true, false] && !later.isWhole)
  }

  @Test func whereOldSegmentsWereLetGoItBeginsAtTheOldestSnapshot() throws {
    let recording = try Recording(seed: 66, steps: 1500, isFine: true)
    let journal = recording.journal
    let (commits, _) = try journal.recover()
    let count = UInt64(commits.count)
    for commit in [count / 2, count / 2 + 3] { try Self.snapshot(journal, afterCommit: commit) }
    let removed = try JournalRetention(keepBytes: 0).apply(folder: journal.folder, nowMs: 0)
    try #require(!removed.segments.isEmpty)
    let result = try Self.verify(journal)
    #expect(result.isWhole && result.stateHash == recording.hash)
    #expect(
      result.replay == .from(commit: count / 2, transaction: commits[Int(count / 2) - 1].end.lastTransaction))
    #expect(result.beginning.commit > 0 && result.end == commits.last?.end)
    // Damage before the snapshot is damage too.
    let early = commits[Int(result.beginning.commit)]
    let bytes = try readFile(early.file)
    try Scribbler(early.file).write(bytes[Int(early.offset) + 150] ^ 1, at: Int(early.offset) + 150)
    #expect(try Self.verify(journal).losses.first?.damage.offset == early.offset)
    try writeFile(early.file, bytes)
    // With no snapshot nobody knows the state that the rest begins with.
    for commit in try SnapshotStore.commits(folder: journal.folder) {
      unlink("\(journal.folder)/\(JournalNames.snapshot(commit: commit))")
    }
    let without = try Self.verify(journal)
    #expect(without.replay == .impossible && !without.isWhole && without.end == commits.last?.end)
  }

  @Test func everyPlaceOfDamageIsNamed() throws {
    let recording = try Recording(seed: 67, steps: 900)
    let (commits, _) = try recording.journal.recover()
    let hits = [commits[3], commits[9], commits[14]]
    for hit in hits {
      let byte = try readFile(hit.file)[Int(hit.offset) + 140]
      try Scribbler(hit.file).write(byte ^ 16, at: Int(hit.offset) + 140)
    }
    let result = try Self.verify(recording.journal)
    #expect(result.losses.map(\.damage.file) == hits.map(\.file))
    #expect(result.losses.map(\.damage.offset) == hits.map(\.offset))
    #expect(result.losses.map(\.commits) == hits.map { $0.number..<($0.number + 1) })
    #expect(!result.isWhole && result.end == commits[2].end)
  }

  @Test func aTornTailIsNoDamage() throws {
    var recording = try Recording(seed: 68, steps: 400)
    var commits = try recording.journal.recover().commits
    for seed: UInt64 in 69..<100 where commits.last.map({ $0.bodyBytes <= 1024 }) ?? true {
      recording = try Recording(seed: seed, steps: 400)
      commits = try recording.journal.recover().commits
    }
    let last = try #require(commits.last)
    // Its first sectors alone were written.
    try #require(last.bodyBytes > 1024)
    try Scribbler(last.file).truncate(to: (Int(last.offset) / 512 + 1) * 512)
    let result = try Self.verify(recording.journal)
    #expect(result.isWhole && result.tornBytes > 0 && result.end == commits[commits.count - 2].end)
  }

  @Test func theFirstTransactionThatDiffersIsSaid() throws {
    let recording = try Recording(seed: 69, steps: 400)
    let (commits, _) = try recording.journal.recover()
    let last = try #require(commits.last)
    var bytes = try readFile(last.file)
    let hash = withUnsafeBytes(of: last.stateHash) { Array($0) }
    // In its header and in its last turn.
    for offset in stride(from: Int(last.offset), to: Int(last.end.offset), by: 8)
    where bytes[offset..<(offset + 8)].elementsEqual(hash) {
      bytes[offset] ^= 1
    }
    sealCommit(&bytes, at: Int(last.offset))
    try writeFile(last.file, bytes)
    let result = try Self.verify(recording.journal)
    let divergence = try #require(result.divergence)
    #expect(!result.isWhole && divergence.commit == last.number && result.end.commit == last.number)
    #expect(divergence.transactions.upperBound <= last.lastTransaction && result.losses.isEmpty)
    #expect(divergence.transactions.lowerBound > commits[commits.count - 2].lastTransaction)
  }

  @Test func whatIsNoDamageIsThrown() throws {
    let empty = try TestJournal()
    #expect(throws: JournalError.self) { try Self.verify(empty) }
    do {
      _ = try JournalVerifier.run(folder: "\(empty.folder)/none")
      Issue.record("no folder, and yet there is a journal")
    } catch JournalError.noJournal(let folder) {
      #expect(folder == "\(empty.folder)/none")
    }
    let recording = try Recording(seed: 70, steps: 100)
    let path = try #require(try recording.journal.segmentPaths.first)
    var bytes = try readFile(path)
    for version in [UInt8(1), 99] {
      bytes[8] = version
      sealHeader(&bytes)
      try writeFile(path, bytes)
      do {
        _ = try Self.verify(recording.journal)
        Issue.record("version \(version) was read")
      } catch JournalError.otherVersion(let other) {
        #expect(other.found == version && other.supported == 2...2)
      }
    }
  }

  /// Beside a writer that commits, changes segments, and lets old ones go as snapshots are made.
  @Test func besideAWriterNothingLooksDamaged() async throws {
    let journal = try TestJournal()
    let lock = try JournalLock.take(folder: journal.folder, calls: FaultyDisk().calls(syncs: false))
    var reader = try JournalReader.open(folder: journal.folder, mode: .recover)
    let end = try reader.findEnd()
    var writer = try JournalWriter.open(
      lock, at: end, configuration: journal.configuration)
    var appender = writer.appender()
    var committer = writer.committer()
    let folder = journal.folder
    let isWritten = Flag()
    let checks = Task.detached {
      var whole = 0
      var last: UInt64 = 0
      while whole < 3 || !isWritten.isRaised, !Task.isCancelled {
        let result = try JournalVerifier.run(folder: folder)
        try #require(result.isWhole, "\(result.losses) \(result.snapshots) \(String(describing: result.divergence))")
        #expect(result.end.commit >= last)
        last = result.end.commit
        whole += 1
      }
      return whole
    }
    var history = RecordedHistory(seed: 71)
    var records = history.begin()
    let journalID = writer.journal
    var replica = try JournalReplica(from: nil, configuration: ControllerConfiguration())
    var follower = try JournalReader.open(folder: folder, mode: .follow)
    for step in 1...4000 {
      records += history.step()
      try appender.turn(
        records, stateHash: history.state.stateHash, lastTransaction: history.state.transactionLog.lastNumber)
      records = []
      expect(committer.turn() != .failed)
      if step % 200 == 0 {
        while let commit = try follower.next() { try replica.apply(commit) }
        _ = try SnapshotStore.write(replica.snapshot(journal: journalID, createdMs: 0), folder: folder)
        _ = try JournalRetention(keepBytes: 0).apply(folder: folder, nowMs: 0)
      }
    }
    isWritten.raise()
    #expect(try await checks.value >= 3)
  }

  private final class Flag: Sendable {
    private let value = Atomic<Bool>(false)

    var isRaised: Bool { value.load(ordering: .acquiring) }

    func raise() { value.store(true, ordering: .releasing) }
  }
}
