import EventModel

extension Role {
  /// Reports are for every peer that does not only observe; requests are for control; what the clock says is for the
  /// dispatcher alone.
  func maySend(_ event: Event) -> Bool {
    if case .workerFailed(_, .timedOut) = event.body { return false }
    return maySend(event.kind)
  }

  /// The same, as far as the kind alone decides.
  func maySend(_ kind: EventKind) -> Bool {
    switch kind.source {
    case .clock: false
    case .report: self != .observe
    case .request: self == .control
    }
  }
}
