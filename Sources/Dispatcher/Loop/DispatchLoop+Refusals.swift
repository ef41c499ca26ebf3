import EventBus
import EventCodec
import EventModel

/// What a peer may not do, and what it asks that cannot be: it is told, and nobody else. In no journal, no transaction, and in
/// no log that others read from, so that nobody who may only look fills any of them.
///
/// After a crash such a record may be read once more from the ring and refused once more. Nothing depends on how often.
extension DispatchLoop {
  /// Answers an event that a peer of this role may not send. It is counted, and no letter is kept of it: whoever floods the
  /// dispatcher with what is forbidden takes no letter's place.
  mutating func refuseForbidden(_ kind: EventKind, id: EventID, lane: Int, wantsResult: Bool) {
    let detail = "a peer of role \(lanes[lane].pointee.role.name) may not send \(kind.name)"
    bus.deadLetter(DeadLetter(event: nil, origin: id, reason: .forbidden, detail: detail))
    if wantsResult { refuse(id, reason: .forbidden, detail: detail, lane: lane) }
  }

  /// Tells a peer that a record of its is refused. Where its ring has no room, it waits, and all else that the peer says
  /// with it.
  ///
  /// - Parameter record: of the journal that has to be durable before: what the refusal rests on.
  mutating func refuse(
    _ id: EventID, reason: DeadLetterReason, detail: String, record: UInt64 = 0, lane index: Int
  ) {
    let lane = lanes[index]
    guard !lane.pointee.isLeaving, lane.pointee.peer.facts.resultCapacity > 0 else { return }
    assert(lane.pointee.refusal == nil, "a peer is not read while its last refusal is unsent")
    lane.pointee.refusal = PendingRefusal(id: id, reason: reason, detail: detail, record: record)
    tellRefusal(index)
  }

  mutating func tellRefusal(_ index: Int) {
    let lane = lanes[index]
    guard let refusal = lane.pointee.refusal, let results = lane.pointee.results else { return }
    lanes.backlogged.insert(index)
    guard refusal.record <= journal.tellable else { return lane.pointee.updateHold() }
    do {
      let record = try rowWriter.encodeRefusal(of: refusal.id, reason: refusal.reason, detail: refusal.detail)
      guard try results.pointee.producer.tryPublish(record) != nil else {
        counters[.resultRingFull].increment()
        return lane.pointee.updateHold()
      }
    } catch {
      preconditionFailure("a refusal does not fit a result ring: \(error)")
    }
    results.pointee.needsFlush = true
    lane.pointee.refusal = nil
    lane.pointee.updateHold()
    lanes.wake(index)
  }
}
