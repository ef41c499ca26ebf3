import Controller
import EventModel
import Journal
import Platform
import SeededRandom

/// A journal in a folder, written turn by turn from a simulated history as a dispatcher writes it, in commits of random size.
public struct SimulatedJournal: ~Copyable {
  public private(set) var history: RecordedHistory
  private var appender: JournalAppender
  private var committer: JournalCommitter
  private var random: SeededGenerator
  private var records: [JournalRecord]
  private var hasOpenTurns = false

  /// A dispatcher that does not wait for its disk: most tests need not either.
  public static func withoutSyncs() -> JournalFileCalls {
    var calls = JournalFileCalls.system
    calls.syncData = { (_) throws(SystemError) in }
    return calls
  }

  /// Begins a new journal.
  ///
  /// - Parameter segmentBytes: small, so that tests see many.
  public static func begin(
    in folder: String, seed: UInt64, segmentBytes: Int = 256 << 10, calls: JournalFileCalls = withoutSyncs()
  ) throws -> SimulatedJournal {
    var configuration = JournalConfiguration()
    configuration.queueBytes = 64 << 10
    configuration.segmentBytes = segmentBytes
    let lock = try JournalLock.take(folder: folder, calls: calls)
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    let end = try reader.findEnd()
    var writer = try JournalWriter.open(lock, at: end, configuration: configuration)
    let appender = writer.appender()
    let committer = writer.committer()
    return SimulatedJournal(seed: seed, appender: appender, committer: committer)
  }

  private init(seed: UInt64, appender: consuming JournalAppender, committer: consuming JournalCommitter) {
    history = RecordedHistory(seed: seed)
    self.appender = appender
    self.committer = committer
    random = SeededGenerator(seed: seed &+ 1)
    records = history.begin()
  }

  /// Goes on with a journal as a dispatcher does that starts.
  ///
  /// - Parameters:
  ///   - beginsEpoch: those of old did not.
  ///   - salvages: goes past damage, and leaves a snapshot behind it.
  public static func resume(
    in folder: String, seed: UInt64, beginsEpoch: Bool = true, salvages: Bool = false, segmentBytes: Int = 256 << 10
  ) throws -> SimulatedJournal {
    var configuration = JournalConfiguration()
    configuration.queueBytes = 64 << 10
    configuration.segmentBytes = segmentBytes
    let lock = try JournalLock.take(folder: folder, calls: withoutSyncs())
    let recovery = try JournalRecovery.run(
      folder: folder, configuration: ControllerConfiguration(), salvages: salvages)
    if salvages {
      let snapshot = recovery.replica.snapshot(journal: recovery.end.journal, createdMs: 0)
      _ = try SnapshotStore.write(snapshot, folder: folder, calls: withoutSyncs())
    }
    var writer = try JournalWriter.open(
      lock, at: recovery.end, configuration: configuration)
    let appender = writer.appender()
    let committer = writer.committer()
    let ledger = recovery.replica.ledger
    var journal = SimulatedJournal(seed: seed, appender: appender, committer: committer)
    journal.history = RecordedHistory(seed: seed, resuming: recovery.takeState(), ledger)
    journal.records = beginsEpoch ? journal.history.beginEpoch(wallMs: Int64(seed)) : []
    return journal
  }

  /// Takes so many steps of the simulation, and commits them.
  public mutating func advance(steps: Int) throws {
    for _ in 0..<steps {
      records += history.step()
      if Int.random(in: 0..<3, using: &random) == 0 { try endTurn() }
      if Int.random(in: 0..<20, using: &random) == 0 { commit() }
    }
    try endTurn()
    commit()
  }

  public mutating func setClockBack(ms: Int64) {
    records += history.setClockBack(ms: ms)
  }

  /// Commits records that the state machine does not see.
  public mutating func commit(_ foreign: [JournalRecord]) throws {
    try endTurn()
    commit()
    records = foreign
    try endTurn()
    commit()
  }

  private mutating func endTurn() throws {
    guard !records.isEmpty else { return }
    for record in records {
      while try appender.append(record) == nil {
        // Room is made by a commit, which takes whole turns alone.
        precondition(hasOpenTurns, "a turn is larger than the queue")
        commit()
      }
    }
    appender.seal(
      stateHash: history.state.stateHash, lastTransaction: history.state.transactionLog.lastNumber,
      timeMs: history.state.nowMs)
    records.removeAll(keepingCapacity: true)
    hasOpenTurns = true
  }

  private mutating func commit() {
    guard hasOpenTurns else { return }
    let progress = committer.turn()
    precondition(progress == .committed, "a commit came to \(progress)")
    hasOpenTurns = false
  }

  /// Behind the last commit.
  public var position: JournalPosition { committer.position }
}
