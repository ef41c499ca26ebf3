// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

/// One row of a query's answer.
public enum Row: Sendable, Hashable {
  case worker(WorkerView)
  case job(JobView)
  case task(TaskView)
  case counter(name: String, value: UInt64)
  case peer(PeerView)
  case brake(ZoneBrake)
  case deadLetter(DeadLetterView)
  case explanation(ExplanationView)
  case attempt(AttemptView)
  case step(StepView)
  case specification(SpecificationView)
}

/// What can be asked for. The raw value is the wire value.
@frozen
public enum QueryEntity: UInt8, NamedCode, BitwiseCopyable {
  /// A registered worker.
  case workers = 1
  /// A job and how far its tasks are.
  case jobs = 2
  /// A task and how far it is.
  case tasks = 3
  /// A counter of the dispatcher, or a sum over the state.
  case counters = 4
  /// A process attached to the dispatcher.
  case peers = 5
  /// The mass-failure brake of one zone, from BRAKE_ENGAGED to BRAKE_RELEASED.
  case brakes = 6
  /// A dead letter as it is kept.
  case deadLetters = 7
  /// The first row of an explanation: what it is about, how far back it goes, and what a task may still spend and waits
  /// for. The row of the entity as it is, its newest attempts and the steps follow.
  case explanation = 8
  /// One try of a task on one worker; a row of an explanation only.
  case attempts = 9
  /// One step of an explanation: an action, or the external event that it leads back to; a row of an explanation only.
  case steps = 10
  /// What a job says for its worker alone, whole; the answer about one job only.
  case specifications = 11

  /// As text has it.
  public var name: String {
    switch self {
    case .workers: "workers"
    case .jobs: "jobs"
    case .tasks: "tasks"
    case .counters: "counters"
    case .peers: "peers"
    case .brakes: "brakes"
    case .deadLetters: "dead_letters"
    case .explanation: "explanation"
    case .attempts: "attempts"
    case .steps: "steps"
    case .specifications: "specifications"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

/// A registered worker.
public struct WorkerView: Hashable, Sendable {
  /// Its handle.
  public var handle: WorkerHandle
  /// Its name.
  public var name: String
  /// Where it can be reached.
  public var address: String
  /// What tasks may hold on it, and its attributes.
  public var metadata: WorkerMetadata
  /// The present life of its process.
  public var incarnation: String?
  /// When it was last heard of, by the controller's clock.
  public var lastHeartbeatMs: Int64
  /// Failed heartbeats in a row.
  public var consecutiveFailures: Int16
  /// What its tasks hold.
  public var committed: Resources
  /// Its active tasks.
  public var runningCount: Int
  /// Attempts that are over and whose processes may still run on it: they hold what they held.
  public var stoppingCount: Int
  /// It gets no more tasks.
  public var isDraining: Bool
  /// Why it is drained.
  public var drainReason: String?
  /// The user who drained it.
  public var drainedBy: String?
  /// When the tasks that it still runs are cut off; null when they may run on.
  public var drainEndsMs: Int64?
  /// How long it may be silent before it is lost.
  public var timeoutMs: Int64
  /// Its active tasks, by job and then by index; empty when they were not asked for.
  public var runningTasks: [TaskHandle]
  /// The tasks of the attempts that stop, likewise.
  public var stoppingTasks: [TaskHandle]

  public init(handle: WorkerHandle, name: String, address: String, metadata: WorkerMetadata, incarnation: String?, lastHeartbeatMs: Int64, consecutiveFailures: Int16, committed: Resources, runningCount: Int, stoppingCount: Int = 0, isDraining: Bool = false, drainReason: String? = nil, drainedBy: String? = nil, drainEndsMs: Int64? = nil, timeoutMs: Int64 = 0, runningTasks: [TaskHandle] = [], stoppingTasks: [TaskHandle] = []) {
    self.handle = handle
    self.name = name
    self.address = address
    self.metadata = metadata
    self.incarnation = incarnation
    self.lastHeartbeatMs = lastHeartbeatMs
    self.consecutiveFailures = consecutiveFailures
    self.committed = committed
    self.runningCount = runningCount
    self.stoppingCount = stoppingCount
    self.isDraining = isDraining
    self.drainReason = drainReason
    self.drainedBy = drainedBy
    self.drainEndsMs = drainEndsMs
    self.timeoutMs = timeoutMs
    self.runningTasks = runningTasks
    self.stoppingTasks = stoppingTasks
  }
}

/// A job and how far its tasks are.
public struct JobView: Hashable, Sendable {
  /// Its handle.
  public var handle: JobHandle
  /// Its name.
  public var name: String
  /// Its state.
  public var state: JobState
  /// The reason it was cancelled for, or the error of its first task that has one.
  public var error: String?
  /// What was asked for.
  public var request: JobRequest
  /// When it was submitted.
  public var submittedMs: Int64
  /// When it ended.
  public var endedMs: Int64?
  /// Its tasks by state.
  public var taskCounts: TaskStateCounts
  /// The job it belongs to, also after that was pruned.
  public var parentName: String?
  /// In the tree of jobs: 0 for a root job.
  public var depth: Int
  /// Counts the jobs in the order of their submission, from 1.
  public var insertionNumber: UInt64
  /// Its tasks, finished ones too.
  public var taskCount: Int
  /// Size of its program: command or script, environment and so on; beyond 2048 the row's request leaves it out.
  public var specificationBytes: Int

  public init(handle: JobHandle, name: String, state: JobState, error: String?, request: JobRequest, submittedMs: Int64, endedMs: Int64?, taskCounts: TaskStateCounts, parentName: String?, depth: Int, insertionNumber: UInt64, taskCount: Int, specificationBytes: Int) {
    self.handle = handle
    self.name = name
    self.state = state
    self.error = error
    self.request = request
    self.submittedMs = submittedMs
    self.endedMs = endedMs
    self.taskCounts = taskCounts
    self.parentName = parentName
    self.depth = depth
    self.insertionNumber = insertionNumber
    self.taskCount = taskCount
    self.specificationBytes = specificationBytes
  }
}

/// A task and how far it is.
public struct TaskView: Hashable, Sendable {
  /// Its handle.
  public var handle: TaskHandle
  /// Its job.
  public var job: JobHandle
  /// Its name, beside it the job_id; in a record its job's, and its index.
  public var name: TaskName
  /// Its state.
  public var state: TaskState
  /// What went wrong.
  public var error: String?
  /// Of its newest attempt, once that ended with one.
  public var exitCode: Int32?
  /// Attempts that failed.
  public var failures: Int32
  /// Attempts lost or preempted after they had started.
  public var preemptions: Int32
  /// Attempts lost before they had started.
  public var deliveries: Int32
  /// How the process of its newest attempt ended, as its worker said.
  public var endReason: EndReason?
  /// Its newest attempt is over, and its process may still run.
  public var isStopping: Bool
  /// Of a PENDING task that failed: when it may be assigned again, if that is later than now.
  public var retryMs: Int64?
  /// Its attempts in order; perhaps only the newest.
  public var attempts: [AttemptView]
  /// All attempts so far.
  public var attemptCount: Int
  /// When its newest attempt was assigned, by the clock of then: part of the attempt's id.
  public var assignedMs: Int64?
  /// The worker it is on while it is active.
  public var worker: WorkerIdentity?

  public init(handle: TaskHandle, job: JobHandle, name: TaskName, state: TaskState, error: String?, exitCode: Int32?, failures: Int32, preemptions: Int32, deliveries: Int32, endReason: EndReason? = nil, isStopping: Bool = false, retryMs: Int64? = nil, attempts: [AttemptView] = [], attemptCount: Int, assignedMs: Int64? = nil, worker: WorkerIdentity?) {
    self.handle = handle
    self.job = job
    self.name = name
    self.state = state
    self.error = error
    self.exitCode = exitCode
    self.failures = failures
    self.preemptions = preemptions
    self.deliveries = deliveries
    self.endReason = endReason
    self.isStopping = isStopping
    self.retryMs = retryMs
    self.attempts = attempts
    self.attemptCount = attemptCount
    self.assignedMs = assignedMs
    self.worker = worker
  }
}

/// A process attached to the dispatcher.
public struct PeerView: Hashable, Sendable {
  /// Its number.
  public var peer: UInt32
  /// Its name.
  public var name: String
  /// What it may do.
  public var role: UInt32
  /// Records received on its submission ring: events and requests.
  public var received: UInt64
  /// Times that its submission ring was full, by its own word.
  public var full: UInt64
  /// Records that it gave up because of that, by its own word.
  public var shed: UInt64
  /// Results that its result ring had no room for.
  public var overruns: UInt64

  public init(peer: UInt32, name: String, role: UInt32, received: UInt64, full: UInt64, shed: UInt64, overruns: UInt64) {
    self.peer = peer
    self.name = name
    self.role = role
    self.received = received
    self.full = full
    self.shed = shed
    self.overruns = overruns
  }
}

/// The mass-failure brake of one zone, from BRAKE_ENGAGED to BRAKE_RELEASED.
public struct ZoneBrake: Hashable, Sendable {
  /// Empty for the workers that name no zone and those of zones too small to be judged by themselves.
  public var zone: String
  /// When it engaged.
  public var engagedMs: Int64
  /// Silent workers then.
  public var silentWorkers: Int32
  /// All workers of the zone then.
  public var workers: Int32
  /// Workers of the zone lost since; they count as silent, so that the brake's own slow expiries do not release it.
  public var expiredWorkers: Int32
  /// An operator lets workers expire at full speed.
  public var isOverridden: Bool

  public init(zone: String, engagedMs: Int64, silentWorkers: Int32, workers: Int32, expiredWorkers: Int32 = 0, isOverridden: Bool = false) {
    self.zone = zone
    self.engagedMs = engagedMs
    self.silentWorkers = silentWorkers
    self.workers = workers
    self.expiredWorkers = expiredWorkers
    self.isOverridden = isOverridden
  }
}

/// A dead letter as it is kept.
public struct DeadLetterView: Hashable, Sendable {
  /// Counts the letters of a dispatcher, from 1.
  public var number: UInt64
  /// When it came.
  public var timestampMs: Int64
  /// Why it is dead.
  public var reason: DeadLetterReason
  /// What was wrong, for people.
  public var detail: String
  /// Its event's id; beside it the peer.
  public var origin: EventID
  /// That peer's name; empty for the dispatcher itself.
  public var peerName: String
  /// That peer's role; 0 for the dispatcher itself.
  public var role: UInt32
  /// Times it was retried in vain.
  public var retries: UInt32
  /// Null when it could not be read as one.
  public var event: Event?
  /// The event comes without its lists; a retry has them.
  public var isAbridged: Bool
  /// The first bytes of a record that was no event.
  public var record: [UInt8]
  /// And how many it had.
  public var recordBytes: UInt32

  public init(number: UInt64, timestampMs: Int64, reason: DeadLetterReason, detail: String, origin: EventID, peerName: String, role: UInt32, retries: UInt32, event: Event?, isAbridged: Bool = false, record: [UInt8], recordBytes: UInt32) {
    self.number = number
    self.timestampMs = timestampMs
    self.reason = reason
    self.detail = detail
    self.origin = origin
    self.peerName = peerName
    self.role = role
    self.retries = retries
    self.event = event
    self.isAbridged = isAbridged
    self.record = record
    self.recordBytes = recordBytes
  }
}

/// The first row of an explanation: what it is about, how far back it goes, and what a task may still spend and waits
/// for. The row of the entity as it is, its newest attempts and the steps follow.
public struct ExplanationView: Hashable, Sendable {
  /// The entity.
  public var subject: Subject
  /// When not, the entity is gone and only the transaction log has it.
  public var isPresent: Bool
  /// How far back it goes.
  public var reach: ExplanationReach
  /// The controller's clock when the explanation was made.
  public var nowMs: Int64
  /// The oldest transaction in the log.
  public var firstTransaction: UInt64?
  /// Of a task, those too old to be sent included.
  public var attempts: UInt32
  /// Of a task.
  public var budgets: TaskBudgets?
  /// Why a PENDING task is not placed.
  public var obstacle: PlacementObstacle?

  public init(subject: Subject, isPresent: Bool, reach: ExplanationReach, nowMs: Int64, firstTransaction: UInt64?, attempts: UInt32, budgets: TaskBudgets?, obstacle: PlacementObstacle?) {
    self.subject = subject
    self.isPresent = isPresent
    self.reach = reach
    self.nowMs = nowMs
    self.firstTransaction = firstTransaction
    self.attempts = attempts
    self.budgets = budgets
    self.obstacle = obstacle
  }
}

/// One try of a task on one worker; a row of an explanation only.
public struct AttemptView: Hashable, Sendable {
  /// Counts from 0.
  public var number: UInt32
  /// Its state.
  public var state: TaskState
  /// The worker it ran on, which may be gone since.
  public var worker: WorkerIdentity
  /// When it was assigned.
  public var startedMs: Int64
  /// When it ended.
  public var endedMs: Int64?
  /// Of its process.
  public var exitCode: Int32?
  /// What went wrong.
  public var error: String?
  /// How its process ended, as its worker said.
  public var endReason: EndReason?
  /// It is over, and its process may still run.
  public var isStopping: Bool

  public init(number: UInt32, state: TaskState, worker: WorkerIdentity, startedMs: Int64, endedMs: Int64?, exitCode: Int32?, error: String?, endReason: EndReason? = nil, isStopping: Bool = false) {
    self.number = number
    self.state = state
    self.worker = worker
    self.startedMs = startedMs
    self.endedMs = endedMs
    self.exitCode = exitCode
    self.error = error
    self.endReason = endReason
    self.isStopping = isStopping
  }
}

/// One step of an explanation: an action, or the external event that it leads back to; a row of an explanation only.
public struct StepView: Hashable, Sendable {
  /// The transaction that it belongs to.
  public var transaction: UInt64
  /// The time of that.
  public var timestampMs: Int64
  /// The action, or the event and its entity.
  public var content: StepContent
  /// The position among the steps of what led to this one; null for an event, which came from outside.
  public var cause: Int?

  public init(transaction: UInt64, timestampMs: Int64, content: StepContent, cause: Int?) {
    self.transaction = transaction
    self.timestampMs = timestampMs
    self.content = content
    self.cause = cause
  }
}

/// What a job says for its worker alone, whole; the answer about one job only.
public struct SpecificationView: Hashable, Sendable {
  /// The job's handle.
  public var handle: JobHandle
  /// The job's name.
  public var name: String
  /// Its size.
  public var bytes: Int
  /// Command or script, environment and so on.
  public var specification: Specification

  public init(handle: JobHandle, name: String, bytes: Int, specification: Specification) {
    self.handle = handle
    self.name = name
    self.bytes = bytes
    self.specification = specification
  }
}
