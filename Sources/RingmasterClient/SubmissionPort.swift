import CRingmaster
import EventCodec
import EventModel
import EventRing
import Platform

/// The writing end of a peer's submission ring. One thread at a time.
public struct SubmissionPort: ~Copyable, @unchecked Sendable {
  public let peer: UInt32
  private let ring: SharedRing
  private var producer: RingProducer
  private var writer = RecordWriter()
  private var wiring: SubmissionWiring
  /// More than the longest explanation has.
  private static let explanationRows = 1024

  package init(peer: UInt32, ring: consuming SharedRing, wiring: consuming SubmissionWiring) {
    self.peer = peer
    self.producer = ring.producer()
    self.ring = ring
    self.wiring = wiring
  }

  /// Another dispatcher reads the ring from now on.
  package mutating func rewire(_ wiring: consuming SubmissionWiring) {
    self.wiring = wiring
    flush()
  }

  /// Puts an event in the ring. The dispatcher may not look before `flush`.
  ///
  /// - Parameters:
  ///   - wantsResult: its result is to come on the result ring.
  ///   - timestampNs: CLOCK_BOOTTIME of its reception; 0 leaves the stamp to the dispatcher.
  /// - Returns: its id; nil when the ring is full.
  /// - Throws: `CodecError` or `RingError` when it cannot be a record of this ring.
  public mutating func publish(
    _ event: Event, wantsResult: Bool = false, timestampNs: UInt64 = 0
  ) throws -> EventID? {
    let record = try writer.encode(event, wantsResult: wantsResult, timestampNs: timestampNs)
    return try producer.tryPublish(record).map { EventID(peer: peer, position: $0) }
  }

  /// Puts a heartbeat in the ring: the hot path, which allocates nothing.
  ///
  /// - Returns: false when the ring is full.
  public mutating func publishHeartbeat(_ worker: WorkerHandle, timestampNs: UInt64) -> Bool {
    var head = rm_event_head()
    head.kind = EventKind.workerHeartbeat.rawValue
    head.slots = 1
    head.timestamp_ns = timestampNs
    head.subject = worker.rawValue
    return producer.tryPublish(head) != nil
  }

  /// Puts a heartbeat in the ring whose transaction is to come on the result ring.
  ///
  /// - Returns: its id; nil when the ring is full.
  public mutating func publishHeartbeatWantingResult(_ worker: WorkerHandle) -> EventID? {
    var head = rm_event_head()
    head.kind = EventKind.workerHeartbeat.rawValue
    head.flags = UInt8(RM_FLAG_WANTS_RESULT)
    head.slots = 1
    head.subject = worker.rawValue
    return producer.tryPublish(head).map { EventID(peer: peer, position: $0) }
  }

  /// Asks for rows; they come as `ResultMessage.row` and end with `queryDone`, both with the returned request number.
  ///
  /// - Parameter cursor: 0 for the first page, then what `queryDone` said.
  public mutating func query(_ entity: QueryEntity, cursor: UInt64, limit: Int) -> UInt64? {
    producer.tryPublish(rm_event_head.query(entity: entity.rawValue, cursor: cursor, rows: Int64(limit), about: nil))
  }

  /// Asks for the rows about one entity alone, as `query` does for all: the tasks of a job or on a worker, a job or worker by
  /// itself, the specification of a job.
  ///
  /// - Returns: the request's number; nil when the ring is full.
  public mutating func query(
    _ entity: QueryEntity, about: EntityReference, cursor: UInt64 = 0, limit: Int
  ) throws -> UInt64? {
    try publish(.query(entity: entity.rawValue, cursor: cursor, rows: Int64(limit), about: about))
  }

  /// Asks why an entity is as it is; the rows come as those of a query.
  ///
  /// - Returns: the request's number; nil when the ring is full.
  public mutating func explain(_ target: EntityReference) throws -> UInt64? {
    let (entity, rows) = (QueryEntity.explanation.rawValue, Int64(Self.explanationRows))
    return try publish(.query(entity: entity, cursor: 0, rows: rows, about: target))
  }

  /// Has a dead letter's event handled once more, as an event of this peer; the request's position is its id.
  ///
  /// - Returns: nil when the ring is full.
  public mutating func retryDeadLetter(_ number: UInt64, reason: String) throws -> EventID? {
    try publish(.retryLetter(letter: number, reason: reason)).map { EventID(peer: peer, position: $0) }
  }

  /// Has a dead letter forgotten; its row is the answer.
  ///
  /// - Returns: the request's number; nil when the ring is full.
  public mutating func dropDeadLetter(_ number: UInt64, reason: String) throws -> UInt64? {
    try publish(.dropLetter(letter: number, reason: reason))
  }

  private mutating func publish(_ request: Request) throws -> UInt64? {
    try producer.tryPublish(writer.encode(request))
  }

  /// Asks for the results of other peers' events too, of this dispatcher. `Attachment.subscribe` outlives it.
  ///
  /// - Returns: the request's number, which `queryDone` confirms; nil when the ring is full.
  public mutating func subscribe(_ subscription: Subscription) -> UInt64? {
    producer.tryPublish(rm_event_head.subscribe(results: subscription.rawValue))
  }

  /// Puts a slot in the ring that may be no record: what a hostile peer writes.
  ///
  /// - Returns: its position; nil when the ring is full.
  package mutating func publish(raw head: rm_event_head) -> UInt64? {
    producer.tryPublish(head)
  }

  /// Has the dispatcher look at this ring if it does not poll it: call after a burst. A plain load while it does.
  public func flush() {
    guard producer.consumerIsParked(wiring.barrier) else { return }
    if wiring.board.raise(wiring.lane) { wiring.dispatcherBell.ring() }
  }

  /// Says that all heartbeats and reports that had come to this ingest by a moment are in the ring: while it does not, the
  /// dispatcher takes the silence of its workers for the ingest's, for the grace that it is set to.
  ///
  /// - Parameter ns: CLOCK_BOOTTIME; to be said anew within every RM_HEARD_INTERVAL_MS.
  public func noteHeard(upToNs ns: UInt64) {
    producer.noteHeard(upToNs: ns)
  }

  /// Counts records given up because the ring stayed full; `ringctl status` shows them.
  public func countShed(_ records: Int) {
    producer.countShed(UInt64(records))
  }
}

/// How a producer gets the dispatcher to look at its ring.
@usableFromInline
package struct SubmissionWiring: ~Copyable, @unchecked Sendable {
  let board: AttentionBoard
  let lane: Int
  let barrier: ParkingBarrier
  let dispatcherBell: Doorbell

  package init(
    board: consuming AttentionBoard, lane: Int, barrier: ParkingBarrier, dispatcherBell: consuming Doorbell
  ) {
    self.board = board
    self.lane = lane
    self.barrier = barrier
    self.dispatcherBell = dispatcherBell
  }
}

/// Which results a peer gets beside those of its own events.
public struct Subscription: OptionSet, Sendable {
  public let rawValue: UInt32

  public init(rawValue: UInt32) {
    self.rawValue = rawValue
  }

  /// Every transaction.
  public static let transactions = Subscription(rawValue: RM_SUBSCRIBE_TRANSACTIONS)
  /// Those that place a task on a worker or stop one.
  public static let assignments = Subscription(rawValue: RM_SUBSCRIBE_ASSIGNMENTS)
}
