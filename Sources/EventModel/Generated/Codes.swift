// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

/// The state of a job: a total function of its tasks' states, never recomputed once terminal. The raw value is the wire
/// value.
@frozen
public enum JobState: UInt8, NamedCode, BitwiseCopyable {
  /// No task has begun.
  case pending = 0
  /// A task is at work.
  case running = 1
  /// All tasks succeeded.
  case succeeded = 2
  /// Too many tasks failed.
  case failed = 3
  /// Was cancelled, or ended with its parent.
  case killed = 4
  /// Lost too many tasks with their workers.
  case workerFailed = 5
  /// A task found no worker before the deadline.
  case unschedulable = 6

  /// As text has it.
  public var name: String {
    switch self {
    case .pending: "PENDING"
    case .running: "RUNNING"
    case .succeeded: "SUCCEEDED"
    case .failed: "FAILED"
    case .killed: "KILLED"
    case .workerFailed: "WORKER_FAILED"
    case .unschedulable: "UNSCHEDULABLE"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// The kinds of action that a transaction lists. The raw value is the wire value.
@frozen
public enum ActionKind: UInt8, NamedCode, BitwiseCopyable {
  /// A worker is new, or new again.
  case workerRegistered = 1
  /// A registered worker has registered once more.
  case workerHeartbeat = 2
  /// A worker was heard of.
  case heartbeat = 3
  /// A check of a worker failed.
  case heartbeatFailed = 4
  /// A worker is lost.
  case workerFailed = 5
  /// A lost worker is forgotten.
  case workerPruned = 6
  /// A task of a new job.
  case taskCreated = 7
  /// A job is new.
  case jobSubmitted = 8
  /// A job cannot be: it failed at once.
  case jobValidationFailed = 9
  /// A job was cancelled.
  case jobCancelled = 10
  /// A finished job is forgotten.
  case jobPruned = 11
  /// A task has a worker.
  case taskAssigned = 12
  /// A task has another state.
  case taskStateChanged = 13
  /// A task has lost its worker.
  case taskUnassigned = 14
  /// A task waits again.
  case taskRequeued = 15
  /// A task is stopped.
  case taskKilled = 16
  /// A member is stopped with its gang.
  case coscheduledSiblingKilled = 17
  /// A member waits again with its gang.
  case coscheduledSiblingRequeued = 18
  /// A report of an attempt that is over.
  case staleAttemptIgnored = 19
  /// A report of a task that is finished.
  case duplicateTerminalIgnored = 20
  /// A task can be reached at an endpoint.
  case endpointRegistered = 21
  /// The process of an attempt that was over has ended.
  case taskStopped = 22
  /// A worker gets no more tasks.
  case workerDraining = 23
  /// The grace of a draining worker's tasks is over.
  case workerDrainPassed = 24
  /// A worker gets tasks again.
  case workerResumed = 25
  /// An endpoint is another task's now.
  case endpointTaken = 26
  /// A task can be reached at an endpoint no more.
  case endpointRemoved = 27

  /// As text has it.
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
    case .taskStopped: "task_stopped"
    case .workerDraining: "worker_draining"
    case .workerDrainPassed: "worker_drain_passed"
    case .workerResumed: "worker_resumed"
    case .endpointTaken: "endpoint_taken"
    case .endpointRemoved: "endpoint_removed"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// Why an event was refused. The raw value is the wire value.
@frozen
public enum RejectionReason: UInt8, NamedCode, BitwiseCopyable {
  /// No such worker.
  case unknownWorker = 1
  /// No such job.
  case unknownJob = 2
  /// No such task.
  case unknownTask = 3
  /// A job of this name exists.
  case duplicateJob = 4
  /// The task does not wait for a worker.
  case taskNotSchedulable = 5
  /// The worker has not enough left.
  case insufficientCapacity = 6
  /// The task is finished.
  case taskFinished = 7
  /// It cannot be understood.
  case malformed = 8
  /// This peer may not say that.
  case forbidden = 9
  /// The worker gets no more tasks.
  case workerDraining = 10
  /// The worker has not the attributes that the job requires, or one that it forbids.
  case requirementNotMet = 11

  /// As text has it.
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
    case .workerDraining: "worker_draining"
    case .requirementNotMet: "requirement_not_met"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// Why a letter is dead. The raw value is the wire value.
@frozen
public enum DeadLetterReason: UInt8, NamedCode, BitwiseCopyable {
  /// Of a kind that this dispatcher does not know.
  case noHandler = 1
  /// Not an event.
  case malformed = 2
  /// This peer may not say that.
  case forbidden = 3
  /// Names something that does not exist.
  case unknownEntity = 4
  /// A middleware failed.
  case handlerError = 5
  /// There was no room.
  case overflow = 6
  /// Of an event of its source that was handled before.
  case repeated = 7
  /// The same, and it was not accepted then.
  case refusedBefore = 8
  /// Of a source that has said another event with its sequence, or later ones.
  case outOfSequence = 9

  /// As text has it.
  public var name: String {
    switch self {
    case .noHandler: "noHandler"
    case .malformed: "malformed"
    case .forbidden: "forbidden"
    case .unknownEntity: "unknownEntity"
    case .handlerError: "handlerError"
    case .overflow: "overflow"
    case .repeated: "repeated"
    case .refusedBefore: "refusedBefore"
    case .outOfSequence: "outOfSequence"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// How safe an event is when its result is published. The raw value is the wire value.
@frozen
public enum Promise: UInt8, NamedCode, BitwiseCopyable {
  /// In the dispatcher's memory: ends with it.
  case volatile = 0
  /// In the ring and replayed from there: survives the death of any process.
  case accepted = 1
  /// Journaled and synced: survives loss of power.
  case durable = 2

  /// As text has it.
  public var name: String {
    switch self {
    case .volatile: "volatile"
    case .accepted: "accepted"
    case .durable: "durable"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// What a peer may do. The raw value is the wire value.
@frozen
public enum Role: UInt32, NamedCode, BitwiseCopyable {
  /// Reports what happens outside: registrations, heartbeats, task states.
  case ingest = 1
  /// All of that, and asks for things: submits, cancels, assigns.
  case control = 2
  /// Reads only.
  case observe = 3
  /// Speaks for the worker that has its name, and for that alone.
  case worker = 4

  /// As text has it.
  public var name: String {
    switch self {
    case .ingest: "ingest"
    case .control: "control"
    case .observe: "observe"
    case .worker: "worker"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// How far back an explanation goes. The raw value is the wire value.
@frozen
public enum ExplanationReach: UInt8, NamedCode, BitwiseCopyable {
  /// To how the entity began.
  case creation = 0
  /// To the oldest transaction that is still in the log.
  case log = 1
  /// To the largest number of steps that an explanation has.
  case stepLimit = 2

  /// As text has it.
  public var name: String {
    switch self {
    case .creation: "creation"
    case .log: "log"
    case .stepLimit: "stepLimit"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}
