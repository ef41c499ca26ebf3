import CRingmaster
import EventModel

/// One row of a query's answer.
public enum Row: Sendable, Hashable {
  case worker(WorkerRow)
  case job(JobRow)
  case task(TaskRow)
  case counter(name: String, value: UInt64)
  case peer(PeerRow)
  case brake(BrakeRow)
  case deadLetter(DeadLetterRow)
  case explanation(ExplanationRow)
  case attempt(AttemptView)
  case step(StepRow)
}

/// What can be asked for.
public enum QueryEntity: UInt8, Sendable, CaseIterable {
  case workers = 1
  case jobs = 2
  case tasks = 3
  case counters = 4
  case peers = 5
  case brakes = 6
  case deadLetters = 7
  case explanation = 8
  /// These two only as rows of an explanation.
  case attempts = 9
  case steps = 10
}

/// A registered worker.
public struct WorkerRow: Sendable, Hashable {
  public let handle: WorkerHandle
  public let name: String
  public let address: String
  public let lastHeartbeatMs: Int64
  public let capacity: Resources
  /// What its tasks hold.
  public let committed: Resources
  public let runningTasks: UInt32
  public let consecutiveFailures: UInt32

  public init(
    handle: WorkerHandle, name: String, address: String, lastHeartbeatMs: Int64, capacity: Resources,
    committed: Resources, runningTasks: UInt32, consecutiveFailures: UInt32
  ) {
    self.handle = handle
    self.name = name
    self.address = address
    self.lastHeartbeatMs = lastHeartbeatMs
    self.capacity = capacity
    self.committed = committed
    self.runningTasks = runningTasks
    self.consecutiveFailures = consecutiveFailures
  }
}

/// A job and how its tasks stand.
public struct JobRow: Sendable, Hashable {
  public let handle: JobHandle
  public let name: String
  public let state: JobState
  public let submittedMs: Int64
  public let endedMs: Int64?
  /// What each task holds.
  public let resources: Resources
  public let coscheduled: Bool
  /// Indexed by `TaskState.rawValue`.
  public let tasksByState: [UInt32]
  public let error: String?
  public let owner: String?
  public let parent: String?

  public init(
    handle: JobHandle, name: String, state: JobState, submittedMs: Int64, endedMs: Int64?, resources: Resources,
    coscheduled: Bool, tasksByState: [UInt32], error: String?, owner: String?, parent: String?
  ) {
    precondition(tasksByState.count == TaskState.allCases.count, "one count for each task state")
    self.handle = handle
    self.name = name
    self.state = state
    self.submittedMs = submittedMs
    self.endedMs = endedMs
    self.resources = resources
    self.coscheduled = coscheduled
    self.tasksByState = tasksByState
    self.error = error
    self.owner = owner
    self.parent = parent
  }
}

/// A task and how far it has come.
public struct TaskRow: Sendable, Hashable {
  public let handle: TaskHandle
  public let name: TaskName
  public let state: TaskState
  public let worker: WorkerIdentity?
  /// Attempts made so far; the current one has the highest number.
  public let attempts: UInt32
  public let failures: UInt32
  public let preemptions: UInt32
  public let exitCode: Int32?
  public let error: String?

  public init(
    handle: TaskHandle, name: TaskName, state: TaskState, worker: WorkerIdentity?, attempts: UInt32, failures: UInt32,
    preemptions: UInt32, exitCode: Int32?, error: String?
  ) {
    self.handle = handle
    self.name = name
    self.state = state
    self.worker = worker
    self.attempts = attempts
    self.failures = failures
    self.preemptions = preemptions
    self.exitCode = exitCode
    self.error = error
  }
}

/// A process attached to the dispatcher.
public struct PeerRow: Sendable, Hashable {
  public let peer: UInt32
  public let name: String
  public let role: UInt32
  /// Records received on its submission ring: events and requests.
  public let received: UInt64
  /// Times its submission ring was full, and records it shed because of that: what it says itself.
  public let full: UInt64
  public let shed: UInt64
  /// Results that its result ring had no room for.
  public let overruns: UInt64

  public init(
    peer: UInt32, name: String, role: UInt32, received: UInt64, full: UInt64, shed: UInt64, overruns: UInt64
  ) {
    self.peer = peer
    self.name = name
    self.role = role
    self.received = received
    self.full = full
    self.shed = shed
    self.overruns = overruns
  }
}
