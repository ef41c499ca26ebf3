import EventModel

/// Which PENDING tasks may be assigned: those with no back-off to wait for and no attempt that stops; of a gang none before
/// all its PENDING members may.
///
/// The tasks' sets and the queue follow the clock in steps: a task whose back-off is over becomes ready when the clock has
/// moved for good, or when the scheduler, whose clock may be ahead, asks.
extension ControllerState {
  /// A task has just become PENDING.
  mutating func enterPending(_ task: Int, job: Int) {
    let before = jobs.schedulable(job)
    tasks.pending.insert(task)
    jobs.rows[job].counts[.pending] += 1
    if tasks.isStopping(task) {
      jobs.rows[job].unready += 1
    } else if let dueMs = backOffMs(task), dueMs > nowMs {
      jobs.rows[job].unready += 1
      backOffs.insert(dueKey(task, dueMs))
    } else {
      tasks.ready.insert(task)
    }
    updateQueue(job, schedulableBefore: before)
  }

  /// A task is about to be PENDING no more.
  mutating func leavePending(_ task: Int, job: Int) {
    let before = jobs.schedulable(job)
    tasks.pending.remove(task)
    jobs.rows[job].counts[.pending] -= 1
    if tasks.ready.contains(task) {
      tasks.ready.remove(task)
    } else {
      jobs.rows[job].unready -= 1
      if !tasks.isStopping(task), let dueMs = backOffMs(task) { backOffs.remove(dueKey(task, dueMs)) }
    }
    if tasks.fresh.contains(task) {
      tasks.fresh.remove(task)
      if let key = deadlineKey(job), tasks.fresh.first(in: jobs.rows[job].taskSlots) == nil { deadlines.remove(key) }
    }
    if !schedulableSince.isEmpty { schedulableSince[UInt32(task)] = nil }
    updateQueue(job, schedulableBefore: before)
  }

  /// A PENDING task has nothing to wait for any more but a worker.
  mutating func becomeReady(_ task: Int) {
    precondition(tasks.pending.contains(task) && !tasks.ready.contains(task), "a PENDING task becomes ready once")
    let job = jobSlot(ofTask: task)
    let before = jobs.schedulable(job)
    tasks.ready.insert(task)
    jobs.rows[job].unready -= 1
    updateQueue(job, schedulableBefore: before)
  }

  /// Brings the queue up to date with how many tasks of a job may be assigned.
  private mutating func updateQueue(_ job: Int, schedulableBefore before: Int) {
    let now = jobs.schedulable(job)
    if before == 0 {
      if now > 0 { enterQueue(job) }
    } else if now == 0 {
      leaveQueue(job)
    } else if now > before {
      askForMore(job)
    } else if now < before, jobs.rows[job].isCoscheduled {
      askForLess(ofGang: job)
    }
  }

  /// Until when a PENDING task waits after its newest attempt failed; nil when it did not.
  @inline(__always)
  func backOffMs(_ task: Int) -> Int64? {
    let attempt = tasks.rows[task].lastAttempt
    guard attempt != noSlot, attempts.hasFailed(attempt) else { return nil }
    return backOffMs(task, job: jobSlot(ofTask: task))
  }

  private func backOffMs(_ task: Int, job: Int) -> Int64? {
    let delayMs = jobs.details[job].request.retryDelayMs
    let failures = tasks.rows[task].failures
    guard delayMs > 0, failures > 0 else { return nil }
    let maximumMs = jobs.details[job].request.retryDelayMaxMs
    // Twice as long each time: after so many doublings it is beyond any maximum.
    let doublings = min(Int64(failures) - 1, Int64(Int64.bitWidth))
    let grown = doublings >= delayMs.leadingZeroBitCount - 1 ? Int64.max : delayMs << doublings
    return attempts[tasks.rows[task].lastAttempt].stateMs + min(grown, maximumMs)
  }

  func dueKey(_ task: Int, _ dueMs: Int64) -> TaskDueKey {
    TaskDueKey(
      dueMs: dueMs, insertionNumber: jobs.rows[jobSlot(ofTask: task)].insertionNumber, task: UInt32(task))
  }

  /// The tasks whose back-offs are over at a time become ready.
  @inline(__always)
  mutating func releaseBackOffs(atMs timeMs: Int64) {
    readyMs = max(readyMs, timeMs)
    while backOffs.count > 0, let key = backOffs.first, key.dueMs <= timeMs {
      backOffs.remove(key)
      becomeReady(Int(key.task))
    }
  }

  /// May a task be assigned as of the clock, which may not have moved for good?
  func isSchedulable(_ task: Int, atMs timeMs: Int64) -> Bool {
    guard tasks.rows[task].state == .pending else { return false }
    let job = jobSlot(ofTask: task)
    guard jobs.rows[job].isCoscheduled else { return isReady(task, atMs: timeMs) }
    if jobs.rows[job].unready == 0, readyMs <= timeMs { return true }
    var slots = jobs.rows[job].taskSlots
    while let member = tasks.pending.first(in: slots) {
      guard isReady(member, atMs: timeMs) else { return false }
      slots = (member + 1)..<slots.upperBound
    }
    return true
  }

  private func isReady(_ task: Int, atMs timeMs: Int64) -> Bool {
    !tasks.isStopping(task) && backOffMs(task).map { $0 <= timeMs } ?? true
  }

  /// Since when a task that is ready might have been assigned.
  func readySinceMs(_ task: Int) -> Int64 {
    let row = tasks.rows[task]
    if row.lastAttempt == noSlot { return jobs.rows[Int(row.job)].submittedMs }
    if let stoppedMs = schedulableSince[UInt32(task)] { return stoppedMs }
    return backOffMs(task) ?? attempts[row.lastAttempt].stateMs
  }
}
