import Controller
import EventModel
import Platform
import Testing

@testable import Journal

@Suite struct ReplayTests {
  private static func settings() -> ControllerConfiguration { ControllerConfiguration() }

  @Test(arguments: 1...10 as ClosedRange<UInt64>)
  func replayWithoutHeartbeatsComesToTheSame(seed: UInt64) throws {
    let recording = try Recording(seed: seed, steps: 900)
    #expect(recording.unrecordedHeartbeats > 500, "seed \(seed)")
    var reader = try JournalReader.open(folder: recording.journal.folder, mode: .recover)
    var replica = try JournalReplica(from: nil, configuration: Self.settings())
    var transactions: [Transaction] = []
    var records: UInt64 = 0
    try replica.apply(&reader) { step in
      records += 1
      #expect(step.number == records)
      if let transaction = step.transaction { transactions.append(transaction) }
    }
    #expect(transactions == recording.transactions, "seed \(seed)")
    let end = try reader.findEnd()
    expect(replica.position == end.position, "seed \(seed)")
    expect(replica.ledger == recording.ledger, "seed \(seed)")
    let state = replica.takeState()
    expect(state.stateHash == recording.hash && state.recomputedStateHash() == recording.hash, "seed \(seed)")
    var saved = state.save()
    saved.nowMs = recording.saved.nowMs
    #expect(saved == recording.saved, "seed \(seed)")
  }

  /// Half replayed, saved, read, and gone on with from there.
  @Test(arguments: 11...18 as ClosedRange<UInt64>)
  func aSnapshotIsAsGoodAsTheBeginning(seed: UInt64) throws {
    let recording = try Recording(seed: seed, steps: 600)
    let folder = recording.journal.folder
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    let half = try recording.journal.recover().commits.count / 2
    var replica = try JournalReplica(from: nil, configuration: Self.settings())
    for _ in 0..<half { try replica.apply(try #require(try reader.next())) }
    let snapshot = replica.snapshot(journal: reader.journal, createdMs: 5)
    _ = try SnapshotStore.write(snapshot, folder: folder)
    let newest = try SnapshotStore.newest(folder: folder)
    #expect(newest.damaged.isEmpty && newest.snapshot == snapshot, "seed \(seed)")
    let read = try #require(newest.snapshot)
    var fromThere = try JournalReader.open(folder: folder, at: read.position, mode: .recover)
    var second = try JournalReplica(from: read, configuration: Self.settings())
    var transactions: [Transaction] = []
    try second.apply(&fromThere) { if let transaction = $0.transaction { transactions.append(transaction) } }
    #expect(transactions == Array(recording.transactions.suffix(transactions.count)), "seed \(seed)")
    #expect(
      transactions.first.map { $0.number } ?? 0 == snapshot.position.lastTransaction + 1 || transactions.isEmpty)
    expect(second.ledger == recording.ledger, "seed \(seed)")
    expect(second.state.stateHash == recording.hash, "seed \(seed)")
  }

  @Test func theFirstTransactionThatDiffersIsNamed() throws {
    let recording = try Recording(seed: 3, steps: 200)
    let (commits, _) = try recording.journal.recover()
    let last = try #require(commits.last)
    let path = last.file
    var bytes = try readFile(path)
    // Some turn in the last commit says another hash, and every checksum agrees.
    let turn = try #require(
      last.records().enumerated().first { if case .turn = $0.element { true } else { false } })
    guard case .turn(let recorded) = turn.element else { return }
    let place = try #require(
      bytes.indices.first { index in
        index >= Int(last.offset) + 128 && index % 8 == 0
          && bytes[index..<(index + 8)].elementsEqual(withUnsafeBytes(of: recorded.stateHash) { Array($0) })
      })
    bytes[place] ^= 1
    sealCommit(&bytes, at: Int(last.offset))
    try writeFile(path, bytes)
    var reader = try JournalReader.open(folder: recording.journal.folder, mode: .recover)
    var replica = try JournalReplica(from: nil, configuration: Self.settings())
    do {
      try replica.apply(&reader)
      Issue.record("a wrong hash was not noticed")
    } catch JournalError.diverged(let divergence) {
      #expect(divergence.commit == last.number)
      #expect(divergence.transactions.upperBound == recorded.lastTransaction)
      #expect(divergence.description.contains("\(divergence.transactions.lowerBound)"))
    }
  }

  @Test func replayStopsWhereItIsTold() throws {
    let recording = try Recording(seed: 7, steps: 300)
    let count = UInt64(recording.transactions.count)
    for number in [0, 1, count / 3, count / 2, count] {
      var reader = try JournalReader.open(folder: recording.journal.folder, mode: .recover)
      var replica = try JournalReplica(from: nil, configuration: Self.settings(), limit: .transaction(number))
      var made: [Transaction] = []
      try replica.apply(&reader) { if let transaction = $0.transaction { made.append(transaction) } }
      #expect(made == Array(recording.transactions.prefix(Int(number))))
      if let hash = recording.hashes[number] { expect(replica.state.stateHash == hash) }
      expect(number == count || replica.isAtLimit)
    }
    let middle = try #require(recording.transactions[recording.transactions.count / 2].event.timestampMs)
    var reader = try JournalReader.open(folder: recording.journal.folder, mode: .recover)
    var replica = try JournalReplica(from: nil, configuration: Self.settings(), limit: .timeMs(middle))
    var made: [Transaction] = []
    try replica.apply(&reader) { if let transaction = $0.transaction { made.append(transaction) } }
    #expect(made.allSatisfy { $0.event.timestampMs ?? 0 <= middle })
    expect(replica.isAtLimit)
    let next = recording.transactions[made.count]
    #expect(next.event.timestampMs ?? 0 > middle)
  }

  /// After a salvage the state is another, and told to be; the numbers are those that clients know.
  @Test func aSalvageKeepsTheNumbers() throws {
    let recording = try Recording(seed: 5, steps: 400)
    let folder = recording.journal.folder
    let (commits, _) = try recording.journal.recover()
    let lost = commits[commits.count / 2]
    try Scribbler(lost.file).write(0x55, at: Int(lost.offset) + 200)
    var reader = try JournalReader.open(folder: folder, mode: .salvage)
    var replica = try JournalReplica(from: nil, configuration: Self.settings(), toleratesDivergence: true)
    try replica.apply(&reader)
    #expect(reader.losses.map(\.commits) == [lost.number..<(lost.number + 1)])
    expect(replica.state.transactionLog.lastNumber == recording.transactions.last?.number)
    expect(replica.divergences > 0 && replica.firstDivergence != nil)
    expect(replica.state.checkInvariants().isEmpty)
  }
}
