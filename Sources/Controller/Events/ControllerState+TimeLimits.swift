import EventModel

/// How long an attempt may be under way: to its worker, and once it runs.
extension ControllerState {
  /// When a RUNNING task has used up its time; nil when it has no limit.
  @inline(__always)
  func runLimitMs(_ task: Int) -> Int64? {
    let limitMs = jobs.rows[jobSlot(ofTask: task)].runTimeoutMs
    guard limitMs > 0, tasks.rows[task].state == .running else { return nil }
    return attempts[tasks.rows[task].lastAttempt].stateMs + limitMs
  }

  /// The state of an active task is about to end: nothing is due for it any more.
  @inline(__always)
  mutating func endTimers(of task: Int) {
    if let dueMs = runLimitMs(task) { runLimits.remove(dueKey(task, dueMs)) }
  }

  mutating func timeOutRun(of task: TaskReference, attempt: UInt32, _ draft: inout TransactionDraft) -> Outcome {
    guard let task = taskSlot(task) else { return .rejected(.unknownTask) }
    guard isCurrent(attempt, of: task, &draft) else { return .ignored }
    guard let dueMs = runLimitMs(task), dueMs < nowMs else { return .ignored }
    let error = errors.add("ran longer than \(jobs.rows[jobSlot(ofTask: task)].runTimeoutMs) ms")
    finish(
      task, TaskEnd(attemptState: .failed, taskState: .failed, error: error, killsProcess: true), cause: .event, &draft)
    errors.release(error)
    return .applied
  }

  mutating func timeOutDelivery(
    of task: TaskReference, attempt: UInt32, _ draft: inout TransactionDraft
  ) -> Outcome {
    guard let task = taskSlot(task) else { return .rejected(.unknownTask) }
    guard isCurrent(attempt, of: task, &draft) else { return .ignored }
    guard tasks.rows[task].state == .assigned else { return .ignored }
    let error = errors.add("nothing was heard of it after it was assigned")
    loseTask(task, error: error, killsProcess: true, cause: .event, &draft)
    errors.release(error)
    return .applied
  }

  private func isCurrent(_ attempt: UInt32, of task: Int, _ draft: inout TransactionDraft) -> Bool {
    let subject = taskSubject(task)
    draft.subject = subject
    if attempt &+ 1 == tasks.rows[task].attemptCount { return true }
    draft.add(.staleAttemptIgnored, subject, attempt: attempt, cause: .event)
    return false
  }
}

/// Since when the deliveries of ASSIGNED tasks are waited for. No part of the state: it starts afresh with a restart.
extension ControllerState {
  /// A task has just been assigned.
  mutating func awaitDelivery(of task: Int, sinceMs: Int64) {
    deliveries.append(task, sinceMs: sinceMs)
    // Half of it at least is waited for.
    if deliveries.count > 64 + 2 * totals.tasks[.assigned] { forgetDelivered() }
  }

  func isAwaited(_ entry: DeliveryQueue.Entry) -> Bool {
    let task = Int(entry.task)
    return tasks.rows[task].state == .assigned && attempts[tasks.rows[task].lastAttempt].stateMs == entry.sinceMs
  }

  private mutating func forgetDelivered() {
    var entries = deliveries.entries.filter { isAwaited($0) }
    // They are in order most of the time, which costs the sort no more than a look at each.
    entries.sort { ($0.sinceMs, $0.task) < ($1.sinceMs, $1.task) }
    deliveries.replaceAll(with: entries)
  }

  /// The tasks whose deliveries have been waited for since before a time, the earliest first, then the older one: at least
  /// so many of them as asked for, if there are. None to a worker whose brake is engaged.
  mutating func lateDeliveries(sinceBefore timeMs: Int64, atLeast count: Int) -> [TaskDueKey] {
    if !deliveries.isSorted { forgetDelivered() }
    while let first = deliveries.first, !isAwaited(first) { deliveries.removeFirst() }
    guard count > 0 else { return [] }
    var late: [TaskDueKey] = []
    for entry in deliveries.unread {
      guard entry.sinceMs < timeMs, late.count < count || entry.sinceMs == late.last?.dueMs else { break }
      if isAwaited(entry), !isBraked(Int(tasks.rows[Int(entry.task)].worker)) {
        late.append(dueKey(Int(entry.task), entry.sinceMs))
      } else if late.isEmpty {
        deliveries.passOver()
      }
    }
    late.sort()
    // A task that was assigned twice at one time.
    return late.indices.filter { $0 == 0 || late[$0 - 1].task != late[$0].task }.map { late[$0] }
  }

  /// Waits anew.
  ///
  /// - Parameter time: from when on, by the time until now; it keeps the order.
  mutating func restartDeliveries(_ time: (_ sinceMs: Int64) -> Int64) {
    forgetDelivered()
    let entries = deliveries.entries.map { entry in
      let sinceMs = time(entry.sinceMs)
      attempts.restartDelivery(tasks.rows[Int(entry.task)].lastAttempt, atMs: sinceMs)
      return DeliveryQueue.Entry(sinceMs: sinceMs, task: entry.task)
    }
    deliveries.replaceAll(with: entries)
  }

  /// The same for the workers that are judged with a zone.
  mutating func restartDeliveries(inZone zone: String, atMs timeMs: Int64) {
    forgetDelivered()
    for entry in deliveries.entries where entry.sinceMs < timeMs {
      let worker = Int(tasks.rows[Int(entry.task)].worker)
      guard cluster.zones.rows[judgedZone(ofWorker: worker)].name.isSame(as: zone) else { continue }
      restartDelivery(of: Int(entry.task), atMs: timeMs)
    }
  }

  mutating func restartDelivery(of task: Int, atMs timeMs: Int64) {
    attempts.restartDelivery(tasks.rows[task].lastAttempt, atMs: timeMs)
    deliveries.append(task, sinceMs: timeMs)
  }
}
