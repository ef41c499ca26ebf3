import CRingmaster
import EventModel

extension Role {
  /// Reports are for every peer that does not only observe; requests are for control; what the clock says is for the
  /// dispatcher alone.
  func maySend(_ event: Event) -> Bool {
    if case .workerFailed(_, .timedOut) = event.body { return false }
    return maySend(event.kind)
  }

  /// The kind of the event in a record that this role may not send; nil where it may, or no event has this kind.
  func forbiddenKind(of head: rm_event_head) -> EventKind? {
    guard let kind = EventKind(rawValue: head.kind) else { return nil }
    let isTimeout = kind == .workerFailed && UInt32(head.flags) & RM_FLAG_TIMED_OUT != 0
    return maySend(kind) && !isTimeout ? nil : kind
  }

  /// As far as the kind alone decides.
  func maySend(_ kind: EventKind) -> Bool {
    switch kind.source {
    case .clock: false
    // Of a worker, further by what the event is about: `DispatchLoop.foreign`.
    case .report: self != .observe
    case .request: self == .control
    }
  }
}
