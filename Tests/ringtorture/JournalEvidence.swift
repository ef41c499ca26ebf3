import Controller
import EventModel
import Journal

/// What a journal says happened, by replaying it from its beginning.
struct JournalEvidence {
  struct Handled {
    let transaction: UInt64
    let outcome: OutcomeCode
    let tag: EventTag?
    /// A heartbeat that changed something: clients do not keep account of heartbeats.
    let isHeartbeat: Bool
  }

  /// By event: once each, if nothing is wrong.
  private(set) var events: [EventID: [Handled]] = [:]
  private(set) var tags: [EventTag: Int] = [:]
  private(set) var lastTransaction: UInt64 = 0
  /// Workers that were lost because nothing was heard of them.
  private(set) var timedOut: Set<String> = []
  /// What the state came to, in the words that the archive has too.
  private(set) var entities: [String] = []
  /// Peers that were not removed.
  private(set) var peers: [UInt32] = []

  /// - Throws: `JournalError`: it is damaged, or a turn's state hash is another than the one recorded.
  init(folder: String) throws {
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    var replica = try JournalReplica(from: nil, configuration: DispatcherCommand.controller)
    var events: [EventID: [Handled]] = [:]
    var tags: [EventTag: Int] = [:]
    var timedOut: Set<String> = []
    try replica.apply(&reader) { step in
      guard let transaction = step.transaction else { return }
      let event: Event
      switch step.record {
      case .event(let journaled): event = journaled.event
      default: return
      }
      if case .workerFailed(_, .timedOut) = event.body, case .worker(_, let name)? = transaction.subject {
        timedOut.insert(name)
      }
      let tag = EventTag(event)
      events[event.id, default: []].append(
        Handled(
          transaction: transaction.number, outcome: OutcomeCode(transaction.outcome), tag: tag,
          isHeartbeat: event.kind == .workerHeartbeat))
      if let tag { tags[tag, default: 0] += 1 }
    }
    self.events = events
    self.tags = tags
    self.timedOut = timedOut
    peers = replica.ledger.peers.map(\.peer.id)
    lastTransaction = replica.state.transactionLog.lastNumber
    entities = StateLines.entities(replica.state)
  }

  /// What the state was after a transaction.
  static func state(folder: String, after transaction: UInt64) throws -> [String] {
    var reader = try JournalReader.open(folder: folder, mode: .recover)
    var replica = try JournalReplica(
      from: nil, configuration: DispatcherCommand.controller, limit: .transaction(transaction))
    try replica.apply(&reader)
    return StateLines.of(replica.state)
  }
}
