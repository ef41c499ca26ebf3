import CRingmaster
import Controller
import EventModel
import Glibc
import Platform
import SeededRandom
import Testing

@testable import Journal

@Suite struct SnapshotTests {
  private static func snapshot(seed: UInt64, steps: Int, commit: UInt64) -> Snapshot {
    var history = RecordedHistory(seed: seed)
    _ = history.begin()
    for _ in 0..<steps { _ = history.step() }
    let hash = seed.description.utf8.map { $0 }.withUnsafeBytes { ChainHash(hashing: $0) }
    let position = JournalPosition(
      commit: commit, lastRecord: 99, lastTransaction: history.state.transactionLog.lastNumber, hash: hash, segment: 1,
      offset: 8192, commitOffset: 4096)
    return Snapshot(
      journal: .random(), position: position, stateHash: history.state.stateHash, createdMs: 17,
      configuration: history.state.configuration, ledger: history.ledger, state: history.state.save())
  }

  /// What is written is read, and goes on with the same transactions as the original.
  @Test(arguments: 21...40 as ClosedRange<UInt64>)
  func anyStateSurvives(seed: UInt64) throws {
    let journal = try TestJournal()
    var history = RecordedHistory(seed: seed)
    _ = history.begin()
    for _ in 0..<400 { _ = history.step() }
    let hash = history.state.stateHash
    let last = history.state.transactionLog.lastNumber
    let snapshot = Snapshot(
      journal: nil,
      position: JournalPosition(
        commit: 1, lastRecord: 1, lastTransaction: last, hash: .zero, segment: 1, offset: 4096, commitOffset: 0),
      stateHash: hash, createdMs: 0, configuration: history.state.configuration, ledger: history.ledger,
      state: history.state.save())
    _ = try SnapshotStore.write(snapshot, folder: journal.folder)
    let read = try SnapshotStore.read(folder: journal.folder, commit: 1)
    expect(read == snapshot, "seed \(seed)")
    var replica = try JournalReplica(from: read, configuration: ControllerConfiguration())
    expect(replica.state.stateHash == hash, "seed \(seed)")
    let made = history.transactions.count
    var records: [JournalRecord] = []
    for _ in 0..<200 { records += history.step() }
    var again: [Transaction] = []
    try withCommit(of: records) { commit in
      try replica.apply(commit) { if let transaction = $0.transaction { again.append(transaction) } }
    }
    #expect(again == Array(history.transactions[made...]), "seed \(seed)")
  }

  /// A commit of these records that follows commit 1 with record 1.
  private func withCommit(of records: [JournalRecord], _ body: (JournalCommit) throws -> Void) throws {
    let journal = try TestJournal(queuePages: 256)
    var writer = try journal.open(calls: FaultyDisk().calls(syncs: false))
    var appender = writer.appender()
    var committer = writer.committer()
    try appender.turn([])
    for record in records { _ = try appender.append(record) }
    appender.seal(stateHash: 0, lastTransaction: 0, timeMs: 0)
    expect(committer.turn() == .committed)
    let commit = try #require(try journal.recover().commits.first)
    var end = commit.end
    end.commit = 2
    var header = rm_journal_commit_header()
    header.number = 2
    header.first_record = 2
    header.record_count = commit.recordCount
    try body(JournalCommit(header, records: commit.content, end: end, file: commit.file, offset: commit.offset))
  }

  @Test func aDamagedSnapshotIsNamedAndTheOneBeforeItUsed() throws {
    let journal = try TestJournal()
    let older = Self.snapshot(seed: 1, steps: 200, commit: 10)
    let newer = Self.snapshot(seed: 1, steps: 250, commit: 20)
    _ = try SnapshotStore.write(older, folder: journal.folder)
    let bytes = try SnapshotStore.write(newer, folder: journal.folder)
    let path = "\(journal.folder)/\(JournalNames.snapshot(commit: 20))"
    let whole = try readFile(path)
    #expect(whole.count == bytes)
    #expect(try SnapshotStore.newest(folder: journal.folder).snapshot == newer)
    var random = SeededGenerator(seed: 4)
    for round in 0..<150 {
      var damaged = whole
      if round % 3 == 0 {
        damaged.removeLast(Int.random(in: 1...whole.count, using: &random))
      } else {
        let place = round < 140 ? Int.random(in: 0..<whole.count, using: &random) : round
        damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      }
      try writeFile(path, damaged)
      let found = try SnapshotStore.newest(folder: journal.folder)
      expect(found.snapshot == older, "round \(round)")
      #expect(found.damaged.map(\.file) == [path], "round \(round)")
    }
  }

  @Test(arguments: [UInt8(1), 99])
  func aSnapshotOfAnotherVersionIsNotPassedOver(_ version: UInt8) throws {
    let journal = try TestJournal()
    _ = try SnapshotStore.write(Self.snapshot(seed: 1, steps: 50, commit: 10), folder: journal.folder)
    let path = "\(journal.folder)/\(JournalNames.snapshot(commit: 10))"
    var bytes = try readFile(path)
    bytes[8] = version
    sealSnapshot(&bytes)
    try writeFile(path, bytes)
    let error = #expect(throws: JournalError.self) { try SnapshotStore.newest(folder: journal.folder) }
    guard case .otherVersion(let other) = error else {
      Issue.record("version \(version) was read")
      return
    }
    #expect(other.subject == path && other.found == version && other.isNewer == (version == 99))
    #expect(other.supported == 2...RM_JOURNAL_SNAPSHOT_VERSION)
  }

  @Test func aStateThatHasNotItsHashIsRefused() throws {
    var snapshot = Self.snapshot(seed: 2, steps: 100, commit: 3)
    snapshot.stateHash ^= 1
    #expect(throws: JournalError.self) {
      let replica = try JournalReplica(from: snapshot, configuration: ControllerConfiguration())
      return replica.position
    }
  }

  @Test func aSnapshotOfAnEarlierTransactionCanBeAskedFor() throws {
    let journal = try TestJournal()
    let older = Self.snapshot(seed: 1, steps: 100, commit: 10)
    let newer = Self.snapshot(seed: 1, steps: 300, commit: 20)
    #expect(older.position.lastTransaction < newer.position.lastTransaction)
    for snapshot in [older, newer] { _ = try SnapshotStore.write(snapshot, folder: journal.folder) }
    let number = newer.position.lastTransaction - 1
    #expect(try SnapshotStore.newest(folder: journal.folder, before: .transaction(number)).snapshot == older)
    #expect(try SnapshotStore.newest(folder: journal.folder, before: .transaction(0)).snapshot == nil)
    let timeMs = newer.state.nowMs
    expect(try SnapshotStore.newest(folder: journal.folder, before: .timeMs(timeMs)).snapshot == newer)
    expect(try SnapshotStore.newest(folder: journal.folder, before: .timeMs(timeMs - 1)).snapshot == older)
  }

  /// Payloads that were never written: whatever they are, they are refused by the place where they go wrong.
  @Test func aForgedPayloadIsRefusedAndDoesNotTrap() throws {
    var sink = ByteSink()
    sink.put(Self.snapshot(seed: 8, steps: 150, commit: 1))
    let whole = Array(sink.bytes)
    var random = SeededGenerator(seed: 9)
    var (refused, contradicting) = (0, 0)
    for round in 0..<3000 {
      var forged = whole
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        forged[Int.random(in: 0..<forged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if Bool.random(using: &random) { forged.removeLast(Int.random(in: 1..<forged.count, using: &random)) }
      forged.withUnsafeBytes { bytes in
        var source = ByteSource(bytes)
        do throws(ByteSource.Fault) {
          let state = try source.snapshotParts(version: RM_JOURNAL_SNAPSHOT_VERSION).state
          guard state.contradiction == nil else { return contradicting += 1 }
          let broken = ControllerState(restoring: state, atMs: state.nowMs).checkInvariants()
          #expect(broken.isEmpty, "round \(round)")
        } catch {
          refused += 1
          #expect(error.offset <= bytes.count && !error.expected.isEmpty)
        }
      }
    }
    #expect(refused > 1000 && contradicting > 20, "\(refused) refused, \(contradicting) contradict themselves")
  }
}
