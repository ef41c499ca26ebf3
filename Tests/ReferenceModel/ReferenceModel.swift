import EventModel

/// A second, slow and simple controller, written from the semantics page alone: lists and dictionaries, and whatever
/// can be computed from them is computed anew each time it is asked for.
///
/// It knows no handles of its own: the caller tells it which handle the controller under test issued for what.
public struct ReferenceModel: Sendable {
  public let settings: ModelSettings
  public internal(set) var nowMs: Int64 = 0
  /// The registered workers by name.
  public internal(set) var workers: [String: ModelWorker] = [:]
  /// Every job ever submitted, in that order, from serial number 0.
  public internal(set) var jobs: [ModelJob] = []
  /// The engaged brakes by zone.
  public internal(set) var brakes: [String: ModelBrake] = [:]
  /// When the next worker of a zone may be lost that is braked and not wholly silent.
  var slowExpiries: [String: Int64] = [:]
  /// Serial numbers of the workers that a brake kept from being lost: they get no tasks until they are heard of.
  var suspended: Set<Int> = []
  /// When every worker's clock last started afresh.
  var restartMs: Int64?
  public internal(set) var endpoints: [String: ModelTaskID] = [:]

  var registrations = 0
  var workerOfHandle: [UInt64: Int] = [:]
  var jobOfHandle: [UInt64: Int] = [:]
  var taskOfHandle: [UInt64: ModelTaskID] = [:]
  /// What the event being handled has done so far.
  var transaction = ModelTransaction()
  /// The worker whose loss is being handled: nothing on it can be stopped any more.
  var lostWorker: Int?
  /// Endpoints that the task had which was closed last.
  var endpointsRemoved = 0

  public init(settings: ModelSettings = ModelSettings()) {
    self.settings = settings
  }

  /// What the event does. A rejected event does nothing, not even to the clock.
  public mutating func handle(_ event: Event) -> ModelTransaction {
    let before = self
    transaction = ModelTransaction()
    let eventMs = event.timestampMs ?? nowMs
    nowMs = max(nowMs, eventMs)
    let outcome = apply(event.body, eventMs)
    var result = transaction
    result.outcome = outcome
    if case .rejected = outcome {
      self = before
      result.actions = []
      result.tasksToKill = []
      result.timestampMs = max(nowMs, eventMs)
    } else {
      result.timestampMs = nowMs
    }
    return result
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
    case .jobSubmitted(let name, let request): return submit(name, request, eventMs)
    case .jobCancelled(let job, let reason): return cancel(job, reason)
    case .taskAssigned(let task, let worker): return assign(task, worker)
    case .taskStateChanged(let report): return self.report(report)
    case .taskPreempted(let task, let reason): return preempt(task, reason)
    case .endpointRegistered(let task, let endpoint): return registerEndpoint(task, endpoint)
    case .workerDrain, .workerResumed, .workerDrainPassed, .taskStopped, .taskTimedOut, .assignmentTimedOut:
      return .ignored
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

  /// That a task has lost its worker, and the endpoints that it lost with it.
  mutating func actUnassigned(_ id: ModelTaskID) {
    act(.taskUnassigned, name(id))
    for _ in 0..<endpointsRemoved { act(.endpointRemoved, name(id)) }
  }

  mutating func act(_ kind: ActionKind, _ entity: String) {
    transaction.actions.append("\(kind.name) \(entity)")
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
    liveJobs.first { jobs[$0].name == name }
  }

  public func tasks(of job: Int) -> [ModelTaskID] {
    jobs[job].tasks.indices.map { ModelTaskID(job: job, index: $0) }
  }

  /// The active tasks on a worker, by job, in table order, and then by index.
  public func running(on worker: Int) -> [ModelTaskID] {
    liveJobs.sorted { jobs[$0].tableIndex < jobs[$1].tableIndex }.flatMap(tasks).filter {
      task($0).state.isActive && task($0).attempts.last?.workerSerial == worker
    }
  }

  /// PENDING tasks of unfinished jobs: deeper job first, older root, older submission, insertion number, index.
  public var queue: [ModelTaskID] {
    let ordered = liveJobs.filter { jobs[$0].end == nil }.sorted { left, right in
      let (a, b) = (jobs[left], jobs[right])
      return (-a.depth, a.rootSubmittedMs, a.submittedMs, left) < (-b.depth, b.rootSubmittedMs, b.submittedMs, right)
    }
    return ordered.flatMap(tasks).filter { task($0).state == .pending }
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
