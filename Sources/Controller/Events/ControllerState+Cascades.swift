import EventModel

/// What the end of a task means for its gang, its job and the jobs below it.
extension ControllerState {
  /// Ends a task's attempt and runs the cascades that follow from it.
  mutating func finish(_ task: Int, _ end: TaskEnd, cause: Cause, _ draft: inout TransactionDraft) {
    let job = jobSlot(ofTask: task)
    let ended = endAttempt(of: task, end, listedAs: .taskStateChanged, cause: cause, &draft)
    switch end.attemptState {
    case .failed, .workerFailed, .preempted:
      if jobs.rows[job].isCoscheduled {
        endGang(of: job, retries: end.taskState == .pending, cause: ended, &draft)
      }
    default:
      break
    }
    updateState(ofJob: job, cause: ended, &draft)
  }

  /// Takes the active members of a gang off their workers after one of them ended, at no charge to them; where that one is
  /// not retried, those that wait end too.
  private mutating func endGang(of job: Int, retries: Bool, cause: Cause, _ draft: inout TransactionDraft) {
    let end = TaskEnd(
      attemptState: .coscheduledFailed, taskState: retries ? .pending : .coscheduledFailed, killsProcess: true)
    let kind: ActionKind = retries ? .coscheduledSiblingRequeued : .coscheduledSiblingKilled
    var slots = jobs.rows[job].taskSlots
    while let sibling = retries ? tasks.active.first(in: slots) : tasks.firstUnfinished(in: slots) {
      endAttempt(of: sibling, end, listedAs: kind, cause: cause, &draft)
      slots = (sibling + 1)..<slots.upperBound
    }
  }

  /// Brings a job's state up to date with its tasks, and ends the job when that state is terminal.
  mutating func updateState(ofJob job: Int, cause: Cause, _ draft: inout TransactionDraft) {
    guard !jobs.rows[job].state.isTerminal else { return }
    let state = jobs.derivedState(job)
    guard state != jobs.rows[job].state else { return }
    guard state.isTerminal else {
      setState(ofJob: job, to: state)
      return
    }
    let error = state == .succeeded ? nil : firstTaskError(ofJob: job)
    endJob(job, as: state, error: error)
    guard state != .succeeded else { return releaseDevices(ofEndedJob: job) }
    let reason = "job \(jobs.name(job)) ended \(state.name)"
    killUnfinishedTasks(ofJob: job, listedAs: .taskKilled, reason: reason, cause: cause, &draft)
    releaseDevices(ofEndedJob: job)
    cancelDescendants(of: job, reason: "parent \(reason)", cause: cause, &draft)
  }

  private mutating func setState(ofJob job: Int, to state: JobState) {
    precondition(!jobs.rows[job].state.isTerminal, "terminal is absorbing")
    precondition(state != .pending, "a job never goes back to PENDING")
    openJob(job)
    totals.jobs[jobs.rows[job].state] -= 1
    totals.jobs[state] += 1
    jobs.rows[job].state = state
  }

  private mutating func endJob(_ job: Int, as state: JobState, error: String?) {
    precondition(state.isTerminal, "a job ends in a terminal state")
    setState(ofJob: job, to: state)
    jobs.rows[job].endedMs = nowMs
    jobs.details[job].error = error
    jobs.appendEnded(job)
    releaseRule(ofJob: job)
  }

  /// A job that is over names no kinds of devices.
  mutating func releaseDevices(ofJob job: Int) {
    cluster.kinds.release(jobs.ask(job))
    jobs.setAsk(of: job, jobs.ask(job).withoutDevices)
  }

  private mutating func releaseDevices(ofEndedJob job: Int) {
    if jobs.rows[job].stopping == 0 { releaseDevices(ofJob: job) }
  }

  /// Cancels one unfinished job, then its unfinished descendants.
  mutating func cancelUnfinishedJob(
    _ job: Int, reason: String, cause: Cause, _ draft: inout TransactionDraft
  ) {
    killUnfinishedTasks(ofJob: job, listedAs: .taskStateChanged, reason: reason, cause: cause, &draft)
    endJob(job, as: jobs.derivedState(job), error: reason)
    releaseDevices(ofEndedJob: job)
    let cancelled = draft.add(.jobCancelled, jobs.subject(job), cause: cause)
    cancelDescendants(
      of: job, reason: "parent job \(jobs.name(job)) was cancelled", cause: cancelled, &draft)
  }

  /// Cancels the unfinished jobs below one that ended, parents before children. A job in between that succeeded is
  /// left alone, the jobs below it are not. The depth of the tree is bounded by `Limits.jobDepth`.
  private mutating func cancelDescendants(
    of job: Int, reason: String, cause: Cause, _ draft: inout TransactionDraft
  ) {
    var child = jobs.rows[job].firstChild
    while child != noSlot {
      if jobs.rows[Int(child)].state.isTerminal {
        cancelDescendants(of: Int(child), reason: reason, cause: cause, &draft)
      } else {
        cancelUnfinishedJob(Int(child), reason: reason, cause: cause, &draft)
      }
      child = jobs.rows[Int(child)].nextSibling
    }
  }

  private mutating func killUnfinishedTasks(
    ofJob job: Int, listedAs kind: ActionKind, reason: String, cause: Cause, _ draft: inout TransactionDraft
  ) {
    var slots = jobs.rows[job].taskSlots
    let counts = unfinishedTasks(ofJobAndBelow: job)
    draft.reserveCapacity(forKilledTasks: counts.active, pending: counts.pending)
    let error = errors.add(reason)
    let end = TaskEnd(attemptState: .killed, taskState: .killed, error: error, killsProcess: true)
    while let task = tasks.firstUnfinished(in: slots) {
      endAttempt(of: task, end, listedAs: kind, cause: cause, &draft)
      slots = (task + 1)..<slots.upperBound
    }
    errors.release(error)
  }

  /// What the end of a job reaches: room for all of it is made at once, at the first.
  private func unfinishedTasks(ofJobAndBelow job: Int) -> (active: Int, pending: Int) {
    var active = jobs.rows[job].counts.active
    var pending = jobs.rows[job].counts[.pending]
    var child = jobs.rows[job].firstChild
    while child != noSlot {
      let below = unfinishedTasks(ofJobAndBelow: Int(child))
      active += below.active
      // A cancelled job is listed too.
      pending += below.pending + 1
      child = jobs.rows[Int(child)].nextSibling
    }
    return (active, pending)
  }

  /// The error of the task with the lowest index that has one.
  func firstTaskError(ofJob job: Int) -> String? {
    tasks.failing.first(in: jobs.rows[job].taskSlots).map { errors.text(tasks.rows[$0].error) }
  }
}
