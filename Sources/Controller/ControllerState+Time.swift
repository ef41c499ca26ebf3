import EventModel

/// What the passing of time brings.
extension ControllerState {
  /// Advances the logical clock to `nowMs` and handles, one by one, every event that is due then: lost workers in table
  /// order, then passed scheduling deadlines, the earliest first.
  ///
  /// For scripts, whose clock is right by definition: no grace, no brake. Who listens to real workers asks a
  /// `LivenessJudge`.
  public mutating func tick(nowMs timeMs: Int64) -> [Transaction] {
    guard ControllerLimits.timestampMs.contains(timeMs) else { return [] }
    nowMs = max(nowMs, timeMs)
    var due: [Event] = []
    overdueWorkers(inSlots: 0..<workerSlots, nowMs: nowMs, into: &due)
    var transactions: [Transaction] = []
    transactions.reserveCapacity(due.count)
    for event in due {
      transactions.append(handle(event))
    }
    // One at a time: the end of a job can end others whose deadlines passed too.
    while let key = deadlines.first, key.deadlineMs <= nowMs {
      transactions.append(handle(deadlinePassed(key, nowMs: nowMs)))
    }
    return transactions
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

  /// Appends an event for the lowest PENDING task of each job whose scheduling deadline has come, the earliest
  /// deadlines first, at most `limit`. Handle them before asking again.
  public func passedDeadlines(nowMs: Int64, limit: Int, into events: inout [Event]) {
    var next = deadlines.first
    var left = limit
    while left > 0, let key = next, key.deadlineMs <= nowMs {
      events.append(deadlinePassed(key, nowMs: nowMs))
      next = deadlines.first(after: key)
      left -= 1
    }
  }

  private func deadlinePassed(_ key: DeadlineKey, nowMs: Int64) -> Event {
    guard let task = tasks.pending.first(in: jobs.rows[Int(key.job)].taskSlots) else {
      preconditionFailure("a job without PENDING tasks waits for its scheduling deadline")
    }
    return .schedulingDeadlinePassed(.handle(tasks.handle(task)), timestampMs: nowMs)
  }

  mutating func passDeadline(of task: TaskReference, _ draft: inout TransactionDraft) -> Outcome {
    guard let task = taskSlot(task) else { return .rejected(.unknownTask) }
    draft.subject = taskSubject(task)
    let state = tasks.rows[task].state
    guard !state.isTerminal else { return .rejected(.taskFinished) }
    guard state == .pending, let deadlineMs = jobs.rows[jobSlot(ofTask: task)].deadlineMs, deadlineMs <= nowMs else {
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
