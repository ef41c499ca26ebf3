import EventModel

/// What the controller's decisions depend on, as the semantics page names it.
public struct ModelSettings: Sendable {
  public var workerTimeoutMs: Int64 = 60_000
  public var heartbeatFailureThreshold: Int16 = 10
  public var jobRetentionMs: Int64 = 604_800_000
  public var deliveryRetries: Int32 = 20
  /// 0 = never.
  public var assignmentTimeoutMs: Int64 = 60_000
  public var reservationAfterMs: Int64 = 60_000
  public var restartGraceMs: Int64 = 10_000
  public var silentSharePercent: Int64 = 50
  public var brakeEngageSharePercent: Int64 = 55
  public var brakeReleaseSharePercent: Int64 = 45
  public var brakeMinimumWorkers: Int32 = 20
  public var brakeExpiriesPerMinute: Int64 = 6

  public init() {}
}

/// A registered worker. Its serial number tells two registrations under one name apart, and which was first.
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

/// That a worker's name gets no tasks, registered or not.
public struct ModelDrain: Sendable {
  public let worker: String
  public let reason: String?
  public var startedMs: Int64
  /// nil when what it runs may run on, and once it was cut off.
  public var graceMs: Int64?

  public var endsMs: Int64? { graceMs.map { startedMs + $0 } }
}

/// One try of a task.
public struct ModelAttempt: Hashable, Sendable {
  public var state: TaskState
  public let workerSerial: Int
  public let workerName: String
  public var startedMs: Int64
  /// From when on its delivery is waited for.
  public var deliveryFromMs: Int64
  public var runningMs: Int64?
  public var endedMs: Int64?
  /// When its stop was confirmed.
  public var stoppedMs: Int64?
  public var exitCode: Int32?
  public var endReason: EndReason?
  public var error: String?
  /// It is over, and its process may still run.
  public var isStopping = false
}

/// A task: nothing in it can be computed from anything else.
public struct ModelTask: Sendable {
  public var state: TaskState = .pending
  public var error: String?
  public var failures: Int32 = 0
  public var preemptions: Int32 = 0
  public var deliveries: Int32 = 0
  public var attempts: [ModelAttempt] = []

  public var exitCode: Int32? { attempts.last?.exitCode }
  public var endReason: EndReason? { attempts.last?.endReason }
  public var isStopping: Bool { attempts.last?.isStopping ?? false }
  /// Active, or over and stopping: it holds what it asks for.
  public var isHolding: Bool { state.isActive || isStopping }
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

/// A job with its tasks. A pruned one stays in the list, empty, and nothing leads to it.
public struct ModelJob: Sendable {
  public let name: String
  public let request: JobRequest
  /// The job it belongs to; once that is pruned, the one above.
  public var parent: Int?
  /// The one it was submitted below.
  public let parentName: String?
  /// The jobs below it, in the order in which its end reaches them: those of a pruned one in its place.
  public var children: [Int] = []
  public let depth: Int
  public var submittedMs: Int64
  public var rootSubmittedMs: Int64
  public var tasks: [ModelTask]
  public var end: ModelEnd?
  /// Where the controller keeps its first task: the order of its table.
  public var tableIndex: UInt32 = 0
  public var isPruned = false
}

/// One thing that an event did, in names.
public struct ModelAction: Hashable, Sendable, CustomStringConvertible {
  public let kind: ActionKind
  public let entity: String
  public let endpoint: String?

  public init(_ kind: ActionKind, _ entity: String, endpoint: String? = nil) {
    self.kind = kind
    self.entity = entity
    self.endpoint = endpoint
  }

  public var description: String {
    "\(kind.name) \(entity)" + (endpoint.map { " \($0)" } ?? "")
  }

  public static func == (left: Self, right: Self) -> Bool {
    left.kind == right.kind && left.entity.isSame(as: right.entity)
      && left.endpoint.map(ByteText.init) == right.endpoint.map(ByteText.init)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(kind)
    hasher.combine(ByteText(entity))
  }
}

/// What one event did, in names.
public struct ModelTransaction: Sendable {
  /// A process to stop.
  public struct Kill: Hashable, Sendable, CustomStringConvertible {
    public let task: String
    public let attempt: UInt32
    public let worker: String

    public init(task: String, attempt: UInt32, worker: String) {
      self.task = task
      self.attempt = attempt
      self.worker = worker
    }

    public var description: String { "\(task) attempt \(attempt) on \(worker)" }

    public static func == (left: Self, right: Self) -> Bool {
      left.task.isSame(as: right.task) && left.attempt == right.attempt && left.worker.isSame(as: right.worker)
    }

    public func hash(into hasher: inout Hasher) {
      hasher.combine(ByteText(task))
      hasher.combine(attempt)
    }
  }

  public let kind: EventKind
  public var outcome: Outcome = .applied
  /// The resource that is lacking when capacity is insufficient.
  public var missing: String?
  public var timestampMs: Int64 = 0
  public var actions: [ModelAction] = []
  public var tasksToKill: Set<Kill> = []
}
