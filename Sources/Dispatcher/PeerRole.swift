import CRingmaster
import EventModel

/// What a peer may do; the wire values are RM_ROLE_*.
public enum PeerRole: UInt32, Sendable, CaseIterable {
  case ingest = 1
  case control = 2
  case observe = 3

  /// As settings and options call it.
  public var name: String {
    switch self {
    case .ingest: "ingest"
    case .control: "control"
    case .observe: "observe"
    }
  }

  /// Reports are for everybody who is no mere observer; requests are for control; what the clock says is for the
  /// dispatcher alone.
  func maySend(_ event: Event) -> Bool {
    if case .workerFailed(_, .timedOut) = event.body { return false }
    return maySend(event.kind)
  }

  /// The same, as far as the kind alone tells.
  func maySend(_ kind: EventKind) -> Bool {
    switch kind {
    case .tick, .schedulingDeadlinePassed, .controllerStalled, .brakeEngaged, .brakeReleased, .clockCorrected:
      return false
    case .workerRegistered, .workerHeartbeat, .workerHeartbeatFailed, .workerFailed, .workerReconciled,
      .taskStateChanged, .endpointRegistered:
      return self != .observe
    case .jobSubmitted, .jobCancelled, .taskAssigned, .taskPreempted, .prune, .brakeOverridden:
      return self == .control
    }
  }
}
