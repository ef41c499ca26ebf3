import EventModel

extension ReferenceModel {
  mutating func assign(_ taskReference: TaskReference, _ workerReference: WorkerReference) -> Outcome {
    guard let worker = worker(workerReference) else { return .rejected(.unknownWorker) }
    guard let id = task(taskReference) else { return .rejected(.unknownTask) }
    guard task(id).state == .pending else { return .rejected(.taskNotSchedulable) }
    if let lacking = jobs[id.job].request.resources.byName.lacking(in: free(on: worker)) {
      transaction.missing = lacking
      return .rejected(.insufficientCapacity)
    }
    let attempt = ModelAttempt(
      state: .assigned, workerSerial: worker.serial, workerName: worker.name, startedMs: nowMs)
    change(id) {
      $0.state = .assigned
      $0.error = nil
      $0.exitCode = nil
      $0.attempts.append(attempt)
    }
    act(.taskAssigned, name(id))
    return .applied
  }

  mutating func report(_ report: TaskReport) -> Outcome {
    guard let id = task(report.task) else { return .rejected(.unknownTask) }
    let reportable: Set<TaskState> = [.pending, .building, .running, .succeeded, .failed, .killed, .workerFailed]
    guard reportable.contains(report.state) else { return .rejected(.malformed) }
    let task = task(id)
    guard let current = task.attempts.last, Int(report.attempt) == task.attempts.count - 1 else {
      act(.staleAttemptIgnored, name(id))
      return .ignored
    }
    guard task.state.isActive else {
      let isSame = report.state == current.state || report.state == .killed && current.state == .failed
      act(isSame ? .duplicateTerminalIgnored : .staleAttemptIgnored, name(id))
      return .ignored
    }
    switch report.state {
    case .building, .running:
      guard report.state.rawValue > task.state.rawValue else { return .ignored }
      change(id) {
        $0.state = report.state
        $0.attempts[$0.attempts.count - 1].state = report.state
      }
      act(.taskStateChanged, name(id))
      return .applied
    case .succeeded:
      endAttempt(of: id, as: .succeeded, error: report.error, exitCode: report.exitCode ?? 0)
      return .applied
    case .killed:
      let error = report.error ?? "killed by something outside the controller"
      endAttempt(of: id, as: .failed, error: error, exitCode: report.exitCode)
      return .applied
    case .failed, .workerFailed:
      endAttempt(of: id, as: report.state, error: report.error, exitCode: report.exitCode)
      return .applied
    default: return .ignored
    }
  }

  mutating func preempt(_ reference: TaskReference, _ reason: String?) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    if task(id).state.isTerminal { return .rejected(.taskFinished) }
    guard task(id).state.isActive else { return .ignored }
    stopProcess(of: id)
    endAttempt(of: id, as: .preempted, error: reason)
    return .applied
  }

  mutating func registerEndpoint(_ reference: TaskReference, _ endpoint: String) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    if task(id).state.isTerminal { return .rejected(.taskFinished) }
    guard task(id).state.isActive else { return .rejected(.taskNotSchedulable) }
    guard endpoints[endpoint] != id else { return .ignored }
    guard endpoints.values.count(where: { $0 == id }) < 16 else { return .rejected(.malformed) }
    if let holder = endpoints[endpoint] { act(.endpointTaken, name(holder)) }
    endpoints[endpoint] = id
    act(.endpointRegistered, name(id))
    return .applied
  }

  mutating func change(_ id: ModelTaskID, _ change: (inout ModelTask) -> Void) {
    change(&jobs[id.job].tasks[id.index])
  }

  /// The process of an active task must be stopped by its worker, if that still lives.
  mutating func stopProcess(of id: ModelTaskID) {
    guard let attempt = task(id).attempts.last, attempt.workerSerial != lostWorker else { return }
    let number = UInt32(task(id).attempts.count - 1)
    transaction.tasksToKill.insert(.init(task: name(id), attempt: number, worker: attempt.workerName))
  }

  /// The current attempt of an active task ended for a reason of its own: it succeeds, or it is tried again if its
  /// budgets allow, and then come its gang and its job.
  mutating func endAttempt(of id: ModelTaskID, as ended: TaskState, error: String?, exitCode: Int32? = nil) {
    let request = jobs[id.job].request
    let wasExecuting = task(id).state.isExecuting
    let deliveryRetries = settings.deliveryRetries
    var retries = false
    change(id) { task in
      switch ended {
      case .failed:
        task.failures += 1
        retries = task.failures <= request.maxRetriesFailure
      case .workerFailed, .preempted:
        if wasExecuting {
          task.preemptions += 1
          retries = task.preemptions <= request.maxRetriesPreemption
        } else if ended == .workerFailed {
          task.deliveries += 1
          retries = task.deliveries <= deliveryRetries
        } else {
          retries = true
        }
      default: break
      }
    }
    close(id, attempt: ended, task: retries ? .pending : ended, error: error, exitCode: exitCode)
    act(.taskStateChanged, name(id))
    actUnassigned(id)
    if retries { act(.taskRequeued, name(id)) }
    if request.coscheduled, ended != .succeeded { bounceSiblings(of: id, retries: retries) }
    settle(id.job)
  }

  private mutating func bounceSiblings(of id: ModelTaskID, retries: Bool) {
    for sibling in tasks(of: id.job) where sibling != id && !task(sibling).state.isTerminal {
      let wasActive = task(sibling).state.isActive
      if !wasActive, retries { continue }
      if wasActive { stopProcess(of: sibling) }
      close(
        sibling, attempt: .coscheduledFailed, task: retries ? .pending : .coscheduledFailed,
        error: nil, exitCode: nil)
      act(retries ? .coscheduledSiblingRequeued : .coscheduledSiblingKilled, name(sibling))
      if wasActive { actUnassigned(sibling) }
      if retries { act(.taskRequeued, name(sibling)) }
    }
  }

  /// Moves a task to a state in which it is on no worker, and its attempt, if it is active, to its end.
  mutating func close(
    _ id: ModelTaskID, attempt: TaskState, task state: TaskState, error: String?, exitCode: Int32?
  ) {
    let endedMs = nowMs
    change(id) { task in
      if task.state.isActive {
        let last = task.attempts.count - 1
        task.attempts[last].state = attempt
        task.attempts[last].endedMs = endedMs
        task.attempts[last].error = error
        task.attempts[last].exitCode = exitCode
        task.exitCode = exitCode
      }
      task.state = state
      task.error = error
    }
    endpointsRemoved = endpoints.values.count { $0 == id }
    endpoints = endpoints.filter { $0.value != id }
  }
}
