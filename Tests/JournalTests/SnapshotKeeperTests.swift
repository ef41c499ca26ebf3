import Controller
import Glibc
import JournalTestSupport
import Platform
import Synchronization
import Testing

@testable import Journal

@Suite struct SnapshotKeeperTests {
  /// A journal that is written and a keeper beside it, with a clock of their own.
  private final class Bench {
    final class Machine: Sendable {
      let nowMs = Atomic<Int64>(1000)
      let failing = Atomic<Int32>(0)

      func calls() -> JournalFileCalls {
        var calls = SimulatedJournal.withoutSyncs()
        calls.wallMs = { self.nowMs.load(ordering: .relaxed) }
        calls.monotonicNs = { UInt64(self.nowMs.load(ordering: .relaxed)) * 1_000_000 }
        calls.syncData = { (_) throws(SystemError) in
          let code = self.failing.load(ordering: .relaxed)
          if code != 0 { throw SystemError("sync", code: code) }
        }
        return calls
      }

      func pass(ms: Int64) { nowMs.add(ms, ordering: .relaxed) }
    }

    let folder: TestJournal
    let machine = Machine()
    private(set) var journal: SimulatedJournal
    private var keeper: SnapshotKeeper

    init(seed: UInt64, retention: JournalRetention? = nil) throws {
      let folder = try TestJournal()
      let journal = try SimulatedJournal.begin(in: folder.folder, seed: seed, segmentBytes: 128 << 10)
      var policy = SnapshotKeeper.Policy()
      policy.minimumBytes = 64 << 10
      policy.sizeFactor = 1
      policy.sliceCommits = 1
      self.folder = folder
      self.journal = journal
      keeper = SnapshotKeeper(
        folder: folder.folder, configuration: ControllerConfiguration(), policy: policy, retention: retention,
        calls: machine.calls())
    }

    /// Takes steps until there are so many bytes more.
    func write(bytes: UInt64) throws {
      let start = journal.position
      while true {
        try journal.advance(steps: 20)
        let backlog = try JournalBacklog.measure(folder: folder.folder, from: start)
        if backlog.bytes >= bytes { return }
      }
    }

    /// The commit of the snapshot that it makes now; nil when it makes none.
    func keep() throws -> UInt64? {
      machine.pass(ms: 30_000)
      while true {
        switch try keeper.turn() {
        case .idle: return nil
        case .working: continue
        case .wrote(let commit, _, _): return commit
        }
      }
    }

    var snapshots: [UInt64] {
      get throws { try SnapshotStore.commits(folder: folder.folder) }
    }
  }

  @Test func aSnapshotIsMadeWhenTheJournalHasGrownAndNobodyElseMadeOne() throws {
    let bench = try Bench(seed: 31)
    try bench.write(bytes: 1)
    bench.machine.pass(ms: 600_000)
    expect(try bench.keep() == nil, "there is little to be had by it")
    try bench.write(bytes: 80 << 10)
    let commit = try bench.keep()
    expect(commit == bench.journal.position.commit)
    let recovery = try JournalRecovery.run(folder: bench.folder.folder, configuration: ControllerConfiguration())
    expect(recovery.snapshotCommit == commit)
    expect(recovery.replica.state.stateHash == bench.journal.history.state.stateHash)
    try bench.write(bytes: 400 << 10)
    expect(try bench.keep() == nil, "the newest one is young")
    bench.machine.pass(ms: 600_000)
    expect(try bench.keep() == bench.journal.position.commit)
    #expect(try JournalVerifier.run(folder: bench.folder.folder).isWhole)
  }

  @Test func segmentsGoBehindTwoSnapshotsWhenAnOperatorSaysSo() throws {
    let bench = try Bench(seed: 32, retention: JournalRetention(keepBytes: 0))
    for _ in 0..<4 {
      try bench.write(bytes: 300 << 10)
      bench.machine.pass(ms: 600_000)
      _ = try bench.keep()
    }
    let snapshots = try bench.snapshots
    #expect(snapshots.count == 2)
    let oldest = try #require(try JournalReader.oldestPosition(folder: bench.folder.folder)).commit
    #expect(oldest > 0 && oldest <= snapshots[0])
    // The older one is enough too.
    unlink("\(bench.folder.folder)/\(JournalNames.snapshot(commit: snapshots[1]))")
    let recovery = try JournalRecovery.run(folder: bench.folder.folder, configuration: ControllerConfiguration())
    expect(recovery.replica.state.stateHash == bench.journal.history.state.stateHash)
  }

  /// A snapshot of what is in the page cache only would be ahead of the journal after a loss of power.
  @Test(arguments: [ENOSPC, EIO])
  func whatIsNotSyncedIsInNoSnapshot(code: Int32) throws {
    let bench = try Bench(seed: 33)
    try bench.write(bytes: 100 << 10)
    bench.machine.pass(ms: 600_000)
    bench.machine.failing.store(code, ordering: .relaxed)
    #expect(throws: JournalError.self) { try bench.keep() }
    #expect(try bench.snapshots.isEmpty)
    bench.machine.failing.store(0, ordering: .relaxed)
    expect(try bench.keep() == bench.journal.position.commit)
  }
}
