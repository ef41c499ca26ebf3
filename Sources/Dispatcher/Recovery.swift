import Controller
import EventModel
import EventRing
import Journal
import LogMessages
import Logging
import Platform

/// Where a dispatcher begins: with nothing, or where the journal says that the one before it was.
struct Recovery: ~Copyable {
  var state: ControllerState
  let ledger: PeerLedger
  let log: ResultLog
  /// The newest transaction there is: none that a relaxed dispatcher told of behind it exists.
  let lastTransaction: UInt64
  private var appender: JournalAppender?
  private var committer: JournalCommitter?

  /// Begins with nothing, and keeps no journal.
  init(without configuration: DispatcherConfiguration) {
    state = ControllerState(configuration: configuration.controller)
    ledger = PeerLedger()
    log = ResultLog(capacity: configuration.resultLogCapacity)
    lastTransaction = 0
  }

  /// Takes the journal's lock, reads the journal to its end and opens it for writing there.
  ///
  /// - Throws: `JournalError`: another dispatcher has the journal, it is damaged, or newer than this program.
  init(
    _ settings: JournalSettings, _ configuration: DispatcherConfiguration, calls: JournalFileCalls, _ logger: Logger
  ) throws {
    let startNs = calls.monotonicNs()
    let lock = try JournalLock.take(folder: settings.folder, calls: calls)
    var log = ResultLog(capacity: configuration.resultLogCapacity)
    var recovery = try JournalRecovery.run(
      folder: settings.folder, configuration: configuration.controller, salvages: settings.salvages,
      calls: calls
    ) { step in
      guard let content = LoggedResult(step) else { return }
      log.append(content, record: 0, transaction: step.lastTransaction, isForOrigin: step.wantsResult)
    }
    for damage in recovery.damagedSnapshots { logger.tell(.snapshotDamaged, [.cause: "\(damage)"]) }
    for loss in recovery.losses { logger.tell(.journalPartLost, [.cause: "\(loss)"]) }
    let cutBytes = recovery.end.tornBytes
    if cutBytes > 0 { logger.notice("cut a torn commit off the journal", metadata: ["bytes": "\(cutBytes)"]) }
    var writer = try JournalWriter.open(lock, at: recovery.end, configuration: settings.writer)
    if !recovery.losses.isEmpty {
      // Without it, the next start would come upon the damage again.
      let snapshot = recovery.replica.snapshot(journal: recovery.end.journal, createdMs: calls.wallMs())
      _ = try SnapshotStore.write(snapshot, folder: settings.folder, calls: calls)
    }
    var appender = writer.appender()
    if recovery.end.journal == nil || recovery.replica.state.configuration != configuration.controller {
      recovery.configure(configuration.controller)
      guard try appender.append(.configured(configuration.controller)) != nil else {
        preconditionFailure("a new queue has room for one record")
      }
    }
    ledger = recovery.replica.ledger
    log.firstOwnNumber = log.nextNumber
    self.log = log
    self.appender = .some(appender)
    self.committer = .some(writer.committer())
    state = recovery.takeState()
    lastTransaction = state.transactionLog.lastNumber
    logger.info(
      "recovered",
      metadata: [
        "txn": "\(state.transactionLog.lastNumber)", "peers": "\(ledger.peers.count)",
        "ms": "\((calls.monotonicNs() - startNs) / 1_000_000)",
      ])
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
    case .event(let event), .refused(let event, _), .unhandled(let event, _): event.wantsResult
    case .skipped(let skipped): skipped.wantsResult
    default: false
    }
  }
}

extension LoggedResult {
  /// What was told of a journaled record; nil when it is none that anything is told of.
  fileprivate init?(_ step: JournalReplica.Step) {
    switch step.record {
    case .event(let journaled), .refused(let journaled, _):
      guard let transaction = step.transaction else { return nil }
      self = .result(DispatchResult(event: journaled.event, disposition: .handled(transaction), observations: []))
    case .unhandled(let journaled, .dropped(let middleware)):
      self = .result(DispatchResult(event: journaled.event, disposition: .dropped(by: middleware), observations: []))
    case .unhandled(let journaled, .deadLettered(let reason, detail: _)):
      self = .result(DispatchResult(event: journaled.event, disposition: .deadLettered(reason), observations: []))
    case .skipped(let skipped):
      guard case .malformed(let detail) = skipped.reason else { return nil }
      self = .refusal(skipped.id, .malformed, detail: detail)
    case .peerAttached, .peerRemoved, .subscribed, .configured, .turn: return nil
    }
  }
}
