import EventModel

extension ReferenceModel {
  mutating func assign(_ taskReference: TaskReference, _ workerReference: WorkerReference) -> Outcome {
    guard let worker = worker(workerReference) else { return .rejected(.unknownWorker) }
    guard let id = task(taskReference) else { return .rejected(.unknownTask) }
    guard schedulable(of: id.job).contains(id.index) else { return .rejected(.taskNotSchedulable) }
    if drains[ByteText(worker.name)] != nil { return .rejected(.workerDraining) }
    guard meetsConstraints(worker, of: id.job) else { return .rejected(.requirementNotMet) }
    if let lacking = jobs[id.job].request.resources.byName.lacking(in: free(on: worker)) {
      transaction.missing = lacking
      return .rejected(.insufficientCapacity)
    }
    let attempt = ModelAttempt(
      state: .assigned, workerSerial: worker.serial, workerName: worker.name, startedMs: nowMs, deliveryFromMs: nowMs)
    change(id) {
      $0.state = .assigned
      $0.error = nil
      $0.attempts.append(attempt)
    }
    act(.taskAssigned, name(id))
    return .applied
  }

  mutating func report(_ report: TaskReport) -> Outcome {
    guard let id = task(report.task) else { return .rejected(.unknownTask) }
    let endings: Set<TaskState> = [.succeeded, .failed, .killed, .workerFailed]
    let reportable = endings.union([.pending, .building, .running])
    guard reportable.contains(report.state) else { return .rejected(.malformed) }
    let task = task(id)
    guard let current = task.attempts.last, Int(report.attempt) == task.attempts.count - 1 else {
      act(.staleAttemptIgnored, name(id))
      return .ignored
    }
    if current.isStopping, endings.contains(report.state) {
      confirmStop(of: id)
      return .applied
    }
    guard task.state.isActive else {
      let isSame = report.state == current.state || report.state == .killed && current.state == .failed
      act(isSame ? .duplicateTerminalIgnored : .staleAttemptIgnored, name(id))
      return .ignored
    }
    let reason = report.endReason ?? (report.exitCode == nil ? .unknown : .exited)
    switch report.state {
    case .building, .running:
      guard report.state.rawValue > task.state.rawValue else { return .ignored }
      let sinceMs = nowMs
      change(id) { $0.state = report.state }
      changeAttempt(of: id) {
        $0.state = report.state
        if report.state == .running { $0.runningMs = sinceMs }
      }
      act(.taskStateChanged, name(id))
      return .applied
    case .succeeded:
      let reason = report.endReason ?? .exited
      endAttempt(of: id, as: .succeeded, error: report.error, exitCode: report.exitCode ?? 0, endReason: reason)
      return .applied
    case .killed:
      let error = report.error ?? ModelText.killedOutside
      endAttempt(of: id, as: .failed, error: error, exitCode: report.exitCode, endReason: reason)
      return .applied
    case .failed, .workerFailed:
      endAttempt(of: id, as: report.state, error: report.error, exitCode: report.exitCode, endReason: reason)
      return .applied
    default: return .ignored
    }
  }

  mutating func preempt(_ reference: TaskReference, _ reason: String?) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    if task(id).state.isTerminal { return .rejected(.taskFinished) }
    guard task(id).state.isActive else { return .ignored }
    endAttempt(of: id, as: .preempted, error: reason, mustStop: true)
    return .applied
  }

  /// The current attempt of an active task ended for a reason of its own: it succeeds, or it is tried again if its
  /// budgets allow, and then come its gang and its job.
  mutating func endAttempt(
    of id: ModelTaskID, as ended: TaskState, error: String?, exitCode: Int32? = nil, endReason: EndReason? = nil,
    mustStop: Bool = false
  ) {
    let retries = charge(id, ended)
    leave(
      id, as: ended, to: retries ? .pending : ended, error: error, exitCode: exitCode, endReason: endReason,
      mustStop: mustStop)
    cascade(of: id, ended, retries: retries)
  }

  /// What the end of an attempt costs its task. May it be tried again?
  private mutating func charge(_ id: ModelTaskID, _ ended: TaskState) -> Bool {
    let request = jobs[id.job].request
    let deliveryRetries = settings.deliveryRetries
    var retries = false
    change(id) { task in
      switch (ended, isExecuting: task.state.isExecuting) {
      case (.failed, _):
        task.failures += 1
        retries = task.failures <= request.maxRetriesFailure
      case (.workerFailed, true), (.preempted, true):
        task.preemptions += 1
        retries = task.preemptions <= request.maxRetriesPreemption
      case (.workerFailed, false):
        task.deliveries += 1
        retries = task.deliveries <= deliveryRetries
      case (.preempted, false): retries = true
      default: break
      }
    }
    return retries
  }

  /// What follows from the end of an attempt for its gang and for its job.
  mutating func cascade(of id: ModelTaskID, _ ended: TaskState, retries: Bool) {
    if jobs[id.job].request.coscheduled, ended != .succeeded { bounceSiblings(of: id, retries: retries) }
    settle(id.job)
  }

  /// When a member will retry, its active siblings wait again too; when it will not, all unfinished ones end.
  private mutating func bounceSiblings(of id: ModelTaskID, retries: Bool) {
    for sibling in tasks(of: id.job) where sibling != id {
      if retries, task(sibling).state.isActive {
        leave(
          sibling, as: .coscheduledFailed, to: .pending, error: nil, mustStop: true, first: .coscheduledSiblingRequeued)
      } else if !retries, !task(sibling).state.isTerminal {
        leave(
          sibling, as: .coscheduledFailed, to: .coscheduledFailed, error: nil, mustStop: true,
          first: .coscheduledSiblingKilled)
      }
    }
  }

  /// Moves a task to a state in which it is on no worker, and its attempt, if it is active, to its end.
  ///
  /// - Parameter mustStop: a process of it may run, and its worker must stop that.
  mutating func leave(
    _ id: ModelTaskID, as ended: TaskState, to state: TaskState, error: String?, exitCode: Int32? = nil,
    endReason: EndReason? = nil, mustStop: Bool = false, first kind: ActionKind = .taskStateChanged
  ) {
    let wasActive = task(id).state.isActive
    if wasActive {
      if mustStop { stopProcess(of: id) }
      let endedMs = nowMs
      changeAttempt(of: id) {
        $0.state = ended
        $0.endedMs = endedMs
        $0.error = error
        $0.exitCode = exitCode
        $0.endReason = endReason
      }
    }
    change(id) {
      $0.state = state
      $0.error = error
    }
    act(kind, name(id))
    if wasActive { act(.taskUnassigned, name(id)) }
    removeEndpoints(of: id)
    if state == .pending { act(.taskRequeued, name(id)) }
  }
}
