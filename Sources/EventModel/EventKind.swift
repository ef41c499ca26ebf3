/// The kinds of event. The raw value is the wire value and never changes its meaning.
@frozen
public enum EventKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case workerRegistered = 1
  case workerHeartbeat = 2
  case workerHeartbeatFailed = 3
  case workerFailed = 4
  case workerReconciled = 5
  case jobSubmitted = 6
  case jobCancelled = 7
  case taskAssigned = 8
  case taskStateChanged = 9
  case taskPreempted = 10
  case endpointRegistered = 11
  case tick = 12
  case prune = 13
  case schedulingDeadlinePassed = 14
  case controllerStalled = 15
  case brakeEngaged = 16
  case brakeReleased = 17
  case brakeOverridden = 18
  case clockCorrected = 19

  public var name: String {
    switch self {
    case .workerRegistered: "WORKER_REGISTERED"
    case .workerHeartbeat: "WORKER_HEARTBEAT"
    case .workerHeartbeatFailed: "WORKER_HEARTBEAT_FAILED"
    case .workerFailed: "WORKER_FAILED"
    case .workerReconciled: "WORKER_RECONCILED"
    case .jobSubmitted: "JOB_SUBMITTED"
    case .jobCancelled: "JOB_CANCELLED"
    case .taskAssigned: "TASK_ASSIGNED"
    case .taskStateChanged: "TASK_STATE_CHANGED"
    case .taskPreempted: "TASK_PREEMPTED"
    case .endpointRegistered: "ENDPOINT_REGISTERED"
    case .tick: "TICK"
    case .prune: "PRUNE"
    case .schedulingDeadlinePassed: "SCHEDULING_DEADLINE_PASSED"
    case .controllerStalled: "CONTROLLER_STALLED"
    case .brakeEngaged: "BRAKE_ENGAGED"
    case .brakeReleased: "BRAKE_RELEASED"
    case .brakeOverridden: "BRAKE_OVERRIDDEN"
    case .clockCorrected: "CLOCK_CORRECTED"
    }
  }

  public init?(name: String) {
    guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = kind
  }

  /// May a peer say this, or does only the dispatcher's own clock and scheduler?
  public var isExternal: Bool {
    switch self {
    case .tick, .schedulingDeadlinePassed, .controllerStalled, .brakeEngaged, .brakeReleased, .clockCorrected: false
    case .workerRegistered, .workerHeartbeat, .workerHeartbeatFailed, .workerFailed, .workerReconciled, .jobSubmitted,
      .jobCancelled, .taskAssigned, .taskStateChanged, .taskPreempted, .endpointRegistered, .prune, .brakeOverridden:
      true
    }
  }
}
