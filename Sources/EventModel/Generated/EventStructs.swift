// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

/// A worker joins, or joins again. With another incarnation than before, the tasks of its old life are lost first.
public struct WorkerRegistration: Hashable, Sendable {
  /// Its name.
  public let name: String
  /// Where it can be reached.
  public let address: String
  /// What it has.
  public let metadata: WorkerMetadata
  /// Names one life of its process.
  public let incarnation: String?

  public init(name: String, address: String, metadata: WorkerMetadata, incarnation: String? = nil) {
    self.name = name
    self.address = address
    self.metadata = metadata
    self.incarnation = incarnation
  }
}

/// What a client asks for when it submits a job.
public struct JobRequest: Hashable, Sendable {
  /// Number of its tasks, 1 to 10000; with another number the job fails at once.
  public var replicas: Int32 = 1
  /// Failures of one task that are retried.
  public var maxRetriesFailure: Int32 = 0
  /// Losses of one task that are retried.
  public var maxRetriesPreemption: Int32 = 100
  /// Tasks that may fail before the job does.
  public var maxTaskFailures: Int32 = 0
  /// A gang: its members live and die together.
  public var coscheduled: Bool = false
  /// What each task holds.
  public var resources = Resources(milliCPU: 1000, memoryBytes: 0)
  /// What has a higher one is placed first, -100 to 100; a job below another has its own.
  public var priority: Int32 = 0
  /// Which workers may have them.
  public var constraints = Constraints()
  /// A task that was never assigned by then becomes UNSCHEDULABLE; without it, it waits for ever.
  public var schedulingTimeoutMs: Int64?
  /// A task that runs longer has failed and is not retried; 0 = as long as it likes.
  public var runTimeoutMs: Int64 = 0
  /// How long a task waits after its first failure, after each further one twice as long.
  public var retryDelayMs: Int64 = 0
  /// The longest that it waits.
  public var retryDelayMaxMs: Int64 = 300_000
  /// When there is a job of this name: reject, replace_finished or keep.
  public var ifExists: IfExists = .reject
  /// The job it belongs to: its end ends this one too, unless it succeeded.
  public var parent: JobReference?
  /// Who answers for it.
  public var owner: String?
  /// The user who submitted it: the dispatcher says it, whatever the record says.
  public var submitter: String?
  /// The user's number, which the dispatcher says too; -1 = not known.
  public var submitterUid: Int64 = -1
  /// Why it was submitted.
  public var reason: String?
  /// What it says for its workers alone: kept and handed on, never looked at.
  public var specification = Specification()

  public init() {}
}

/// A worker says what became of an attempt of a task.
public struct TaskReport: Hashable, Sendable {
  /// The task.
  public let task: TaskReference
  /// Of its attempts, which one; a stale report is ignored.
  public let attempt: UInt32
  /// BUILDING, RUNNING, SUCCEEDED, FAILED, ...
  public let state: TaskState
  /// What went wrong.
  public let error: String?
  /// Of its process.
  public let exitCode: Int32?
  /// How its process ended.
  public let endReason: EndReason?
  /// Processor time that it used.
  public let cpuMs: Int64?
  /// The most memory that it held at once, where that is known.
  public let peakMemoryBytes: Int64?

  public init(task: TaskReference, attempt: UInt32, state: TaskState, error: String? = nil, exitCode: Int32? = nil, endReason: EndReason? = nil, cpuMs: Int64? = nil, peakMemoryBytes: Int64? = nil) {
    self.task = task
    self.attempt = attempt
    self.state = state
    self.error = error
    self.exitCode = exitCode
    self.endReason = endReason
    self.cpuMs = cpuMs
    self.peakMemoryBytes = peakMemoryBytes
  }
}

/// Too large a share of a zone is silent at once to be dead machines: its workers are lost slowly, or not at all.
public struct ZoneCensus: Hashable, Sendable {
  /// The zone; may be empty.
  public let zone: String
  /// Its silent workers.
  public let silentWorkers: Int32
  /// All its workers.
  public let workers: Int32

  public init(zone: String, silentWorkers: Int32, workers: Int32) {
    self.zone = zone
    self.silentWorkers = silentWorkers
    self.workers = workers
  }
}

/// A worker says that the process of an attempt that was over has ended.
public struct TaskStop: Hashable, Sendable {
  /// The task.
  public let task: TaskReference
  /// Of its attempts, which one.
  public let attempt: UInt32
  /// What went wrong.
  public let error: String?
  /// Of its process.
  public let exitCode: Int32?
  /// How its process ended.
  public let endReason: EndReason?
  /// Processor time that it used.
  public let cpuMs: Int64?
  /// The most memory that it held at once, where that is known.
  public let peakMemoryBytes: Int64?

  public init(task: TaskReference, attempt: UInt32, error: String? = nil, exitCode: Int32? = nil, endReason: EndReason? = nil, cpuMs: Int64? = nil, peakMemoryBytes: Int64? = nil) {
    self.task = task
    self.attempt = attempt
    self.error = error
    self.exitCode = exitCode
    self.endReason = endReason
    self.cpuMs = cpuMs
    self.peakMemoryBytes = peakMemoryBytes
  }
}

