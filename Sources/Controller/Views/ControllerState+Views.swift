import EventModel

// Entities as people read them.

extension ControllerState {
  /// A registered worker; nil when the handle is stale. O(1), and O(running tasks) to list these in order.
  public func view(of worker: WorkerHandle, listsTasks: Bool = true) -> WorkerView? {
    cluster.slot(of: worker).map { workerView($0, listsTasks: listsTasks) }
  }

  /// The first worker at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextWorker(from slot: Int, listsTasks: Bool = true) -> WorkerView? {
    firstOccupied(slot..<Int.max, of: .workers).map { workerView($0, listsTasks: listsTasks) }
  }

  /// Active tasks of a worker, without a view of them; nil when the handle is stale.
  public func runningCount(of worker: WorkerHandle) -> Int? {
    cluster.runningCount(of: worker)
  }

  /// Amounts with the names of the devices.
  public func resources(_ amounts: Amounts) -> Resources {
    cluster.kinds.resources(amounts)
  }

  /// Registered workers that get no more tasks.
  public var drainingWorkers: Int {
    drains.byName.keys.count { cluster.slot(named: $0.text) != nil }
  }

  private func workerView(_ slot: Int, listsTasks: Bool) -> WorkerView {
    let detail = cluster.details[slot]
    let drain = drains[cluster.name(slot)]
    return WorkerView(
      handle: cluster.handle(slot),
      name: cluster.name(slot),
      address: detail.address,
      metadata: detail.metadata,
      incarnation: detail.incarnation,
      lastHeartbeatMs: cluster.liveness[slot].lastHeartbeatMs,
      consecutiveFailures: cluster.liveness[slot].consecutiveFailures,
      committed: cluster.kinds.resources(cluster.committed[slot]),
      runningCount: Int(cluster.rows[slot].runningCount),
      stoppingCount: Int(cluster.rows[slot].stoppingCount),
      isDraining: cluster.isDraining(slot),
      drainReason: drain?.reason,
      drainedBy: drain?.submitter,
      drainEndsMs: drain?.endsMs,
      timeoutMs: configuration.workerTimeoutMs,
      runningTasks: listsTasks ? runningTasks(of: slot).map { tasks.handle($0) } : [],
      stoppingTasks: listsTasks ? stoppingTasks(of: slot).map { tasks.handle($0) } : [])
  }
}

extension ControllerState {
  /// A job; nil when the handle is stale.
  public func view(of job: JobHandle) -> JobView? {
    jobs.slot(of: job).map { jobView($0) }
  }

  /// The first job at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextJob(from slot: Int) -> JobView? {
    firstOccupied(slot..<Int.max, of: .jobs).map { jobView($0) }
  }

  /// The task of a job with this index; nil when there is none.
  public func task(at index: Int, of job: JobHandle) -> TaskHandle? {
    guard let slot = jobs.slot(of: job), index >= 0, index < Int(jobs.rows[slot].taskCount) else { return nil }
    return tasks.handle(Int(jobs.rows[slot].firstTask) + index)
  }

  private func jobView(_ slot: Int) -> JobView {
    let row = jobs.rows[slot]
    let detail = jobs.details[slot]
    return JobView(
      handle: jobs.handle(slot),
      name: detail.name,
      state: row.state,
      error: row.state.isTerminal ? detail.error : firstTaskError(ofJob: slot),
      request: detail.request,
      submittedMs: row.submittedMs,
      endedMs: row.state.isTerminal ? row.endedMs : nil,
      taskCounts: row.counts,
      parentName: detail.parentName,
      depth: Int(row.depth),
      insertionNumber: row.insertionNumber,
      taskCount: Int(row.taskCount),
      specificationBytes: detail.request.specification.recordBytes)
  }
}

extension ControllerState {
  /// A task, with so many of its attempts at the most; nil when the handle is stale. O(attempts viewed).
  public func view(of task: TaskHandle, newestAttempts limit: Int = .max) -> TaskView? {
    tasks.slot(of: task).map { taskView($0, newestAttempts: limit) }
  }

  /// The first task at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextTask(from slot: Int, newestAttempts limit: Int = .max) -> TaskView? {
    firstOccupied(slot..<Int.max, of: .tasks).map { taskView($0, newestAttempts: limit) }
  }

  private func taskView(_ slot: Int, newestAttempts limit: Int) -> TaskView {
    let row = tasks.rows[slot]
    let job = jobSlot(ofTask: slot)
    return TaskView(
      handle: tasks.handle(slot),
      job: jobs.handle(job),
      name: TaskName(job: jobs.name(job), index: taskIndex(slot)),
      state: row.state,
      error: errors.optionalText(row.error),
      exitCode: row.hasExitCode ? row.exitCode : nil,
      failures: row.failures,
      preemptions: row.preemptions,
      deliveries: row.deliveries,
      endReason: row.lastAttempt == noSlot ? nil : attempts[row.lastAttempt].endReason,
      isStopping: tasks.isStopping(slot),
      retryMs: row.state == .pending ? backOffMs(slot).flatMap { $0 > nowMs ? $0 : nil } : nil,
      attempts: attemptViews(ofTask: slot, newest: limit),
      attemptCount: Int(row.attemptCount),
      assignedMs: row.lastAttempt == noSlot
        ? nil : earlierAssignments[UInt32(slot)] ?? attempts[row.lastAttempt].startedMs,
      worker: !row.state.isActive ? nil : cluster.identity(Int(row.worker)))
  }

  func attemptViews(ofTask task: Int, newest limit: Int = .max) -> [AttemptView] {
    var views: [AttemptView] = []
    views.reserveCapacity(min(Int(tasks.rows[task].attemptCount), limit))
    var slot = tasks.rows[task].lastAttempt
    let isStopping = tasks.isStopping(task)
    while slot != noSlot, views.count < limit {
      let row = attempts[slot]
      views.append(
        AttemptView(
          number: row.number,
          state: row.state,
          worker: WorkerIdentity(handle: row.worker, name: cluster.names.text(row.workerName)),
          startedMs: row.startedMs,
          endedMs: row.endedMs,
          exitCode: row.hasExitCode ? row.exitCode : nil,
          error: errors.optionalText(row.error),
          endReason: row.endReason,
          isStopping: isStopping && views.isEmpty))
      slot = row.previous
    }
    views.reverse()
    return views
  }
}
