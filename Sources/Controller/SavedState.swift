import EventModel

/// Everything that a controller must remember, as plain values.
///
/// Nothing in it can be derived from the rest: the queue, the running sets, committed capacity and all counts are
/// rebuilt. Slots and generations are kept, so handles mean the same afterwards and later events make the same
/// transactions as they would have.
public struct SavedState: Hashable, Sendable {
  public var nowMs: Int64 = 0
  public var lastTransactionNumber: UInt64 = 0
  public var lastInsertionNumber: UInt64 = 0
  /// In the order of the zones.
  public var brakes: [ZoneBrake] = []
  /// The generation of every slot of the table, free ones too.
  public var workerGenerations: [UInt32] = []
  /// Free slots; the last is the first to be reused.
  public var freeWorkerSlots: [UInt32] = []
  public var workers: [SavedWorker] = []
  public var jobGenerations: [UInt32] = []
  public var freeJobSlots: [UInt32] = []
  /// In table order.
  public var jobs: [SavedJob] = []
  public var taskGenerations: [UInt32] = []
  /// Of the free runs of one size, the last is the first to be reused.
  public var freeTaskRuns: [SavedTaskRun] = []
  /// In the order of the names.
  public var endpoints: [SavedEndpoint] = []

  public init() {}
}

/// A registered worker.
public struct SavedWorker: Hashable, Sendable {
  public var slot: UInt32
  public var name: String
  public var address: String
  public var metadata: WorkerMetadata
  public var incarnation: String?
  public var consecutiveFailures: Int32

  public init(
    slot: UInt32, name: String, address: String, metadata: WorkerMetadata, incarnation: String?,
    consecutiveFailures: Int32
  ) {
    self.slot = slot
    self.name = name
    self.address = address
    self.metadata = metadata
    self.incarnation = incarnation
    self.consecutiveFailures = consecutiveFailures
  }
}

/// A job with its tasks.
public struct SavedJob: Hashable, Sendable {
  public var slot: UInt32
  public var name: String
  public var request: JobRequest
  public var parentName: String?
  /// The slots of the jobs below it, in the order in which its end reaches them.
  public var children: [UInt32]
  public var depth: Int32
  public var state: JobState
  public var error: String?
  public var submittedMs: Int64
  public var rootSubmittedMs: Int64
  /// Nil until it ends.
  public var endedMs: Int64?
  public var insertionNumber: UInt64
  /// The slot of its task 0.
  public var firstTaskSlot: UInt32
  /// In index order.
  public var tasks: [SavedTask]

  public init(
    slot: UInt32, name: String, request: JobRequest, parentName: String?, children: [UInt32], depth: Int32,
    state: JobState, error: String?, submittedMs: Int64, rootSubmittedMs: Int64, endedMs: Int64?,
    insertionNumber: UInt64, firstTaskSlot: UInt32, tasks: [SavedTask]
  ) {
    self.slot = slot
    self.name = name
    self.request = request
    self.parentName = parentName
    self.children = children
    self.depth = depth
    self.state = state
    self.error = error
    self.submittedMs = submittedMs
    self.rootSubmittedMs = rootSubmittedMs
    self.endedMs = endedMs
    self.insertionNumber = insertionNumber
    self.firstTaskSlot = firstTaskSlot
    self.tasks = tasks
  }
}

/// A task with all its attempts.
public struct SavedTask: Hashable, Sendable {
  public var state: TaskState
  public var error: String?
  public var exitCode: Int32?
  public var failures: Int32
  public var preemptions: Int32
  public var deliveries: Int32
  /// In order of their numbers. An active task is on the worker of the last.
  public var attempts: [AttemptView]

  public init(
    state: TaskState, error: String?, exitCode: Int32?, failures: Int32, preemptions: Int32, deliveries: Int32,
    attempts: [AttemptView]
  ) {
    self.state = state
    self.error = error
    self.exitCode = exitCode
    self.failures = failures
    self.preemptions = preemptions
    self.deliveries = deliveries
    self.attempts = attempts
  }
}

/// Neighbouring slots of the table of tasks that no job has.
public struct SavedTaskRun: Hashable, Sendable {
  public var firstSlot: UInt32
  public var slots: UInt32

  public init(firstSlot: UInt32, slots: UInt32) {
    self.firstSlot = firstSlot
    self.slots = slots
  }
}

/// A name that a task serves under.
public struct SavedEndpoint: Hashable, Sendable {
  public var name: String
  /// The slot of the task that it leads to.
  public var taskSlot: UInt32

  public init(name: String, taskSlot: UInt32) {
    self.name = name
    self.taskSlot = taskSlot
  }
}
