import EventModel

/// Attempts that are over for their tasks while their processes may still run: those that a worker was ordered to stop and
/// that says so when it has. Until then they hold what they held, and their tasks are not assigned anew.
extension ControllerState {
  /// Keeps an attempt that has just ended on its worker, which confirms its stop.
  mutating func beginStopping(_ task: Int) {
    let worker = Int(tasks.rows[task].worker)
    cluster.rows[worker].runningCount -= 1
    cluster.rows[worker].stoppingCount += 1
    jobs.rows[jobSlot(ofTask: task)].stopping += 1
    totals.stopping += 1
    tasks.active.remove(task)
  }

  /// The process of a stopping attempt is gone: what it held is free, and its task, if PENDING, may be assigned.
  ///
  /// Moves no task and no job.
  mutating func confirmStop(of task: Int, cause: Cause, _ draft: inout TransactionDraft) {
    precondition(tasks.isStopping(task), "a stop is confirmed once")
    openTask(task)
    let job = jobSlot(ofTask: task)
    let worker = Int(tasks.rows[task].worker)
    let identity = cluster.identity(worker)
    unlinkFromWorker(task)
    cluster.rows[worker].stoppingCount -= 1
    jobs.rows[job].stopping -= 1
    totals.stopping -= 1
    releaseCapacity(ofJob: job, on: worker)
    if jobs.rows[job].isOver { releaseDevices(ofJob: job) }
    if tasks.rows[task].state == .pending {
      schedulableSince[UInt32(task)] = nowMs
      becomeReady(task)
    }
    draft.add(
      .taskStopped, taskSubject(task), attempt: tasks.rows[task].attemptCount - 1, worker: identity, cause: cause)
  }

  mutating func taskStopped(_ stop: TaskStop, _ draft: inout TransactionDraft) -> Outcome {
    guard let task = taskSlot(stop.task) else { return .ignored }
    let subject = taskSubject(task)
    draft.subject = subject
    let row = tasks.rows[task]
    guard row.attemptCount > 0, stop.attempt == row.attemptCount - 1 else {
      draft.add(.staleAttemptIgnored, subject, attempt: stop.attempt, cause: .event)
      return .ignored
    }
    if row.state.isActive { return .ignored }
    guard tasks.isStopping(task) else {
      draft.add(.duplicateTerminalIgnored, subject, attempt: stop.attempt, cause: .event)
      return .ignored
    }
    openTask(task)
    let endReason = stop.endReason ?? (stop.exitCode == nil ? .unknown : .exited)
    errors.release(
      attempts.noteStop(
        row.lastAttempt, error: errors.add(stop.error), exitCode: stop.exitCode, endReason: endReason))
    if let exitCode = stop.exitCode {
      tasks.rows[task].exitCode = exitCode
      tasks.rows[task].hasExitCode = true
    }
    confirmStop(of: task, cause: .event, &draft)
    return .applied
  }

  /// The tasks whose attempts stop on a worker, in table order.
  func stoppingTasks(of worker: Int) -> [Int] {
    cluster.rows[worker].stoppingCount == 0 ? [] : linkedTasks(of: worker).filter { tasks.isStopping($0) }
  }
}
