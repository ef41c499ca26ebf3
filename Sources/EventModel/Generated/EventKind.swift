// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

/// The kinds of event. The raw value is the wire value and never changes its meaning.
@frozen
public enum EventKind: UInt8, NamedCode, BitwiseCopyable {
  /// A worker joins, or joins again. With another incarnation than before, the tasks of its old life are lost first.
  case workerRegistered = 1
  /// A worker lives. It makes no transaction unless it changes more than the time it was last heard of.
  case workerHeartbeat = 2
  /// A check of a worker failed. Enough in a row and the worker is lost.
  case workerHeartbeatFailed = 3
  /// A worker is lost, and its tasks with it. The dispatcher says so itself of one that was silent too long, with the
  /// times that it went by.
  case workerFailed = 4
  /// A worker's account of all that it runs. What it does not list is lost; what it should not run is to be stopped.
  case workerReconciled = 5
  /// A job is to be run. Its tasks are JOB/task-0, JOB/task-1 and so on.
  case jobSubmitted = 6
  /// A job is to end, with its tasks and with the jobs that belong to it.
  case jobCancelled = 7
  /// A waiting task gets a worker. The dispatcher's scheduler says it too.
  case taskAssigned = 8
  /// A worker says what became of an attempt of a task.
  case taskStateChanged = 9
  /// A task gives up its worker, and waits again while its budget lasts.
  case taskPreempted = 10
  /// A running task can be reached.
  case endpointRegistered = 11
  /// The clock moves.
  case tick = 12
  /// Forget the jobs that finished and the workers that were lost long enough ago.
  case prune = 13
  /// A task still waits when its job's scheduling deadline has passed.
  case schedulingDeadlinePassed = 14
  /// The controller did not run for a while, up to the event's time: all liveness deadlines shift by that.
  case controllerStalled = 15
  /// Too large a share of a zone is silent at once to be dead machines: its workers are lost slowly, or not at all.
  case brakeEngaged = 16
  /// Enough of a zone has been heard of again, or none of it is left to wait for.
  case brakeReleased = 17
  /// An operator says that a zone's silent workers are lost indeed: they expire at once until the brake is released.
  case brakeOverridden = 18
  /// The controller's clock was ahead of the machine's and goes back to the event's time. What was noted later counts
  /// as noted then.
  case clockCorrected = 19
  /// A worker gets no more tasks, until it is resumed; it may be away meanwhile. What it runs may run on, or for a
  /// while.
  case workerDrain = 20
  /// A worker that was drained gets tasks again.
  case workerResumed = 21
  /// The grace of a draining worker is over: its tasks are cut off, at no charge to them.
  case workerDrainPassed = 22
  /// A worker says that the process of an attempt that was over has ended.
  case taskStopped = 23
  /// An attempt has run for longer than its job allows.
  case taskTimedOut = 24
  /// Nothing was heard of an attempt since it was assigned: it is taken back.
  case assignmentTimedOut = 25

  /// As text has it.
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
    case .workerDrain: "WORKER_DRAIN"
    case .workerResumed: "WORKER_RESUMED"
    case .workerDrainPassed: "WORKER_DRAIN_PASSED"
    case .taskStopped: "TASK_STOPPED"
    case .taskTimedOut: "TASK_TIMED_OUT"
    case .assignmentTimedOut: "ASSIGNMENT_TIMED_OUT"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

extension EventKind {
  /// Who says events of a kind.
  public enum Source: Sendable {
    /// Peers that report what happens outside, and those that ask for things.
    case report
    /// Peers that ask for things.
    case request
    /// The dispatcher's own clock and scheduler alone.
    case clock
  }

  /// May a peer say this, or does only the dispatcher's own clock and scheduler?
  public var isExternal: Bool { source != .clock }

  public var source: Source {
    switch self {
    case .workerRegistered, .workerHeartbeat, .workerHeartbeatFailed, .workerFailed, .workerReconciled,
      .taskStateChanged, .endpointRegistered, .taskStopped: .report
    case .jobSubmitted, .jobCancelled, .taskAssigned, .taskPreempted, .prune, .brakeOverridden, .workerDrain,
      .workerResumed: .request
    case .tick, .schedulingDeadlinePassed, .controllerStalled, .brakeEngaged, .brakeReleased, .clockCorrected,
      .workerDrainPassed, .taskTimedOut, .assignmentTimedOut: .clock
    }
  }
}
