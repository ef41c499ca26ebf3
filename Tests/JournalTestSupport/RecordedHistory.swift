import Controller
import ControllerFuzzer
import EventModel
import Journal
import SeededRandom

/// A state machine driven as the dispatcher drives it, by the simulator's events: they are stamped, what is due enters as
/// events, heartbeats take the fast path where they can, and some events are refused or skipped. Tells what a dispatcher
/// would write into its journal.
public struct RecordedHistory: ~Copyable {
  public private(set) var state: ControllerState
  public private(set) var ledger = PeerLedger()
  /// Heartbeats that made no transaction and are in no journal.
  public private(set) var unrecordedHeartbeats = 0
  public private(set) var transactions: [Transaction] = []
  private var generator: StepGenerator
  private var random: SeededGenerator
  private var judge = LivenessJudge()
  private var nowMs: Int64 = 1000
  private var ownEvents: UInt64 = 0
  private var nextPosition: UInt64 = 0
  private var lastTransaction: UInt64 = 0

  private static let peer: UInt32 = 5

  public init(seed: UInt64) {
    let profile = FuzzProfile(seed: seed)
    state = ControllerState()
    generator = StepGenerator(seed: seed, profile: profile, mayPlaceAll: false)
    random = SeededGenerator(seed: seed)
  }

  /// Goes on with a state that was recovered.
  public init(seed: UInt64, resuming recovered: consuming ControllerState, _ recoveredLedger: PeerLedger) {
    self.init(seed: seed)
    nowMs = max(nowMs, recovered.nowMs)
    lastTransaction = recovered.transactionLog.lastNumber
    state = recovered
    ledger = recoveredLedger
    ownEvents = ledger.ownEvents
    nextPosition = ledger[Self.peer]?.nextPosition ?? 0
  }

  /// The first record of a dispatcher that goes on with a journal.
  public mutating func beginEpoch(wallMs: Int64) -> [JournalRecord] {
    let records: [JournalRecord] = [.started(JournaledStart(after: ledger, wallMs: wallMs, random: 0))]
    note(records)
    return records
  }

  /// The first records of a journal.
  public mutating func begin() -> [JournalRecord] {
    let records: [JournalRecord] = [
      .configured(state.configuration),
      .peerAttached(
        JournaledPeer(
          id: Self.peer, epoch: 1, lane: 0, name: "simulator", role: 2, uid: 0, pid: 1, submissionCapacity: 1024,
          resultCapacity: 1024, tokenHash: .zero)),
      .skipped(
        SkippedRecord(
          id: EventID(peer: Self.peer, position: 0), slots: 1, wantsResult: false, fault: "kind 99")),
    ]
    nextPosition = 1
    note(records)
    return records
  }

  /// Takes a step of the simulation.
  ///
  /// - Returns: what it leaves in the journal.
  public mutating func step() -> [JournalRecord] {
    beatHearts()
    let records: [JournalRecord] =
      switch generator.next(&state) {
      // Only by `setClockBack`: transactions are archived with other times then.
      case .event(let event): event.kind == .clockCorrected ? [] : take(event)
      case .tick(let timeMs): tick(timeMs)
      case .sweep(let asOfMs): sweep(asOfMs)
      case .restart: restart()
      case .configured, .place: preconditionFailure("no simulation makes such a step")
      }
    note(records)
    return records
  }

  private mutating func note(_ records: [JournalRecord]) {
    for record in records {
      if record.makesTransaction { lastTransaction += 1 }
      ledger.apply(record, lastTransaction: lastTransaction)
    }
  }

  private mutating func take(_ event: Event) -> [JournalRecord] {
    let slots = UInt32.random(in: 1...4, using: &random)
    let id = EventID(peer: Self.peer, position: nextPosition)
    nextPosition += UInt64(slots)
    let timeMs = event.timestampMs ?? nowMs
    nowMs = max(nowMs, min(timeMs, 1 << 50))
    let stamped = event.stamped(id: id, timestampMs: timeMs)
    let journaled = JournaledEvent(stamped, slots: slots, wantsResult: Bool.random(using: &random))
    if case .workerHeartbeat(.handle(let worker)) = event.body {
      switch state.recordHeartbeat(worker, atMs: timeMs) {
      case .applied:
        unrecordedHeartbeats += 1
        return []
      case .unknownWorker: return []
      case .needsTransaction: break
      }
    }
    switch Int.random(in: 0..<40, using: &random) {
    case 1:
      return [
        Bool.random(using: &random)
          ? .unhandled(journaled, .dropped(by: "sampler"))
          : .skipped(
            SkippedRecord(id: id, slots: slots, wantsResult: false, fault: "worker: expected one"))
      ]
    default:
      transactions.append(state.handle(stamped))
      return [.event(journaled)]
    }
  }

  /// As a dispatcher does whose clock is ahead.
  public mutating func setClockBack(ms: Int64) -> [JournalRecord] {
    nowMs = max(0, state.nowMs - ms)
    let records = [handleOwn(.clockCorrected(aheadMs: ms, timestampMs: nowMs))]
    note(records)
    return records
  }

  /// What the dispatcher's own clock brings.
  private mutating func tick(_ timeMs: Int64) -> [JournalRecord] {
    nowMs = max(nowMs, timeMs)
    var due: [Event] = []
    state.overdueWorkers(inSlots: 0..<state.workerSlots, nowMs: nowMs, into: &due)
    state.passedDeadlines(nowMs: nowMs, limit: 8, into: &due)
    if Int.random(in: 0..<4, using: &random) == 0 {
      due.append(.controllerStalled(stalledMs: Int64.random(in: 0...5000, using: &random), timestampMs: nowMs))
    }
    if Int.random(in: 0..<6, using: &random) == 0 {
      let census = ZoneCensus(zone: "z0", silentWorkers: 1, workers: 2)
      due.append(
        state.brake(ofZone: "z0") == nil
          ? .brakeEngaged(census, timestampMs: nowMs) : .brakeReleased(census, timestampMs: nowMs))
    }
    return due.map { handleOwn($0) }
  }

  private mutating func handleOwn(_ event: Event) -> JournalRecord {
    let own = event.stamped(id: EventID(peer: 0, position: ownEvents), timestampMs: event.timestampMs ?? nowMs)
    ownEvents += 1
    transactions.append(state.handle(own))
    return .event(JournaledEvent(own, slots: 0, wantsResult: false))
  }

  /// Judges who was silent, which rests on the heartbeats that are in no journal.
  private mutating func sweep(_ asOfMs: Int64) -> [JournalRecord] {
    nowMs = max(nowMs, asOfMs)
    var records: [JournalRecord] = []
    var due: [Event] = []
    judge.begin(asOfMs: asOfMs)
    while judge.isUnderWay {
      judge.advance(&state, slots: 16, into: &due)
      for event in due { records.append(handleOwn(event)) }
      due.removeAll()
    }
    return records
  }

  /// As a recovered dispatcher begins: the same state, and every worker's clock anew. Sometimes with other settings.
  private mutating func restart() -> [JournalRecord] {
    let saved = state.save()
    var configuration = state.configuration
    let changes = Bool.random(using: &random)
    if changes {
      configuration.heartbeatFailureThreshold = Int16.random(in: 2...6, using: &random)
      configuration.deliveryRetries = Int32.random(in: 0...3, using: &random)
      configuration.brakeMinimumWorkers = Int32.random(in: 1...8, using: &random)
    }
    state = ControllerState(restoring: saved, configuration: configuration, atMs: saved.nowMs)
    state.restartLiveness(atMs: nowMs)
    return changes ? [.configured(configuration)] : []
  }

  /// Most workers are heard of all the time.
  private mutating func beatHearts() {
    var slot = 0
    while let worker = state.nextWorker(from: slot) {
      slot = Int(worker.handle.index) + 1
      guard Int.random(in: 0..<8, using: &random) > 0 else { continue }
      if state.recordHeartbeat(worker.handle, atMs: nowMs) == .applied { unrecordedHeartbeats += 1 }
    }
  }
}
