// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

/// A registered worker.
public struct SavedWorker: Hashable, Sendable, BitwiseCopyable {
  /// Its place in the table.
  public var slot: UInt32
  /// A number in SavedState.workerNames.
  public var name: UInt32
  /// Failed heartbeats in a row.
  public var consecutiveFailures: Int16

  public init(slot: UInt32, name: UInt32, consecutiveFailures: Int16) {
    self.slot = slot
    self.name = name
    self.consecutiveFailures = consecutiveFailures
  }
}

/// A job.
public struct SavedJob: Hashable, Sendable {
  /// Its place in the table.
  public var slot: UInt32
  /// Its name.
  public var name: String
  /// What was asked for.
  public var request: JobRequest
  /// The job it belongs to.
  public var parentName: String?
  /// The slots of the jobs below it, in the order in which its end reaches them.
  public var children: [UInt32]
  /// In the tree of jobs.
  public var depth: Int32
  /// Its state.
  public var state: JobState
  /// Why it was cancelled, or the error of its first task that has one.
  public var error: String?
  /// When it was submitted.
  public var submittedMs: Int64
  /// When the root of its tree was.
  public var rootSubmittedMs: Int64
  /// Nil until it ends.
  public var endedMs: Int64?
  /// Counts the jobs in the order of their submission.
  public var insertionNumber: UInt64
  /// The slot of its task 0.
  public var firstTaskSlot: UInt32
  /// Its tasks.
  public var taskCount: UInt32

  public init(slot: UInt32, name: String, request: JobRequest, parentName: String?, children: [UInt32], depth: Int32, state: JobState, error: String?, submittedMs: Int64, rootSubmittedMs: Int64, endedMs: Int64?, insertionNumber: UInt64, firstTaskSlot: UInt32, taskCount: UInt32) {
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
  /// Its state.
  public var state: TaskState
  /// A number in SavedState.errors.
  public var error: UInt32
  /// Of the newest attempt, once that ended with one.
  public var exitCode: Int32?
  /// Attempts that failed.
  public var failures: Int32
  /// Attempts lost or preempted after they had started.
  public var preemptions: Int32
  /// Attempts lost before they had started.
  public var deliveries: Int32
  /// Its attempts; an active task is on the worker of the last of them.
  public var attemptCount: UInt32
  /// Its newest attempt is over, and its process may still run on its worker.
  public var stopping: Bool
  /// Of a PENDING task whose process has been stopped since: when.
  public var schedulableMs: Int64?

  public init(state: TaskState, error: UInt32, exitCode: Int32?, failures: Int32, preemptions: Int32, deliveries: Int32, attemptCount: UInt32, stopping: Bool, schedulableMs: Int64?) {
    self.state = state
    self.error = error
    self.exitCode = exitCode
    self.failures = failures
    self.preemptions = preemptions
    self.deliveries = deliveries
    self.attemptCount = attemptCount
    self.stopping = stopping
    self.schedulableMs = schedulableMs
  }
}

/// One try of a task.
public struct SavedAttempt: Hashable, Sendable, BitwiseCopyable {
  /// Counts from 0.
  public var number: UInt32
  /// Its state.
  public var state: TaskState
  /// The worker it is or was on.
  public var worker: WorkerHandle
  /// A number in SavedState.workerNames.
  public var workerName: UInt32
  /// When it was assigned.
  public var startedMs: Int64
  /// Of one that is RUNNING: since when.
  public var runningMs: Int64?
  /// Nil until it ends.
  public var endedMs: Int64?
  /// Of its process.
  public var exitCode: Int32?
  /// How its process ended, as its worker said.
  public var endReason: EndReason?
  /// A number in SavedState.errors.
  public var error: UInt32

  public init(number: UInt32, state: TaskState, worker: WorkerHandle, workerName: UInt32, startedMs: Int64, runningMs: Int64?, endedMs: Int64?, exitCode: Int32?, endReason: EndReason?, error: UInt32) {
    self.number = number
    self.state = state
    self.worker = worker
    self.workerName = workerName
    self.startedMs = startedMs
    self.runningMs = runningMs
    self.endedMs = endedMs
    self.exitCode = exitCode
    self.endReason = endReason
    self.error = error
  }
}

/// A worker, registered or not, that gets no tasks.
public struct SavedDrain: Hashable, Sendable {
  /// Its name.
  public var worker: String
  /// Why.
  public var reason: String?
  /// The user who drained it.
  public var submitter: String?
  /// When it was drained.
  public var startedMs: Int64
  /// How long from then on its tasks may run; nil when they may run on, and once they were cut off.
  public var graceMs: Int64?

  public init(worker: String, reason: String?, submitter: String?, startedMs: Int64, graceMs: Int64?) {
    self.worker = worker
    self.reason = reason
    self.submitter = submitter
    self.startedMs = startedMs
    self.graceMs = graceMs
  }
}

/// Neighbouring slots of the table of tasks that no job has.
public struct SavedTaskRun: Hashable, Sendable, BitwiseCopyable {
  /// The first of them.
  public var firstSlot: UInt32
  /// How many they are.
  public var slots: UInt32

  public init(firstSlot: UInt32, slots: UInt32) {
    self.firstSlot = firstSlot
    self.slots = slots
  }
}

/// When an attempt on a worker was assigned, later than the clock was set back to since.
public struct SavedAssignment: Hashable, Sendable, BitwiseCopyable {
  /// The slot of its task.
  public var taskSlot: UInt32
  /// By the clock of then.
  public var assignedMs: Int64

  public init(taskSlot: UInt32, assignedMs: Int64) {
    self.taskSlot = taskSlot
    self.assignedMs = assignedMs
  }
}

/// A name that a task serves under.
public struct SavedEndpoint: Hashable, Sendable {
  /// The name.
  public var name: String
  /// The slot of the task that it leads to.
  public var taskSlot: UInt32

  public init(name: String, taskSlot: UInt32) {
    self.name = name
    self.taskSlot = taskSlot
  }
}
