import CRingmaster
import Controller
import EventModel
import EventRing

/// The fast path: heartbeats that change nothing but when their worker was last heard of.
extension DispatchLoop {
  /// Takes the plain heartbeats that come next in a ring, as many as there may be. `.ci/check-hot-loops` sees that this loop of a
  /// release build neither allocates nor counts references.
  ///
  /// - Returns: how many.
  @inline(never)
  mutating func takeHeartbeats(of index: Int, limit: Int) -> Int {
    assert(batch.isEmpty && limit > 0)
    let lane = lanes[index]
    var taken = 0
    while taken < limit, let payload = lane.pointee.consumer.head(as: rm_payload.self),
      let heartbeat = PlainHeartbeat(payload)
    {
      taken += 1
      batch.append(
        worker: heartbeat.worker, timeMs: clock.receivedMs(heartbeat.timestampNs), at: lane.pointee.consumer.position)
      lane.pointee.consumer.pass()
      if batch.isFull { recordBatch(lane: index) }
    }
    if !batch.isEmpty { recordBatch(lane: index) }
    assert(batch.isEmpty, "what was taken out of a ring is applied")
    return taken
  }

  /// Applies the batch, counts it, gives its slots back, and empties it: whatever ends the process, no heartbeat is lost
  /// that was taken out of its ring.
  @inline(__always)
  private mutating func recordBatch(lane: Int) {
    let areApplied = state.recordHeartbeats(
      batch.heartbeats.span.extracting(first: batch.count), carrier: lanes[lane].pointee.carrier)
    counters[.heartbeatsApplied].add(areApplied ? UInt64(batch.count) : recordOneByOne(lane: lane))
    batch.removeAll()
    lanes[lane].pointee.consumer.releaseIfDue()
  }

  @inline(never)
  private mutating func recordOneByOne(lane: Int) -> UInt64 {
    var applied: UInt64 = 0
    for index in 0..<batch.count {
      let heartbeat = batch.heartbeats[index]
      switch state.recordHeartbeat(heartbeat.worker, atMs: heartbeat.timeMs, carrier: lanes[lane].pointee.carrier) {
      case .applied: applied &+= 1
      case .unknownWorker: refuseHeartbeat(heartbeat.worker, lane: lane)
      case .needsTransaction:
        // The worker's next heartbeat says it again.
        guard hasRoom() else { continue }
        let id = EventID(peer: lanes[lane].pointee.id, position: batch.firstPosition &+ UInt64(index))
        dispatch(
          Event(id: id, timestampMs: heartbeat.timeMs, body: .workerHeartbeat(.handle(heartbeat.worker))), from: nil,
          slots: 1, lane: lane, wantsResult: false)
      }
    }
    return applied
  }

  /// Tells a peer that a heartbeat named nobody, if its ring has room: the worker will say it again.
  private mutating func refuseHeartbeat(_ worker: WorkerHandle, lane: Int) {
    counters[.heartbeatsRefused].increment()
    // A worker learns it from the query behind its heartbeat, which ends without a row once the loss is durable.
    guard lanes[lane].pointee.workerName == nil, let results = lanes[lane].pointee.results else { return }
    if results.pointee.producer.tryPublish(rm_result_head.heartbeatRefused(worker: worker)) != nil {
      results.pointee.needsFlush = true
      delivery.noteBacklog(lane)
    }
  }
}

/// A heartbeat that asks for no result and names its worker by a handle. Read from the words of an `rm_event_head`, which
/// stay in registers.
struct PlainHeartbeat {
  let worker: UInt64
  let timestampNs: UInt64

  @inline(__always)
  init?(_ payload: rm_payload) {
    // Its kind, no flags, one slot, no text and no state: the first eight bytes, in the order of memory.
    let start = UInt64(EventKind.workerHeartbeat.rawValue) | 1 << 16
    guard UInt64(littleEndian: payload.words.0) == start, payload.words.2 != 0 else { return nil }
    worker = payload.words.2
    timestampNs = payload.words.1
  }
}
