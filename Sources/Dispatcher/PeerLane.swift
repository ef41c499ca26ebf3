import CRingmaster
import EventModel
import EventRing
import Platform

/// A peer as it goes from the control thread, which made its rings, to the dispatch thread, which drives them.
final class AttachedPeer: Sendable {
  let id: UInt32
  /// Its byte on the attention board.
  let lane: Int
  let name: String
  let role: PeerRole
  let submission: SharedRing
  let result: SharedRing?
  let bell: Doorbell?

  init(
    id: UInt32, lane: Int, name: String, role: PeerRole, submission: consuming SharedRing,
    result: consuming SharedRing?, bell: consuming Doorbell?
  ) {
    self.id = id
    self.lane = lane
    self.name = name
    self.role = role
    self.submission = submission
    self.result = result
    self.bell = bell
  }
}

/// The dispatch thread's end of one peer.
struct PeerLane: ~Copyable {
  /// Keeps the mappings under the ring ends alive.
  let peer: AttachedPeer
  let id: UInt32
  let role: PeerRole
  var consumer: RingConsumer
  /// nil when the peer wants no results. Owned by the lane.
  let results: UnsafeMutablePointer<ResultLane>?
  var received: UInt64 = 0
  /// Records that its producer had given up when that was last looked at.
  var shed: UInt64 = 0
  /// The position to reach before the round of draining is over for this ring, unless it is found empty before.
  var drainTarget: UInt64 = 0
  var isDrained = true
  /// Its connection is gone: drain, then remove.
  var isLeaving = false
  /// Polls since the last record.
  var idlePolls: UInt32 = 0
  /// Its parked word is set and the barrier is still to come.
  var isDozing = false

  init(_ peer: AttachedPeer, outboxLimit: Int) {
    self.peer = peer
    id = peer.id
    role = peer.role
    consumer = peer.submission.consumer()
    switch peer.result {
    case .some(let ring):
      results = .allocate(capacity: 1)
      results?.initialize(to: ResultLane(producer: ring.producer(), outboxLimit: outboxLimit))
    case .none: results = nil
    }
  }

  deinit {
    results?.deinitialize(count: 1)
    results?.deallocate()
  }

  func ringBell() {
    switch peer.bell {
    case .some(let bell): bell.ring()
    case .none: break
    }
  }

  /// The peer cut one of its rings short.
  var isPoisoned: Bool {
    if peer.submission.isPoisoned { return true }
    switch peer.result {
    case .some(let ring): return ring.isPoisoned
    case .none: return false
    }
  }

  /// Begins a round of draining: what is published now must be handled before any deadline is judged.
  mutating func markForDraining() {
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
  var overruns: UInt64 = 0
  /// Something was published since the last look at whether the client sleeps.
  var needsFlush = false

  init(producer: consuming RingProducer, outboxLimit: Int) {
    self.producer = producer
    self.outbox = Outbox(limit: outboxLimit)
  }

  var hasBacklog: Bool {
    !outbox.isEmpty || !queries.isEmpty
  }
}
