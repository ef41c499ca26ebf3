/// The kinds of action a transaction can list. The raw value is the wire value.
@frozen
public enum ActionKind: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case workerRegistered = 1
  case workerHeartbeat = 2
  case heartbeat = 3
  case heartbeatFailed = 4
  case workerFailed = 5
  case workerPruned = 6
  case taskCreated = 7
  case jobSubmitted = 8
  case jobValidationFailed = 9
  case jobCancelled = 10
  case jobPruned = 11
  case taskAssigned = 12
  case taskStateChanged = 13
  case taskUnassigned = 14
  case taskRequeued = 15
  case taskKilled = 16
  case coscheduledSiblingKilled = 17
  case coscheduledSiblingRequeued = 18
  case staleAttemptIgnored = 19
  case duplicateTerminalIgnored = 20
  case endpointRegistered = 21

  public var name: String {
    switch self {
    case .workerRegistered: "worker_registered"
    case .workerHeartbeat: "worker_heartbeat"
    case .heartbeat: "heartbeat"
    case .heartbeatFailed: "heartbeat_failed"
    case .workerFailed: "worker_failed"
    case .workerPruned: "worker_pruned"
    case .taskCreated: "task_created"
    case .jobSubmitted: "job_submitted"
    case .jobValidationFailed: "job_validation_failed"
    case .jobCancelled: "job_cancelled"
    case .jobPruned: "job_pruned"
    case .taskAssigned: "task_assigned"
    case .taskStateChanged: "task_state_changed"
    case .taskUnassigned: "task_unassigned"
    case .taskRequeued: "task_requeued"
    case .taskKilled: "task_killed"
    case .coscheduledSiblingKilled: "coscheduled_sibling_killed"
    case .coscheduledSiblingRequeued: "coscheduled_sibling_requeued"
    case .staleAttemptIgnored: "stale_attempt_ignored"
    case .duplicateTerminalIgnored: "duplicate_terminal_ignored"
    case .endpointRegistered: "endpoint_registered"
    }
  }
}

/// An entity in an account that people read: its handle and its name, valid even after the entity is gone.
public enum Subject: Hashable, Sendable, CustomStringConvertible {
  case worker(WorkerHandle, name: String)
  case job(JobHandle, name: String)
  case task(TaskHandle, job: String, index: Int32)

  public var description: String {
    switch self {
    case .worker(_, let name), .job(_, let name): name
    case .task(_, let job, let index): "\(job)/task-\(index)"
    }
  }

  public var rawHandle: UInt64 {
    switch self {
    case .worker(let handle, _): handle.rawValue
    case .job(let handle, _): handle.rawValue
    case .task(let handle, _, _): handle.rawValue
    }
  }
}

/// A worker as the counterpart of a task's action.
public struct WorkerIdentity: Hashable, Sendable {
  public let handle: WorkerHandle
  public let name: String

  public init(handle: WorkerHandle, name: String) {
    self.handle = handle
    self.name = name
  }
}

/// What led to an action: the event itself, or an earlier action of the same transaction.
@frozen
public enum Cause: Hashable, Sendable, BitwiseCopyable {
  case event
  case action(Int32)
}

/// One thing that a transaction did.
///
/// 64 bytes: a cascade through a large fleet lists hundreds of thousands.
public struct Action: Hashable, Sendable {
  public let subject: Subject
  public let kind: ActionKind
  /// The task's state before and after, where the action moved one.
  public let from: TaskState?
  public let to: TaskState?
  /// `noAttempt` where there is none.
  private let attemptNumber: UInt32
  /// `eventAsCause` where it is the event.
  private let causeIndex: Int32
  /// The worker a task was assigned to or taken from.
  public let worker: WorkerIdentity?

  private static var noAttempt: UInt32 { .max }
  private static var eventAsCause: Int32 { -1 }

  /// The attempt the action concerns, where it concerns one. The highest number stands for none.
  public var attempt: UInt32? {
    attemptNumber == Self.noAttempt ? nil : attemptNumber
  }

  public var cause: Cause {
    causeIndex == Self.eventAsCause ? .event : .action(causeIndex)
  }

  public init(
    _ kind: ActionKind,
    _ subject: Subject,
    from: TaskState? = nil,
    to: TaskState? = nil,
    attempt: UInt32? = nil,
    worker: WorkerIdentity? = nil,
    cause: Cause = .event
  ) {
    self.kind = kind
    self.subject = subject
    self.from = from
    self.to = to
    self.attemptNumber = attempt ?? Self.noAttempt
    self.worker = worker
    switch cause {
    case .event: causeIndex = Self.eventAsCause
    case .action(let index):
      precondition(index >= 0, "actions are counted from 0")
      causeIndex = index
    }
  }
}
