import EventModel

/// How long an attempt may be under way: to its worker, and once it runs.
extension ControllerState {
  /// When a RUNNING task has used up its time; nil when it has no limit.
  func runLimitMs(_ task: Int) -> Int64? {
    let limitMs = jobs.rows[jobSlot(ofTask: task)].runTimeoutMs
    guard limitMs > 0, tasks.rows[task].state == .running else { return nil }
    return attempts[tasks.rows[task].lastAttempt].stateMs + limitMs
  }

  /// The state of an active task is about to end: nothing is due for it any more.
  mutating func endTimers(of task: Int) {
    if tasks.rows[task].state == .assigned {
      deliveries.remove(dueKey(task, attempts[tasks.rows[task].lastAttempt].stateMs))
    } else if let dueMs = runLimitMs(task) {
      runLimits.remove(dueKey(task, dueMs))
    }
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

  /// Waits for the deliveries of ASSIGNED tasks anew.
  ///
  /// - Parameter time: from when on, by the time until now.
  mutating func restartDeliveries(_ time: (_ sinceMs: Int64) -> Int64) {
    for key in allDeliveries where time(key.dueMs) != key.dueMs { restartDelivery(key, atMs: time(key.dueMs)) }
  }

  /// The same for the workers that are judged with a zone.
  mutating func restartDeliveries(inZone zone: String, atMs timeMs: Int64) {
    for key in allDeliveries where key.dueMs < timeMs {
      let worker = Int(tasks.rows[Int(key.task)].worker)
      guard cluster.zones.rows[judgedZone(ofWorker: worker)].name.isSame(as: zone) else { continue }
      restartDelivery(key, atMs: timeMs)
    }
  }

  private var allDeliveries: [TaskDueKey] {
    var keys: [TaskDueKey] = []
    keys.reserveCapacity(deliveries.count)
    var next = deliveries.first
    while let key = next {
      keys.append(key)
      next = deliveries.first(after: key)
    }
    return keys
  }

  mutating func restartDelivery(_ key: TaskDueKey, atMs timeMs: Int64) {
    let task = Int(key.task)
    deliveries.remove(key)
    attempts.restartDelivery(tasks.rows[task].lastAttempt, atMs: timeMs)
    deliveries.insert(dueKey(task, timeMs))
  }
}
