import CRingmaster
import ControlPlane
import EventModel
import EventRing
import Journal
import Platform

/// The dispatch thread's end of one peer.
struct PeerLane: ~Copyable {
  /// Keeps the mapping under the consumer alive.
  let peer: AttachedPeer
  let id: UInt32
  let role: Role
  /// Of a worker: the one that it speaks for.
  let workerName: ByteText?
  var consumer: RingConsumer
  /// Keeps the mapping under the result ring alive; nil while a peer of the dispatcher before has not come back.
  private(set) var ends: ResultEnds?
  /// nil when the peer wants no results, or has not come back yet. Owned by the lane.
  private(set) var results: UnsafeMutablePointer<ResultLane>?
  /// Slots that wait for the journal.
  var held = HeldSlots()
  /// What it has not been told yet, because its result ring is full or it has not come back: it is read no further.
  var refusal: PendingRefusal?
  /// Answers for a peer that has not come back yet, of this dispatcher and of those before.
  var answersWhileAway: Outbox?
  /// The journal's record that tells of its removal; nil until then.
  var removalRecord: UInt64?
  /// Of its records before the snapshot that this dispatcher began with: of these, nothing is kept.
  let lastResultBefore: PeerLedger.LastResult
  /// Its place in the table of carriers.
  var carrier: UInt16 = 0
  var received: UInt64 = 0
  /// Records that its producer had given up when that was last looked at.
  var shed: UInt64 = 0
  /// How far its producer said that it had come when that was last looked at.
  var claimedPublished: UInt64 = 0
  /// The position to reach before the round of draining is over for this ring.
  var drainTarget: UInt64 = 0
  var isDrained = true
  /// Its connection is gone: drain, then remove.
  var isLeaving = false
  /// It broke the protocol of its rings: nothing more is read from it.
  var isQuarantined = false
  /// Polls since the last record.
  var idlePolls: UInt32 = 0
  /// Its parked word is set and the barrier is still to come.
  var isDozing = false

  init(_ peer: AttachedPeer, position: UInt64 = 0, lastResultBefore: PeerLedger.LastResult = .init()) {
    self.peer = peer
    self.lastResultBefore = lastResultBefore
    id = peer.facts.id
    role = Role(rawValue: peer.facts.role) ?? .observe
    workerName = role == .worker ? ByteText(peer.facts.name) : nil
    consumer = peer.submission.consumer(position: position)
  }

  deinit {
    results?.deinitialize(count: 1)
    results?.deallocate()
  }

  /// Connects the way back, the first time or again.
  mutating func connect(_ ends: ResultEnds, outboxBytes: Int) {
    results?.deinitialize(count: 1)
    results?.deallocate()
    results = nil
    self.ends = ends
    switch ends.result {
    case .some(let ring):
      let lane = UnsafeMutablePointer<ResultLane>.allocate(capacity: 1)
      lane.initialize(to: ResultLane(producer: ring.producer(), outboxBytes: outboxBytes))
      results = lane
    case .none: break
    }
  }

  /// Wakes a client that has something to read.
  func flush() {
    guard let results, results.pointee.needsFlush else { return }
    results.pointee.needsFlush = false
    if results.pointee.producer.consumerIsParked() { ends?.ringBell() }
  }

  /// Brings what the consumer may give back up to date with what waits: a refusal that a crash swallows is made again, when
  /// the record is read again.
  mutating func updateHold() {
    consumer.holdPosition = min(held.position, refusal?.id.position ?? .max)
  }

  /// May the record with this head be read now? One that asks for more than may wait stays in the ring, and so does all
  /// behind it. A peer that leaves is told nothing any more.
  @inline(__always)
  func mayRead(_ head: rm_event_head) -> Bool {
    if refusal != nil { return isLeaving }
    guard UInt32(head.kind) >= RM_KIND_QUERY, let results else { return true }
    return results.pointee.queries.count < PendingQuery.limitPerPeer || isLeaving
  }

  /// The peer cut one of its rings short.
  var isPoisoned: Bool {
    if peer.submission.isPoisoned { return true }
    guard let ends else { return false }
    switch ends.result {
    case .some(let ring): return ring.isPoisoned
    case .none: return false
    }
  }

  /// Looks for what only a producer writes that breaks the protocol.
  mutating func findFault() -> RingFault? {
    guard !isQuarantined, !isPoisoned else { return nil }
    let claimed = consumer.claimedPublished
    defer { claimedPublished = claimed }
    let fault = consumer.fault(claimed: claimed, earlier: claimedPublished)
    // A ring cut short reads as zeros.
    return isPoisoned ? nil : fault
  }

  /// Begins a round of draining: what is published now must be handled before any deadline is judged.
  mutating func markForDraining() {
    guard !isQuarantined else { return }
    // The published position lags and is the peer's word; more than the ring holds cannot be published.
    drainTarget = consumer.position &+ UInt64(consumer.layout.capacity)
    isDrained = !consumer.isPublished()
  }
}

/// The dispatch thread's end of a peer's result ring.
struct ResultLane: ~Copyable {
  var producer: RingProducer
  var outbox: Outbox
  var subscription: UInt32 = 0
  var queries: [PendingQuery] = []
  /// The first query has rows that wait to be durable: no result comes before them.
  var holdsRows = false
  var overruns: UInt64 = 0
  /// Something was published since the last look at whether the client sleeps.
  var needsFlush = false
  /// CLOCK_BOOTTIME of the last record that its ring had room for.
  private(set) var progressNs: UInt64 = 0

  init(producer: consuming RingProducer, outboxBytes: Int) {
    self.producer = producer
    self.outbox = Outbox(limitBytes: outboxBytes)
  }

  @inline(__always)
  mutating func noteProgress(nowNs: UInt64) {
    needsFlush = true
    progressNs = nowNs
  }

  var hasBacklog: Bool {
    !outbox.isEmpty || !queries.isEmpty
  }
}
