import EventModel

extension ControllerState {
  /// A controller that goes on where another was saved. Every worker's clock starts afresh at `timeMs`, and the logical
  /// clock is at least that. The transaction log is empty and its numbers go on.
  ///
  /// To replay events that followed the saving, restore at the saved `nowMs`, and call `restartLiveness` afterwards.
  /// Traps when `saved` contradicts itself: whoever reads it from outside looks at its `contradiction` first.
  public init(
    restoring saved: SavedState, configuration: ControllerConfiguration = ControllerConfiguration(), atMs timeMs: Int64
  ) {
    self.init(configuration: configuration)
    transactionLog = TransactionLog(
      capacity: configuration.transactionLogCapacity, actionCapacity: configuration.transactionLogActionCapacity,
      lastNumber: saved.lastTransactionNumber)
    brakes = saved.brakes
    livenessRestartMs = timeMs
    nowMs = max(saved.nowMs, timeMs)
    lastInsertionNumber = saved.lastInsertionNumber
    readyMs = nowMs
    cluster.restore(saved, heartbeatMs: timeMs)
    for drain in saved.drains {
      drains[drain.worker] = Drain(
        reason: drain.reason, submitter: drain.submitter, startedMs: drain.startedMs, graceMs: drain.graceMs,
        worker: cluster.slot(named: drain.worker).map { UInt32($0) } ?? noSlot)
    }
    totals.workers = saved.workers.count
    for worker in saved.workers { totals.capacity += cluster.totals[Int(worker.slot)] }
    jobs.restoreSlots(generations: saved.jobGenerations, freeSlots: saved.freeJobSlots)
    tasks.restoreRuns(generations: saved.taskGenerations, freeRuns: saved.freeTaskRuns)
    errors.restore(saved.errors)
    attempts.reserve(saved.attempts.count)
    var nextTask = 0
    var nextAttempt = 0
    for job in saved.jobs {
      let count = Int(job.taskCount)
      restoreJob(job, isStopping: saved.tasks[nextTask..<(nextTask + count)].contains(where: \.stopping))
      for slot in Int(job.firstTaskSlot)..<(Int(job.firstTaskSlot) + Int(job.taskCount)) {
        let task = saved.tasks[nextTask]
        nextTask += 1
        let end = nextAttempt + Int(task.attemptCount)
        restoreTask(task, slot: slot, job: Int(job.slot), saved.attempts[nextAttempt..<end])
        nextAttempt = end
      }
      if jobs.schedulable(Int(job.slot)) > 0 { enterQueue(Int(job.slot)) }
      if tasks.fresh.first(in: jobs.rows[Int(job.slot)].taskSlots) != nil, let key = deadlineKey(Int(job.slot)) {
        deadlines.insert(key)
      }
    }
    formerTimeout = saved.formerTimeoutMs.map { ($0, .max) }
    for assignment in saved.earlierAssignments { earlierAssignments[assignment.taskSlot] = assignment.assignedMs }
    restoreLinks(saved.jobs)
    cluster.restoreCapacity()
    for endpoint in saved.endpoints {
      endpointTable.add(
        endpoint.name, task: Int(endpoint.taskSlot), first: &tasks.rows[Int(endpoint.taskSlot)].firstEndpoint)
    }
    rowSum = recomputedRowSum()
  }

  /// - Parameter isStopping: some attempt of it stops, and holds what it held.
  private mutating func restoreJob(_ job: SavedJob, isStopping: Bool) {
    let slot = Int(job.slot)
    var row = JobRow(job.request, submittedMs: job.submittedMs)
    var resources = job.request.resources
    // A job that is over names no kinds of devices any more.
    if job.state.isTerminal, !isStopping { resources.devices = [:] }
    let ask = cluster.restoreKinds(resources)
    if !job.state.isTerminal { row.rule = retainRule(job.request.constraints) }
    row.state = job.state
    row.depth = job.depth
    row.rootSubmittedMs = job.rootSubmittedMs
    row.endedMs = job.endedMs ?? 0
    row.insertionNumber = job.insertionNumber
    row.firstTask = job.firstTaskSlot
    row.taskCount = Int32(job.taskCount)
    let detail = JobDetail(name: job.name, request: job.request, parentName: job.parentName, error: job.error)
    jobs.place(row, ask, detail, at: slot, generation: jobs.rows[slot].generation)
    totals.jobs[job.state] += 1
  }

  private mutating func restoreTask(
    _ task: SavedTask, slot: Int, job: Int, _ saved: ArraySlice<SavedAttempt>
  ) {
    var row = TaskRow(generation: tasks.rows[slot].generation, job: UInt32(job))
    row.state = task.state
    row.error = TextID(rawValue: task.error)
    errors.retain(row.error)
    row.exitCode = task.exitCode ?? 0
    row.hasExitCode = task.exitCode != nil
    row.failures = task.failures
    row.preemptions = task.preemptions
    row.deliveries = task.deliveries
    row.attemptCount = task.attemptCount
    for attempt in saved { row.lastAttempt = restoreAttempt(attempt, previous: row.lastAttempt) }
    if let schedulableMs = task.schedulableMs { schedulableSince[UInt32(slot)] = schedulableMs }
    tasks.rows[slot] = row
    tasks.noteError(of: slot)
    jobs.rows[job].counts[task.state] += 1
    if !saved.isEmpty { jobs.rows[job].everStarted = true }
    totals.tasks[task.state] += 1
    if task.state.isActive || task.stopping {
      guard let handle = saved.last?.worker, let worker = cluster.slot(of: handle) else {
        preconditionFailure("an active task of the saved state is on no registered worker")
      }
      linkToWorker(slot, worker: worker, isStopping: task.stopping)
      commitCapacity(ofJob: job, on: worker)
    }
    if task.stopping {
      jobs.rows[job].stopping += 1
      totals.stopping += 1
    }
    restoreTimers(slot, job: job)
  }

  /// What a task waits for, or what is due for it.
  private mutating func restoreTimers(_ slot: Int, job: Int) {
    switch tasks.rows[slot].state {
    case .pending:
      tasks.pending.insert(slot)
      if tasks.rows[slot].attemptCount == 0 { tasks.fresh.insert(slot) }
      let dueMs = backOffMs(slot)
      if tasks.isStopping(slot) {
        jobs.rows[job].unready += 1
      } else if let dueMs, dueMs > nowMs {
        jobs.rows[job].unready += 1
        backOffs.insert(dueKey(slot, dueMs))
      } else {
        tasks.ready.insert(slot)
      }
    case .assigned: deliveries.append(slot, sinceMs: attempts[tasks.rows[slot].lastAttempt].stateMs)
    default:
      if let dueMs = runLimitMs(slot) { runLimits.insert(dueKey(slot, dueMs)) }
    }
  }

  private mutating func restoreAttempt(_ attempt: SavedAttempt, previous: UInt32) -> UInt32 {
    var row = AttemptRow(
      previous: previous, number: attempt.number, worker: attempt.worker,
      workerName: TextID(rawValue: attempt.workerName), startedMs: attempt.startedMs,
      stateMs: attempt.endedMs ?? attempt.runningMs ?? livenessRestartMs ?? nowMs)
    row.error = TextID(rawValue: attempt.error)
    row.exitCode = attempt.exitCode ?? 0
    row.hasExitCode = attempt.exitCode != nil
    row.endReason = attempt.endReason
    row.state = attempt.state
    cluster.names.retain(row.workerName)
    errors.retain(row.error)
    return attempts.add(row)
  }

  private mutating func restoreLinks(_ saved: [SavedJob]) {
    for job in saved {
      for child in job.children {
        jobs.appendChild(Int(child), to: Int(job.slot))
      }
    }
    let ended = saved.filter { $0.state.isTerminal }
      .sorted { ($0.endedMs ?? 0, $0.insertionNumber) < ($1.endedMs ?? 0, $1.insertionNumber) }
    for job in ended {
      jobs.appendEnded(Int(job.slot))
    }
  }

  /// Goes on with other settings: what they decide is decided anew from here on. The sizes of the log stay.
  public mutating func configure(_ configuration: ControllerConfiguration) {
    var settings = configuration
    settings.transactionLogCapacity = self.configuration.transactionLogCapacity
    settings.transactionLogActionCapacity = self.configuration.transactionLogActionCapacity
    noteTimeout(before: self.configuration.workerTimeoutMs, after: settings.workerTimeoutMs)
    self.configuration = settings
    // Zones may be judged with others than before.
    deliveries.lookAtAllAgain()
    noteUncountedGain()
  }
}
