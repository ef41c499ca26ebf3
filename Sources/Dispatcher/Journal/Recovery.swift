import ControlPlane
import Controller
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import EventRing
import Journal
import LogMessages
import Logging
import Platform
import ServiceManager

/// Where a dispatcher begins: with nothing, or where the journal says that the one before it was.
struct Recovery: ~Copyable {
  var state: ControllerState
  /// As of this dispatcher's start, which it tells of already.
  let ledger: PeerLedger
  /// The highest number that a peer had before: those behind it, up to `ledger.lastPeerID`, may be given.
  let lastPeerBefore: UInt32
  let letters: DeadLetterStore
  let log: ResultLog
  /// The newest answers of each peer that may come back: what its events caused may have pushed them out of the log.
  let answers: [UInt32: Outbox]
  /// Of each peer, the last result before the snapshot that the journal was recovered from.
  let lastResults: [UInt32: PeerLedger.LastResult]
  /// The newest transaction there is: none that a relaxed dispatcher told of behind it exists.
  let lastTransaction: UInt64
  let epoch: DispatcherEpoch
  private var appender: JournalAppender?
  private var committer: JournalCommitter?

  /// Begins with nothing, and keeps no journal.
  init(without configuration: DispatcherConfiguration, _ parts: DispatcherParts = DispatcherParts()) {
    let calls = parts.journalCalls
    state = ControllerState(configuration: configuration.controller)
    var ledger = PeerLedger()
    ledger.apply(
      .started(JournaledStart(after: ledger, wallMs: calls.wallMs(), random: calls.random())), lastTransaction: 0)
    self.ledger = ledger
    lastPeerBefore = 0
    letters = DeadLetterStore()
    log = ResultLog(capacity: configuration.resultLogCapacity)
    answers = [:]
    lastResults = [:]
    lastTransaction = 0
    epoch = DispatcherEpoch(number: ledger.epoch, journal: .zero, past: [])
  }

  /// Takes the journal's lock, reads the journal to its end, opens it for writing there, and makes it durable that a
  /// dispatcher begins.
  ///
  /// - Throws: `JournalError`: another dispatcher has the journal, it is damaged, or newer than this program; or its disk
  ///   does not take what is to be written.
  init(
    _ settings: JournalSettings, _ configuration: DispatcherConfiguration, _ parts: DispatcherParts, _ logger: Logger
  ) throws {
    let calls = parts.journalCalls
    let startNs = calls.monotonicNs()
    let lock = try JournalLock.take(folder: settings.folder, calls: calls)
    try JournalCopy.checkIsRestored(settings.folder, calls: calls)
    var log = ResultLog(capacity: configuration.resultLogCapacity)
    var answers: [UInt32: Outbox] = [:]
    var startExtension = StartExtension()
    var events = RecordWriter()
    var recovery = try JournalRecovery.run(
      folder: settings.folder, configuration: configuration.controller, salvages: settings.salvages,
      calls: calls
    ) { step in
      startExtension.noteProgress()
      if case .peerRemoved(let peer) = step.record { answers[peer] = nil }
      guard let content = LoggedResult(step, &events) else { return }
      let result = StoredResult(
        content, record: 0, transaction: step.lastTransaction, epoch: step.epoch, isForOrigin: step.wantsResult)
      log.append(result, tellable: .max)
      if step.wantsResult {
        answers[content.origin.peer, default: Outbox(limitBytes: configuration.resultBacklogBytes)]
          .append(answer: result, givesUpOldest: true)
      }
    }
    for damage in recovery.damagedSnapshots { logger.tell(.snapshotDamaged, [.cause: "\(damage)"]) }
    for damage in recovery.foreignSnapshots { try SnapshotStore.setAside(damage, calls: calls) }
    for loss in recovery.losses where loss.salvagedBy == nil { logger.tell(.journalPartLost, [.cause: "\(loss)"]) }
    if let divergence = recovery.divergence { logger.tell(.journalPartLost, [.cause: "\(divergence)"]) }
    let cutBytes = recovery.end.tornBytes
    if cutBytes > 0 { logger.notice("cut a torn commit off the journal", metadata: ["bytes": "\(cutBytes)"]) }
    var writer = try JournalWriter.open(lock, at: recovery.end, configuration: settings.writer)
    var appender = writer.appender()
    var committer = writer.committer()
    let lastPeerBefore = recovery.replica.ledger.lastPeerID
    let isUpgrade = recovery.isUpgrade
    var ledger = recovery.replica.ledger
    let start = JournaledStart(
      after: ledger, wallMs: calls.wallMs(), random: calls.random(), peerNumbers: parts.peerNumbersAtOnce)
    let epoch = DispatcherEpoch(start, after: ledger, recovery.replica.state.transactionLog.lastNumber, writer.journal)
    ledger.apply(.started(start), lastTransaction: recovery.replica.state.transactionLog.lastNumber)
    var records: [JournalRecord] = [.started(start)]
    if !recovery.replica.isConfigured || recovery.replica.state.configuration != configuration.controller {
      recovery.configure(configuration.controller)
      records.append(.configured(configuration.controller))
    }
    try Self.write(records, &appender, &committer, recovery.replica.state, wallMs: calls.wallMs())
    if isUpgrade || !recovery.losses.isEmpty || recovery.divergence != nil {
      // Twice, of two commits, so that damage to one of them costs nothing; without any, the next start would go the way
      // past the damage once more.
      let before = recovery.replica.snapshot(journal: writer.journal, createdMs: calls.wallMs())
      var behind = before
      behind.position = committer.position
      behind.ledger = ledger
      behind.machine = ControllerState.machineVersion
      behind.configuration = configuration.controller
      for snapshot in [before, behind] {
        do { _ = try SnapshotStore.write(snapshot, folder: settings.folder, calls: calls) } catch {
          logger.warning("a snapshot could not be written", metadata: ["error": "\(error)"])
        }
      }
    }
    // From here on nothing throws.
    self.lastPeerBefore = lastPeerBefore
    self.ledger = ledger
    self.epoch = epoch
    letters = recovery.replica.letters
    self.log = log
    self.answers = answers
    lastResults = Dictionary(
      uniqueKeysWithValues: recovery.ledgerBefore.peers.map { ($0.peer.id, $0.lastResult) })
    self.appender = .some(appender)
    self.committer = .some(committer)
    state = recovery.takeState()
    lastTransaction = state.transactionLog.lastNumber
    logger.info(
      "recovered",
      metadata: [
        "txn": "\(state.transactionLog.lastNumber)", "epoch": "\(ledger.epoch)", "peers": "\(ledger.peers.count)",
        "ms": "\((calls.monotonicNs() - startNs) / 1_000_000)",
      ])
  }

  /// Commits the first records of a start: until they are durable, nothing else may be.
  private static func write(
    _ records: [JournalRecord], _ appender: inout JournalAppender, _ committer: inout JournalCommitter,
    _ state: borrowing ControllerState, wallMs: Int64
  ) throws {
    for record in records {
      guard try appender.append(record) != nil else { preconditionFailure("a new queue has room for a start") }
    }
    appender.seal(
      stateHash: state.stateHash, lastTransaction: state.transactionLog.lastNumber,
      timeMs: max(wallMs, state.nowMs))
    let progress = committer.turn()
    guard progress == .committed else {
      guard let obstacle = committer.obstacle else { preconditionFailure("a start came to \(progress)") }
      throw JournalError.system(obstacle)
    }
  }

  consuming func takeState() -> ControllerState {
    state
  }

  /// Once.
  mutating func takeAppender() -> JournalAppender? {
    appender.take()
  }

  /// Once.
  mutating func takeCommitter() -> JournalCommitter? {
    committer.take()
  }
}

extension JournalReplica.Step {
  /// The peer asked for the result of what it sent.
  var wantsResult: Bool {
    switch record {
    case .event(let event), .unhandled(let event, _): event.wantsResult
    case .skipped(let skipped): skipped.wantsResult
    default: false
    }
  }
}

extension LoggedResult {
  /// What was told of a journaled record; nil when it is none that anything is told of.
  fileprivate init?(_ step: JournalReplica.Step, _ events: inout RecordWriter) {
    let event: Event
    let disposition: DispatchResult.Disposition
    switch step.record {
    case .event(let journaled):
      guard let transaction = step.transaction else { return nil }
      (event, disposition) = (journaled.event, .handled(transaction))
    case .unhandled(let journaled, .dropped(let middleware)):
      (event, disposition) = (journaled.event, .dropped(by: middleware))
    case .unhandled(let journaled, .deadLettered(let reason, detail: _)):
      (event, disposition) = (journaled.event, .deadLettered(reason))
    case .skipped(let skipped):
      self = .refusal(skipped.id, .malformed, detail: skipped.fault)
      return
    case .peerAttached, .peerRemoved, .configured, .started, .peerNumbers, .salvaged, .letter, .turn:
      return nil
    }
    guard let record = try? events.record(of: event) else { return nil }
    self = .result(
      DispatchResult(event: event, disposition: disposition, observations: []), KeptEventRecord(record))
  }
}
