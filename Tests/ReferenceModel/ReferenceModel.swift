import EventModel

/// A second, slow and simple controller, written from the semantics page alone: lists and dictionaries, and whatever
/// can be computed from them is computed anew each time it is asked for.
///
/// It knows no handles of its own: the caller tells it which handle the controller under test issued for what.
public struct ReferenceModel: Sendable {
  public let settings: ModelSettings
  public internal(set) var nowMs: Int64 = 0
  /// The registered workers by name.
  public internal(set) var workers: [ByteText: ModelWorker] = [:]
  /// The workers that are drained by name, registered or not.
  public internal(set) var drains: [ByteText: ModelDrain] = [:]
  /// Every job ever submitted, in that order, from serial number 0.
  public internal(set) var jobs: [ModelJob] = []
  /// The engaged brakes by zone.
  public internal(set) var brakes: [ByteText: ModelBrake] = [:]
  /// When the next worker of a zone may be lost that is braked and not wholly silent.
  var slowExpiries: [ByteText: Int64] = [:]
  /// Serial numbers of the workers that a brake kept from being lost: they get no tasks until they are heard of.
  var suspended: Set<Int> = []
  /// When every worker's clock last started afresh.
  var restartMs: Int64?
  public internal(set) var endpoints: [ByteText: ModelTaskID] = [:]

  var registrations = 0
  var workerOfHandle: [UInt64: Int] = [:]
  var jobOfHandle: [UInt64: Int] = [:]
  var taskOfHandle: [UInt64: ModelTaskID] = [:]
  /// What the event being handled has done so far.
  var transaction = ModelTransaction(kind: .tick)
  /// The worker whose loss is being handled: nothing on it can be stopped any more.
  var lostWorker: Int?

  public init(settings: ModelSettings = ModelSettings()) {
    self.settings = settings
  }

  /// What the event does. A rejected event does nothing, not even to the clock, but its transaction is of its own time.
  public mutating func handle(_ event: Event) -> ModelTransaction {
    let before = self
    transaction = ModelTransaction(kind: event.kind)
    let eventMs = event.timestampMs ?? nowMs
    nowMs = max(nowMs, eventMs)
    transaction.outcome = apply(event.body, eventMs)
    transaction.timestampMs = nowMs
    let result = transaction
    guard case .rejected = result.outcome else { return result }
    self = before
    var rejection = ModelTransaction(kind: event.kind)
    rejection.outcome = result.outcome
    rejection.missing = result.missing
    rejection.timestampMs = result.timestampMs
    return rejection
  }

  private mutating func apply(_ body: Event.Body, _ eventMs: Int64) -> Outcome {
    switch body {
    case .workerRegistered(let registration): return register(registration, eventMs)
    case .workerHeartbeat(let worker): return heartbeat(worker, eventMs)
    case .workerHeartbeatFailed(let worker, let error): return heartbeatFailed(worker, error)
    case .workerFailed(let reference, let cause):
      guard let worker = worker(reference) else { return .rejected(.unknownWorker) }
      if case .timedOut = cause { countExpiry(of: worker) }
      lose(worker, error: cause.error)
      return .applied
    case .workerReconciled(let worker, let reported): return reconcile(worker, reported)
    case .workerDrain(let worker, let reason, _, let graceMs): return drain(worker, reason, graceMs, eventMs)
    case .workerResumed(let worker, _): return resume(worker)
    case .workerDrainPassed(let worker): return drainPassed(worker)
    case .jobSubmitted(let name, let request): return submit(name, request, eventMs)
    case .jobCancelled(let job, let reason): return cancel(job, reason)
    case .taskAssigned(let task, let worker): return assign(task, worker)
    case .taskStateChanged(let report): return self.report(report)
    case .taskStopped(let stop): return stopped(stop)
    case .taskPreempted(let task, let reason): return preempt(task, reason)
    case .taskTimedOut(let task, let attempt): return runTimedOut(task, attempt)
    case .assignmentTimedOut(let task, let attempt): return assignmentTimedOut(task, attempt)
    case .endpointRegistered(let task, let endpoint): return registerEndpoint(task, endpoint)
    case .prune: return prune(eventMs)
    case .schedulingDeadlinePassed(let task): return deadlinePassed(task)
    case .controllerStalled(let stalledMs): return shiftDeadlines(stalledMs, eventMs)
    case .brakeEngaged(let census): return engageBrake(census, eventMs)
    case .brakeReleased(let census): return releaseBrake(census.zone)
    case .brakeOverridden(let zone, _): return overrideBrake(zone)
    case .clockCorrected: return correctClock(eventMs)
    case .tick: return .rejected(.forbidden)
    }
  }

  mutating func act(_ kind: ActionKind, _ entity: String, endpoint: String? = nil) {
    transaction.actions.append(ModelAction(kind, entity, endpoint: endpoint))
  }

  mutating func change(_ id: ModelTaskID, _ change: (inout ModelTask) -> Void) {
    change(&jobs[id.job].tasks[id.index])
  }

  mutating func changeAttempt(of id: ModelTaskID, _ change: (inout ModelAttempt) -> Void) {
    let newest = task(id).attempts.count - 1
    change(&jobs[id.job].tasks[id.index].attempts[newest])
  }
}

/// What is derived, each time from the beginning.
extension ReferenceModel {
  public func name(_ task: ModelTaskID) -> String {
    "\(jobs[task.job].name)/task-\(task.index)"
  }

  func task(_ id: ModelTaskID) -> ModelTask {
    jobs[id.job].tasks[id.index]
  }

  /// Serial numbers of the jobs that are not pruned.
  public var liveJobs: [Int] {
    jobs.indices.filter { !jobs[$0].isPruned }
  }

  public func job(named name: String) -> Int? {
    jobs.indices.last { !jobs[$0].isPruned && jobs[$0].name.isSame(as: name) }
  }

  public func tasks(of job: Int) -> [ModelTaskID] {
    jobs[job].tasks.indices.map { ModelTaskID(job: job, index: $0) }
  }

  /// The active tasks on a worker, by job, in table order, and then by index.
  public func running(on worker: Int) -> [ModelTaskID] {
    holding(on: worker).filter { task($0).state.isActive }
  }

  /// The tasks whose newest attempt is over and stops on a worker, in the same order.
  public func stopping(on worker: Int) -> [ModelTaskID] {
    holding(on: worker).filter { task($0).isStopping }
  }

  func holding(on worker: Int) -> [ModelTaskID] {
    var holding: [ModelTaskID] = []
    for job in liveJobs.sorted(by: { jobs[$0].tableIndex < jobs[$1].tableIndex }) {
      for (index, task) in jobs[job].tasks.enumerated()
      where task.isHolding && task.attempts.last?.workerSerial == worker {
        holding.append(ModelTaskID(job: job, index: index))
      }
    }
    return holding
  }

  /// PENDING tasks of an unfinished job that wait neither for a back-off nor for a stop; of a gang none before all are.
  func schedulable(of job: Int) -> [Int] {
    guard jobs[job].end == nil, !jobs[job].isPruned else { return [] }
    let pending = jobs[job].tasks.indices.filter { jobs[job].tasks[$0].state == .pending }
    let ready = pending.filter { index in
      let task = jobs[job].tasks[index]
      return !task.isStopping && (retryMs(of: task, in: job) ?? 0) <= nowMs
    }
    return jobs[job].request.coscheduled && ready.count < pending.count ? [] : ready
  }

  /// The schedulable tasks: higher priority, deeper job, older root, older submission, insertion number, index.
  public var queue: [ModelTaskID] {
    let ordered = liveJobs.sorted { left, right in
      let (a, b) = (jobs[left], jobs[right])
      return (-a.request.priority, -a.depth, a.rootSubmittedMs, a.submittedMs, left)
        < (-b.request.priority, -b.depth, b.rootSubmittedMs, b.submittedMs, right)
    }
    return ordered.flatMap { job in schedulable(of: job).map { ModelTaskID(job: job, index: $0) } }
  }

  /// The job's state by the table, first match wins; what it ended as, once it ended.
  public func state(of job: Int) -> JobState {
    if let end = jobs[job].end { return end.state }
    let tasks = jobs[job].tasks
    func count(_ states: TaskState...) -> Int { tasks.count { states.contains($0.state) } }
    let allFinished = tasks.allSatisfy { $0.state.isTerminal }
    if count(.succeeded) == tasks.count { return .succeeded }
    if count(.failed) > Int(jobs[job].request.maxTaskFailures) { return .failed }
    if count(.unschedulable) > 0 { return .unschedulable }
    if count(.killed) > 0 { return .killed }
    if allFinished, count(.workerFailed, .preempted, .coscheduledFailed) > 0 { return .workerFailed }
    if allFinished { return .failed }
    if count(.assigned, .building, .running) > 0 || tasks.contains(where: { !$0.attempts.isEmpty }) { return .running }
    return .pending
  }

  /// The error of the lowest task that has one; of an ended job, what it was then.
  public func error(of job: Int) -> String? {
    if let end = jobs[job].end { return end.error }
    return jobs[job].tasks.lazy.compactMap(\.error).first
  }
}
