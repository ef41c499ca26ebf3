/// Why an event was refused. The raw value is the wire value.
@frozen
public enum RejectionReason: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case unknownWorker = 1
  case unknownJob = 2
  case unknownTask = 3
  case duplicateJob = 4
  case taskNotSchedulable = 5
  case insufficientCapacity = 6
  case taskFinished = 7
  case malformed = 8
  case forbidden = 9

  public var name: String {
    switch self {
    case .unknownWorker: "unknown_worker"
    case .unknownJob: "unknown_job"
    case .unknownTask: "unknown_task"
    case .duplicateJob: "duplicate_job"
    case .taskNotSchedulable: "task_not_schedulable"
    case .insufficientCapacity: "insufficient_capacity"
    case .taskFinished: "task_finished"
    case .malformed: "malformed"
    case .forbidden: "forbidden"
    }
  }
}

/// What became of an event. Nothing is ever dropped without one of these.
@frozen
public enum Outcome: Hashable, Sendable, BitwiseCopyable {
  case applied
  /// Accepted, and nothing changed: a stale attempt, a second cancel.
  case ignored
  case rejected(RejectionReason)

  public var name: String {
    switch self {
    case .applied: "applied"
    case .ignored: "ignored"
    case .rejected: "rejected"
    }
  }

  public var reason: RejectionReason? {
    if case .rejected(let reason) = self { reason } else { nil }
  }
}

/// A process that a worker must now stop.
public struct TaskToKill: Hashable, Sendable {
  public let task: Subject
  public let attempt: UInt32
  public let worker: WorkerIdentity

  public init(task: Subject, attempt: UInt32, worker: WorkerIdentity) {
    self.task = task
    self.attempt = attempt
    self.worker = worker
  }
}

/// What one external event did, with all its cascades.
public struct Transaction: Hashable, Sendable {
  /// Counts from 1, without gaps.
  public let number: UInt64
  /// The controller's clock when it was made, in milliseconds.
  public let timestampMs: Int64
  public let event: Event
  public let outcome: Outcome
  /// The entity that the event was about; nil when it named none that exists.
  public let subject: Subject?
  public let actions: [Action]
  public let tasksToKill: [TaskToKill]

  public init(
    number: UInt64,
    timestampMs: Int64,
    event: Event,
    outcome: Outcome,
    subject: Subject?,
    actions: [Action],
    tasksToKill: [TaskToKill]
  ) {
    self.number = number
    self.timestampMs = timestampMs
    self.event = event
    self.outcome = outcome
    self.subject = subject
    self.actions = actions
    self.tasksToKill = tasksToKill
  }
}
