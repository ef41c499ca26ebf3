import EventModel

/// Events about one task.
extension ControllerState {
  mutating func assign(
    _ task: TaskReference, to worker: WorkerReference, _ draft: inout TransactionDraft
  ) -> Outcome {
    let taskSlot = taskSlot(task)
    if let taskSlot { draft.subject = taskSubject(taskSlot) }
    guard let workerSlot = workerSlot(worker) else { return .rejected(.unknownWorker) }
    guard let slot = taskSlot, let subject = draft.subject else { return .rejected(.unknownTask) }
    guard isSchedulable(slot, atMs: nowMs) else { return .rejected(.taskNotSchedulable) }
    let job = jobSlot(ofTask: slot)
    guard !cluster.isDraining(workerSlot) else { return .rejected(.workerDraining) }
    guard cluster.rules.isMet(jobs.rows[job].rule, by: workerSlot) else { return .rejected(.requirementNotMet) }
    guard cluster.isFree(jobs.asks, jobs.askPlace(job), workerSlot) else {
      draft.missing = cluster.kinds.shortage(of: jobs.ask(job), in: cluster.free(workerSlot))
      return .rejected(.insufficientCapacity)
    }

    releaseBackOffs(atMs: nowMs)
    openTask(slot)
    let number = tasks.rows[slot].attemptCount
    // The newest attempt until now is open with the task; from here on it never changes.
    if number > 0 { rowSum &+= attemptDigest(tasks.rows[slot].lastAttempt, ofTask: slot) }
    let identity = cluster.identity(workerSlot)
    cluster.names.retain(cluster.rows[workerSlot].name)
    tasks.rows[slot].lastAttempt = attempts.add(
      AttemptRow(
        previous: tasks.rows[slot].lastAttempt, number: number, worker: identity.handle,
        workerName: cluster.rows[workerSlot].name, startedMs: nowMs, stateMs: nowMs))
    tasks.rows[slot].attemptCount = number + 1
    tasks.rows[slot].hasExitCode = false
    errors.replace(&tasks.rows[slot].error, with: .none)
    tasks.noteError(of: slot)
    enterRunningSet(slot, worker: workerSlot)
    setState(of: slot, to: .assigned)
    awaitDelivery(of: slot, sinceMs: nowMs)
    let assigned = draft.add(
      .taskAssigned, subject, from: .pending, to: .assigned, attempt: number, worker: identity, cause: .event)
    jobs.rows[job].everStarted = true
    updateState(ofJob: job, cause: assigned, &draft)
    return .applied
  }

  mutating func applyReport(_ report: TaskReport, _ draft: inout TransactionDraft) -> Outcome {
    guard let task = taskSlot(report.task) else { return .rejected(.unknownTask) }
    let subject = taskSubject(task)
    draft.subject = subject
    switch report.state {
    case .assigned, .unschedulable, .preempted, .coscheduledFailed:
      return .rejected(.malformed)
    case .pending, .building, .running, .succeeded, .failed, .killed, .workerFailed:
      break
    }
    let reported = report.state == .killed ? .failed : report.state
    let row = tasks.rows[task]
    guard row.attemptCount > 0, report.attempt == row.attemptCount - 1 else {
      draft.add(.staleAttemptIgnored, subject, attempt: report.attempt, cause: .event)
      return .ignored
    }
    let attemptState = attempts[row.lastAttempt].state
    if attemptState.isTerminal {
      if reported.isTerminal, tasks.isStopping(task) {
        confirmStop(of: task, cause: .event, &draft)
        return .applied
      }
      let isSame = report.state == attemptState || reported == attemptState
      let kind: ActionKind = isSame ? .duplicateTerminalIgnored : .staleAttemptIgnored
      draft.add(kind, subject, attempt: report.attempt, cause: .event)
      return .ignored
    }
    // The order of the states' raw values is the order of a task's life.
    guard report.state.rawValue > attemptState.rawValue else { return .ignored }
    if report.state.isTerminal {
      let killed = report.state == .killed ? "killed by something outside the controller" : nil
      let error = errors.add(report.error ?? killed)
      endByReport(report, as: reported, task, error: error, &draft)
      errors.release(error)
    } else {
      endTimers(of: task)
      setState(of: task, to: report.state)
      attempts.setState(report.state, of: row.lastAttempt, atMs: nowMs)
      if let dueMs = runLimitMs(task) { runLimits.insert(dueKey(task, dueMs)) }
      draft.add(
        .taskStateChanged, subject, from: row.state, to: report.state, attempt: report.attempt,
        worker: cluster.identity(Int(row.worker)), cause: .event)
    }
    return .applied
  }

  private mutating func endByReport(
    _ report: TaskReport, as state: TaskState, _ task: Int, error: TextID, _ draft: inout TransactionDraft
  ) {
    let exitCode = report.exitCode ?? (state == .succeeded ? 0 : nil)
    var end = TaskEnd(
      attemptState: state, taskState: state, error: error, exitCode: exitCode,
      endReason: report.endReason ?? (exitCode == nil ? .unknown : .exited), killsProcess: false)
    switch state {
    case .succeeded: break
    case .failed:
      openTask(task)
      tasks.rows[task].failures += 1
      if tasks.rows[task].failures <= jobs.rows[jobSlot(ofTask: task)].maxRetriesFailure { end.taskState = .pending }
    default:
      end.taskState = chargeLoss(of: task, exhausted: .workerFailed)
    }
    finish(task, end, cause: .event, &draft)
  }

  /// A task lost its worker, or its worker lost the task.
  mutating func loseTask(
    _ task: Int, error: TextID, killsProcess: Bool, cause: Cause, _ draft: inout TransactionDraft
  ) {
    let end = TaskEnd(
      attemptState: .workerFailed, taskState: chargeLoss(of: task, exhausted: .workerFailed), error: error,
      killsProcess: killsProcess)
    finish(task, end, cause: cause, &draft)
  }

  /// Charges the loss of an attempt to the budget that bears it, and says what becomes of the task.
  mutating func chargeLoss(of task: Int, exhausted: TaskState) -> TaskState {
    openTask(task)
    if tasks.rows[task].state.isExecuting {
      tasks.rows[task].preemptions += 1
      let budget = jobs.rows[jobSlot(ofTask: task)].maxRetriesPreemption
      return tasks.rows[task].preemptions <= budget ? .pending : exhausted
    }
    tasks.rows[task].deliveries += 1
    return tasks.rows[task].deliveries <= configuration.deliveryRetries ? .pending : exhausted
  }

  mutating func preempt(_ task: TaskReference, reason: String?, _ draft: inout TransactionDraft) -> Outcome {
    guard let task = taskSlot(task) else { return .rejected(.unknownTask) }
    draft.subject = taskSubject(task)
    let state = tasks.rows[task].state
    guard !state.isTerminal else { return .rejected(.taskFinished) }
    guard state.isActive else { return .ignored }
    let next = state.isExecuting ? chargeLoss(of: task, exhausted: .preempted) : .pending
    let error = errors.add(reason)
    let end = TaskEnd(attemptState: .preempted, taskState: next, error: error, killsProcess: true)
    finish(task, end, cause: .event, &draft)
    errors.release(error)
    return .applied
  }

  mutating func registerEndpoint(
    _ name: String, of task: TaskReference, _ draft: inout TransactionDraft
  ) -> Outcome {
    guard let task = taskSlot(task) else { return .rejected(.unknownTask) }
    let subject = taskSubject(task)
    draft.subject = subject
    let row = tasks.rows[task]
    guard !row.state.isTerminal else { return .rejected(.taskFinished) }
    guard row.state.isActive else { return .rejected(.taskNotSchedulable) }
    let known = endpointTable.slot(named: name)
    if let known, endpointTable.task(of: known) == task { return .ignored }
    guard endpointTable.count(first: row.firstEndpoint) < Limits.endpoints else { return .rejected(.malformed) }
    if let known {
      // The name moves to the task that claimed it last.
      let holder = endpointTable.task(of: known)
      endpointTable.remove(known, first: &tasks.rows[holder].firstEndpoint)
      draft.add(
        .endpointTaken, taskSubject(holder), attempt: tasks.rows[holder].attemptCount - 1, endpoint: name,
        cause: .event)
    }
    endpointTable.add(name, task: task, first: &tasks.rows[task].firstEndpoint)
    draft.add(
      .endpointRegistered, subject, attempt: row.attemptCount - 1, endpoint: name, cause: .event)
    return .applied
  }
}
