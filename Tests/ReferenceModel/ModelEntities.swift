import EventModel

/// What the controller's decisions depend on, as the semantics page names it.
public struct ModelSettings: Sendable {
  public var workerTimeoutMs: Int64 = 60_000
  public var heartbeatFailureThreshold: Int16 = 10
  public var jobRetentionMs: Int64 = 604_800_000
  public var deliveryRetries: Int32 = 20
  public var restartGraceMs: Int64 = 10_000
  public var silentSharePercent: Int64 = 50
  public var brakeEngageSharePercent: Int64 = 55
  public var brakeReleaseSharePercent: Int64 = 45
  public var brakeMinimumWorkers: Int32 = 20
  public var brakeExpiriesPerMinute: Int64 = 6

  public init() {}
}

/// A registered worker. Its serial number tells two registrations under one name apart.
public struct ModelWorker: Sendable {
  public let serial: Int
  public let name: String
  public var address: String
  public var metadata: WorkerMetadata
  public let incarnation: String?
  public var lastHeartbeatMs: Int64
  public var consecutiveFailures: Int16 = 0
  /// Where the controller keeps it: the order of its table.
  public var tableIndex: UInt32 = 0
}

/// One try of a task.
public struct ModelAttempt: Hashable, Sendable {
  public var state: TaskState
  public let workerSerial: Int
  public let workerName: String
  public var startedMs: Int64
  public var endedMs: Int64?
  public var exitCode: Int32?
  public var error: String?
}

/// A task: nothing in it can be computed from anything else.
public struct ModelTask: Sendable {
  public var state: TaskState = .pending
  public var error: String?
  public var exitCode: Int32?
  public var failures: Int32 = 0
  public var preemptions: Int32 = 0
  public var deliveries: Int32 = 0
  public var attempts: [ModelAttempt] = []
}

/// Names a task for as long as the model lives, also when its job's name is used again.
public struct ModelTaskID: Hashable, Sendable {
  public let job: Int
  public let index: Int
}

/// How and when a job ended.
public struct ModelEnd: Sendable {
  public let state: JobState
  public let error: String?
  public var timeMs: Int64
}

/// A job with its tasks. A pruned one stays where it is, empty, so that the tree of jobs keeps its shape.
public struct ModelJob: Sendable {
  public let name: String
  public let request: JobRequest
  public let parent: Int?
  public let depth: Int
  public var submittedMs: Int64
  public var rootSubmittedMs: Int64
  public var tasks: [ModelTask]
  public var end: ModelEnd?
  /// Where the controller keeps its first task: the order of its table.
  public var tableIndex: UInt32 = 0
  public var isPruned = false
}

/// What one event did, in names.
public struct ModelTransaction: Sendable {
  /// A process to stop.
  public struct Kill: Hashable, Sendable {
    public let task: String
    public let attempt: UInt32
    public let worker: String

    public init(task: String, attempt: UInt32, worker: String) {
      self.task = task
      self.attempt = attempt
      self.worker = worker
    }
  }

  public var outcome: Outcome = .applied
  /// The resource that is lacking when capacity is insufficient.
  public var missing: String?
  public var timestampMs: Int64 = 0
  /// `name entity`, in order.
  public var actions: [String] = []
  public var tasksToKill: Set<Kill> = []
}
