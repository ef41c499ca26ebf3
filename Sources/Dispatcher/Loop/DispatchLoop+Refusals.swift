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

  /// - Parameter record: of the journal that has to be durable before: what the refusal rests on.
  mutating func refuse(_ id: EventID, reason: DeadLetterReason, detail: String, record: UInt64 = 0, lane: Int) {
    delivery.refuse(PendingRefusal(id: id, reason: reason, detail: detail, record: record), lane: lane, &lanes)
  }
}
