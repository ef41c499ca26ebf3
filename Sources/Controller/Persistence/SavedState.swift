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
  /// In table order.
  public var workers: [SavedWorker] = []
  /// What people read about each of them.
  public var workerDetails: [WorkerDetail] = []
  /// The names of workers, as `SavedWorker` and `SavedAttempt` number them: those that are registered and those that
  /// attempts outlived. In the order of their first mention.
  public var workerNames: [String] = []
  public var jobGenerations: [UInt32] = []
  public var freeJobSlots: [UInt32] = []
  /// In table order.
  public var jobs: [SavedJob] = []
  /// Those of each job in index order, job after job.
  public var tasks: [SavedTask] = []
  /// Those of each task in the order of their numbers, task after task.
  public var attempts: [SavedAttempt] = []
  /// The errors of tasks and attempts, as those number them, in the order of their first mention.
  public var errors: [String] = []
  public var taskGenerations: [UInt32] = []
  /// Of the free runs of one size, the last is the first to be reused.
  public var freeTaskRuns: [SavedTaskRun] = []
  /// In the order of the names.
  public var endpoints: [SavedEndpoint] = []

  public init() {}

  /// In the place of a text's number: there is none.
  public static let noText = UInt32.max
}

/// A registered worker.
public struct SavedWorker: Hashable, Sendable, BitwiseCopyable {
  public var slot: UInt32
  /// A number in `SavedState.workerNames`.
  public var name: UInt32
  public var consecutiveFailures: Int16

  public init(slot: UInt32, name: UInt32, consecutiveFailures: Int16) {
    self.slot = slot
    self.name = name
    self.consecutiveFailures = consecutiveFailures
  }
}

/// A job.
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
  public var taskCount: UInt32

  public init(
    slot: UInt32, name: String, request: JobRequest, parentName: String?, children: [UInt32], depth: Int32,
    state: JobState, error: String?, submittedMs: Int64, rootSubmittedMs: Int64, endedMs: Int64?,
    insertionNumber: UInt64, firstTaskSlot: UInt32, taskCount: UInt32
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
    self.taskCount = taskCount
  }
}

/// A task.
public struct SavedTask: Hashable, Sendable, BitwiseCopyable {
  public var state: TaskState
  /// A number in `SavedState.errors`.
  public var error: UInt32
  public var exitCode: Int32?
  public var failures: Int32
  public var preemptions: Int32
  public var deliveries: Int32
  /// An active task is on the worker of the last of them.
  public var attemptCount: UInt32

  public init(
    state: TaskState, error: UInt32, exitCode: Int32?, failures: Int32, preemptions: Int32, deliveries: Int32,
    attemptCount: UInt32
  ) {
    self.state = state
    self.error = error
    self.exitCode = exitCode
    self.failures = failures
    self.preemptions = preemptions
    self.deliveries = deliveries
    self.attemptCount = attemptCount
  }
}

/// One try of a task.
public struct SavedAttempt: Hashable, Sendable, BitwiseCopyable {
  public var number: UInt32
  public var state: TaskState
  public var worker: WorkerHandle
  /// A number in `SavedState.workerNames`.
  public var workerName: UInt32
  public var startedMs: Int64
  /// Nil until it ends.
  public var endedMs: Int64?
  public var exitCode: Int32?
  /// A number in `SavedState.errors`.
  public var error: UInt32

  public init(
    number: UInt32, state: TaskState, worker: WorkerHandle, workerName: UInt32, startedMs: Int64, endedMs: Int64?,
    exitCode: Int32?, error: UInt32
  ) {
    self.number = number
    self.state = state
    self.worker = worker
    self.workerName = workerName
    self.startedMs = startedMs
    self.endedMs = endedMs
    self.exitCode = exitCode
    self.error = error
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
