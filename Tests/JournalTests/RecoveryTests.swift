import Controller
import EventModel
import Glibc
import Platform
import Testing

@testable import Journal

@Suite struct RecoveryTests {
  /// A dispatcher's life in several runs: each recovers, goes on, and ends without a word. Now and then somebody writes a
  /// snapshot and lets old segments go.
  @Test(arguments: 51...55 as ClosedRange<UInt64>)
  func oneRunGoesOnWhereTheOtherEnded(seed: UInt64) throws {
    let journal = try TestJournal()
    var history = RecordedHistory(seed: seed)
    var made = 0
    for run in 0..<8 {
      let lock = try JournalLock.take(folder: journal.folder, calls: FaultyDisk().calls(syncs: false))
      var transactions: [Transaction] = []
      let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration()) { step in
        if let transaction = step.transaction { transactions.append(transaction) }
      }
      expect(recovery.losses.isEmpty && recovery.damagedSnapshots.isEmpty)
      expect((recovery.snapshotCommit != nil) == (run > 3))
      expect(transactions == Array(history.transactions.prefix(made).suffix(transactions.count)), "seed \(seed)")
      expect(recovery.replica.ledger == history.ledger, "seed \(seed)")
      expect(recovery.replica.state.stateHash == history.state.stateHash, "seed \(seed)")
      var writer = try JournalWriter.open(
        lock, at: recovery.end, configuration: journal.configuration)
      if run == 3 {
        let snapshot = recovery.replica.snapshot(journal: writer.journal, createdMs: 0)
        _ = try SnapshotStore.write(snapshot, folder: journal.folder)
        let removed = try JournalRetention(keepBytes: 0, keepSnapshots: 1).apply(folder: journal.folder, nowMs: 0)
        #expect(!removed.segments.isEmpty, "seed \(seed)")
      }
      var appender = writer.appender()
      var committer = writer.committer()
      var records = run == 0 ? history.begin() : []
      for step in 0..<250 {
        records += history.step()
        if step % 2 == 0 {
          try appender.turn(
            records, stateHash: history.state.stateHash, lastTransaction: history.state.transactionLog.lastNumber)
          records = []
          expect(committer.turn() != .failed)
        }
      }
      try appender.turn(
        records, stateHash: history.state.stateHash, lastTransaction: history.state.transactionLog.lastNumber)
      _ = committer.turn()
      made = history.transactions.count
    }
  }

  /// The first record behind a snapshot need not make a transaction: what is told of it belongs behind those that were made.
  @Test func everyRecordKnowsTheNewestTransaction() throws {
    let journal = try TestJournal()
    var state = ControllerState()
    let event = Event.jobSubmitted("j", request: JobRequest()).stamped(
      id: EventID(peer: 1, position: 0), timestampMs: 5)
    do {
      var writer = try journal.open()
      var appender = writer.appender()
      var committer = writer.committer()
      let transaction = state.handle(event)
      try appender.turn(
        [.configured(state.configuration), .event(JournaledEvent(event, slots: 1, wantsResult: true))],
        stateHash: state.stateHash, lastTransaction: transaction.number)
      expect(committer.turn() == .committed)
    }
    do {
      let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
      var writer = try journal.open()
      _ = try SnapshotStore.write(
        recovery.replica.snapshot(journal: writer.journal, createdMs: 0), folder: journal.folder)
      var appender = writer.appender()
      var committer = writer.committer()
      let skipped = SkippedRecord(
        id: EventID(peer: 1, position: 1), slots: 1, wantsResult: true, fault: "cpu: expected less")
      try appender.turn([.skipped(skipped)], stateHash: state.stateHash, lastTransaction: 1)
      expect(committer.turn() == .committed)
    }
    var newest: [UInt64] = []
    let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration()) { step in
      newest.append(step.lastTransaction)
    }
    expect(recovery.snapshotCommit == 1)
    #expect(newest == [1, 1], "the record and the end of its turn")
  }

  private static func withSnapshot() throws -> (journal: TestJournal, path: String) {
    let journal = try TestJournal()
    var writer = try journal.open()
    var appender = writer.appender()
    var committer = writer.committer()
    var state = ControllerState()
    for number in 1...6 as ClosedRange<UInt64> {
      let event = Event.workerRegistered(
        "w\(number)", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1)),
        timestampMs: Int64(number))
      _ = state.handle(event)
      try appender.turn(
        [.event(JournaledEvent(event, slots: 1, wantsResult: false))], stateHash: state.stateHash,
        lastTransaction: number)
      expect(committer.turn() == .committed)
      guard number == 4 else { continue }
      let replica = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
      _ = try SnapshotStore.write(
        replica.replica.snapshot(journal: writer.journal, createdMs: 0), folder: journal.folder)
    }
    return (journal, try journal.segmentPaths[0])
  }

  /// A snapshot of more than the journal has: it was put back from an older copy.
  @Test func aSnapshotOfALostCommitIsNoBeginning() throws {
    let (journal, path) = try Self.withSnapshot()
    let (commits, _) = try journal.recover()
    var bytes = try readFile(path)
    for index in Int(commits[2].offset)..<bytes.count { bytes[index] = 0 }
    try writeFile(path, bytes)
    do {
      _ = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
      Issue.record("a journal that ends before its snapshot was taken for whole")
    } catch JournalError.damaged(let damage) {
      #expect(damage.file == path && damage.offset == commits[3].offset && damage.expected.contains("commit 4"))
    }
  }

  @Test func aSnapshotOfAnotherJournalIsPassedOver() throws {
    let (journal, _) = try Self.withSnapshot()
    let (other, _) = try Self.withSnapshot()
    let name = JournalNames.snapshot(commit: 4)
    try writeFile("\(journal.folder)/\(name)", try readFile("\(other.folder)/\(name)"))
    let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
    expect(recovery.foreignSnapshots.map(\.file) == ["\(journal.folder)/\(name)"])
    expect(recovery.damagedSnapshots == recovery.foreignSnapshots)
    expect(recovery.snapshotCommit == nil && recovery.end.position.commit == 6)
  }

  @Test func aDamagedSnapshotIsToldAndPassedOver() throws {
    let (journal, _) = try Self.withSnapshot()
    let path = "\(journal.folder)/\(JournalNames.snapshot(commit: 4))"
    try Scribbler(path).write(0x77, at: 180)
    let recovery = try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration())
    expect(recovery.damagedSnapshots.map(\.file) == [path])
    expect(recovery.snapshotCommit == nil && recovery.end.position.commit == 6)
    let state = recovery.takeState()
    expect(state.totals.workers == 6)
  }

  /// Its checksums are right, and the state is not the one that was hashed.
  @Test(arguments: [false, true])
  func aSnapshotOfAnotherStateIsToldAndPassedOver(salvages: Bool) throws {
    let (journal, _) = try Self.withSnapshot()
    var forged = try SnapshotStore.read(folder: journal.folder, commit: 4)
    forged.stateHash ^= 1
    forged.position.commit = 5
    _ = try SnapshotStore.write(forged, folder: journal.folder)
    let recovery = try JournalRecovery.run(
      folder: journal.folder, configuration: ControllerConfiguration(), salvages: salvages)
    expect(recovery.damagedSnapshots.map(\.file) == ["\(journal.folder)/\(JournalNames.snapshot(commit: 5))"])
    expect(recovery.snapshotCommit == 4 && recovery.end.position.commit == 6)
    expect(recovery.losses.isEmpty && recovery.divergence == nil)
  }

  /// Segments up to a damaged place are gone past, and what follows is applied as far as it has a meaning.
  @Test func aSalvageTellsWhatItLost() throws {
    let (journal, path) = try Self.withSnapshot()
    unlink("\(journal.folder)/\(JournalNames.snapshot(commit: 4))")
    let (commits, _) = try journal.recover()
    try Scribbler(path).write(0x77, at: Int(commits[1].offset) + 140)
    #expect(throws: JournalError.self) {
      try JournalRecovery.run(folder: journal.folder, configuration: ControllerConfiguration()).end
    }
    let recovery = try JournalRecovery.run(
      folder: journal.folder, configuration: ControllerConfiguration(), salvages: true)
    expect(recovery.losses.map(\.commits) == [2..<3])
    expect(recovery.replica.divergences > 0)
    expect(recovery.replica.state.totals.workers == 5 && recovery.replica.state.transactionLog.lastNumber == 6)
  }
}
