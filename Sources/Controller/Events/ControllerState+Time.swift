import EventModel

/// What the passing of time brings.
extension ControllerState {
  /// Advances the logical clock to `nowMs` and handles, one by one, every event that is due then: lost workers in table
  /// order, then what `passedDeadlines` lists.
  ///
  /// For scripts, whose clock is right by definition: no grace, no brake. Who listens to real workers asks a
  /// `LivenessJudge`.
  public mutating func tick(nowMs timeMs: Int64) -> [Transaction] {
    guard ControllerLimits.timestampMs.contains(timeMs) else { return [] }
    nowMs = max(nowMs, timeMs)
    releaseBackOffs(atMs: nowMs)
    var due: [Event] = []
    overdueWorkers(inSlots: 0..<workerSlots, nowMs: nowMs, into: &due)
    var transactions: [Transaction] = []
    transactions.reserveCapacity(due.count)
    for event in due {
      transactions.append(handle(event))
    }
    // One at a time: what one ends can end others that are due too.
    while true {
      due.removeAll(keepingCapacity: true)
      passedDeadlines(nowMs: nowMs, limit: 1, into: &due)
      guard let event = due.first else { return transactions }
      transactions.append(handle(event))
    }
  }

  /// Size of the table of workers that `overdueWorkers` sweeps.
  public var workerSlots: Int { cluster.workerSlots }

  /// Appends an event for each worker in these slots whose last heartbeat is strictly older than the timeout. Slots
  /// beyond the table are passed over.
  public func overdueWorkers(inSlots slots: Range<Int>, nowMs: Int64, into events: inout [Event]) {
    let oldestAllowedMs = nowMs &- configuration.workerTimeoutMs
    for slot in slots.clamped(to: 0..<workerSlots) where cluster.liveness[slot].lastHeartbeatMs < oldestAllowedMs {
      events.append(
        .workerTimedOut(
          .handle(cluster.handle(slot)), lastHeartbeatMs: cluster.liveness[slot].lastHeartbeatMs,
          timeoutMs: configuration.workerTimeoutMs, timestampMs: nowMs))
    }
  }

  /// Appends events for what is due beside lost workers, at most `limit`: graces of drains that are over, tasks that ran for
  /// too long, assignments of which nothing was heard, and of each job whose scheduling deadline has come its first task
  /// that was never assigned; of each the earliest first. Handle them before asking again.
  public mutating func passedDeadlines(nowMs: Int64, limit: Int, into events: inout [Event]) {
    let end = min(limit, .max - events.count) + events.count
    appendPassedDrains(nowMs: nowMs, into: &events, upTo: end)
    var run = runLimits.first
    while events.count < end, let key = run, key.dueMs < nowMs {
      events.append(
        .taskTimedOut(.handle(tasks.handle(Int(key.task))), attempt: newestAttempt(key), timestampMs: nowMs))
      run = runLimits.first(after: key)
    }
    appendLateDeliveries(nowMs: nowMs, into: &events, upTo: end)
    var next = deadlines.first
    while events.count < end, let key = next, key.deadlineMs <= nowMs {
      events.append(deadlinePassed(key, nowMs: nowMs))
      next = deadlines.first(after: key)
    }
  }

  private func newestAttempt(_ key: TaskDueKey) -> UInt32 { tasks.rows[Int(key.task)].attemptCount - 1 }

  private func appendPassedDrains(nowMs: Int64, into events: inout [Event], upTo end: Int) {
    var next = drains.ends.first
    while events.count < end, let key = next, key.endsMs <= nowMs {
      events.append(.workerDrainPassed(.handle(cluster.handle(Int(key.worker))), timestampMs: nowMs))
      next = drains.ends.first(after: key)
    }
  }

  private mutating func appendLateDeliveries(nowMs: Int64, into events: inout [Event], upTo end: Int) {
    guard configuration.assignmentTimeoutMs > 0 else { return }
    let oldestAllowedMs = nowMs - configuration.assignmentTimeoutMs
    for key in lateDeliveries(sinceBefore: oldestAllowedMs, atLeast: end - events.count).prefix(end - events.count) {
      events.append(
        .assignmentTimedOut(.handle(tasks.handle(Int(key.task))), attempt: newestAttempt(key), timestampMs: nowMs))
    }
  }

  private func deadlinePassed(_ key: DeadlineKey, nowMs: Int64) -> Event {
    guard let task = tasks.fresh.first(in: jobs.rows[Int(key.job)].taskSlots) else {
      preconditionFailure("a job whose tasks were all assigned waits for its scheduling deadline")
    }
    return .schedulingDeadlinePassed(.handle(tasks.handle(task)), timestampMs: nowMs)
  }

  mutating func passDeadline(of task: TaskReference, _ draft: inout TransactionDraft) -> Outcome {
    guard let task = taskSlot(task) else { return .rejected(.unknownTask) }
    draft.subject = taskSubject(task)
    let state = tasks.rows[task].state
    guard !state.isTerminal else { return .rejected(.taskFinished) }
    guard tasks.fresh.contains(task), let deadlineMs = jobs.rows[jobSlot(ofTask: task)].deadlineMs, deadlineMs <= nowMs
    else {
      return .ignored
    }
    let error = errors.add("Scheduling timeout exceeded")
    let end = TaskEnd(
      attemptState: .unschedulable, taskState: .unschedulable, error: error, killsProcess: false)
    finish(task, end, cause: .event, &draft)
    errors.release(error)
    return .applied
  }
}
