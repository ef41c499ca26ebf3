import EventModel

extension ControllerState {
  /// A controller that goes on where another was saved. Every worker's clock starts afresh at `timeMs`, and the logical
  /// clock is at least that. The transaction log is empty and its numbers go on.
  ///
  /// To replay events that followed the saving, restore at the saved `nowMs`, and call `restartLiveness` afterwards.
  /// Traps when `saved` contradicts itself: whoever reads it from outside checks that it is what was written.
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
    cluster.restoreSlots(generations: saved.workerGenerations, freeSlots: saved.freeWorkerSlots)
    jobs.restoreSlots(generations: saved.jobGenerations, freeSlots: saved.freeJobSlots)
    tasks.restoreRuns(generations: saved.taskGenerations, freeRuns: saved.freeTaskRuns)
    var workerNames: [String: TextID] = [:]
    for worker in saved.workers {
      restoreWorker(worker, heartbeatMs: timeMs)
      workerNames[worker.name] = cluster.rows[Int(worker.slot)].name
    }
    for job in saved.jobs {
      restoreJob(job, workerNames: &workerNames)
    }
    restoreLinks(saved.jobs)
    for endpoint in saved.endpoints {
      endpointTable.add(
        endpoint.name, task: Int(endpoint.taskSlot), first: &tasks.rows[Int(endpoint.taskSlot)].firstEndpoint)
    }
    rowSum = recomputedRowSum()
    placementPass.noteChange()
  }

  private mutating func restoreWorker(_ worker: SavedWorker, heartbeatMs: Int64) {
    let slot = Int(worker.slot)
    let detail = WorkerDetail(address: worker.address, metadata: worker.metadata, incarnation: worker.incarnation)
    cluster.place(name: worker.name, detail, heartbeatMs: heartbeatMs, at: slot)
    cluster.liveness[slot].consecutiveFailures = worker.consecutiveFailures
    totals.workers += 1
    totals.totalMilliCPU += worker.metadata.milliCPU
  }

  private mutating func restoreJob(_ job: SavedJob, workerNames: inout [String: TextID]) {
    let slot = Int(job.slot)
    var row = JobRow(job.request, submittedMs: job.submittedMs)
    row.state = job.state
    row.depth = job.depth
    row.rootSubmittedMs = job.rootSubmittedMs
    row.endedMs = job.endedMs ?? 0
    row.insertionNumber = job.insertionNumber
    row.firstTask = job.firstTaskSlot
    row.taskCount = Int32(job.tasks.count)
    row.everStarted = job.tasks.contains { !$0.attempts.isEmpty }
    let detail = JobDetail(name: job.name, request: job.request, parentName: job.parentName, error: job.error)
    jobs.place(row, detail, at: slot, generation: jobs.rows[slot].generation)
    totals.jobs[job.state] += 1
    for (index, task) in job.tasks.enumerated() {
      restoreTask(task, slot: Int(job.firstTaskSlot) + index, job: slot, workerNames: &workerNames)
    }
    if jobs.rows[slot].counts[.pending] > 0 { enterQueue(slot) }
  }

  private mutating func restoreTask(
    _ task: SavedTask, slot: Int, job: Int, workerNames: inout [String: TextID]
  ) {
    tasks.rows[slot].job = UInt32(job)
    tasks.rows[slot].state = task.state
    tasks.rows[slot].error = errors.add(task.error)
    tasks.rows[slot].exitCode = task.exitCode ?? 0
    tasks.rows[slot].hasExitCode = task.exitCode != nil
    tasks.rows[slot].failures = task.failures
    tasks.rows[slot].preemptions = task.preemptions
    tasks.rows[slot].deliveries = task.deliveries
    tasks.rows[slot].attemptCount = UInt32(task.attempts.count)
    jobs.rows[job].counts[task.state] += 1
    totals.tasks[task.state] += 1
    for attempt in task.attempts {
      tasks.rows[slot].lastAttempt = restoreAttempt(
        attempt, previous: tasks.rows[slot].lastAttempt, workerNames: &workerNames)
    }
    if task.state == .pending { tasks.pending.insert(slot) }
    if task.state.isActive {
      guard let handle = task.attempts.last?.worker.handle, let worker = cluster.slot(of: handle) else {
        preconditionFailure("an active task of the saved state is on no registered worker")
      }
      enterRunningSet(slot, worker: worker)
    }
  }

  private mutating func restoreAttempt(
    _ attempt: AttemptView, previous: UInt32, workerNames: inout [String: TextID]
  ) -> UInt32 {
    let name: TextID
    if let known = workerNames[attempt.worker.name] {
      name = known
      cluster.names.retain(known)
    } else {
      name = cluster.names.add(attempt.worker.name)
      workerNames[attempt.worker.name] = name
    }
    return attempts.add(
      AttemptRow(
        previous: previous,
        number: attempt.number,
        worker: attempt.worker.handle,
        startedMs: attempt.startedMs,
        endedMs: attempt.endedMs ?? 0,
        workerName: name,
        error: errors.add(attempt.error),
        exitCode: attempt.exitCode ?? 0,
        hasExitCode: attempt.exitCode != nil,
        state: attempt.state))
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
}
