import EventModel

/// Keeps the queue in step with the tasks, and the scheduler's notes with what was done about its proposals.
extension ControllerState {
  mutating func enterQueue(_ job: Int) {
    if !jobs.rows[job].isPlacementHeld { beginWaiting(job) }
  }

  mutating func leaveQueue(_ job: Int) {
    if !jobs.rows[job].isPlacementHeld { endWaiting(job) }
  }

  /// A task of a job that is in the queue already has become PENDING.
  mutating func askForMore(_ job: Int) {
    guard !jobs.rows[job].isPlacementHeld else { return }
    if jobs.rows[job].isCoscheduled, jobs.rows[job].counts[.pending] == Int(jobs.rows[job].taskCount) {
      return refile(job)
    }
    waiting.noteAsk(QueueKey(job: job, jobs.rows[job]), jobs.rows[job].shape)
  }

  /// A member of a gang is PENDING no more while others are: they have to follow, or what is placed has to go.
  mutating func askForLess(ofGang job: Int) {
    guard !jobs.rows[job].isPlacementHeld else { return }
    if jobs.rows[job].counts[.pending] + 1 == Int(jobs.rows[job].taskCount) { return refile(job) }
    waiting.reopen(jobs.rows[job].shape)
  }

  /// A gang waits no more as a whole, or does again: it asks for something else now.
  private mutating func refile(_ job: Int) {
    endWaiting(job)
    beginWaiting(job)
  }

  private mutating func beginWaiting(_ job: Int) {
    let shape = AskShape(jobs.rows[job], jobs.ask(job))
    jobs.rows[job].shape = waiting.insert(
      QueueKey(job: job, jobs.rows[job]), shape, sinceMs: schedulableSinceMs(ofJob: job))
  }

  private mutating func endWaiting(_ job: Int) {
    // What it kept is free for others.
    if placementPass.reserver == jobs.handle(job) {
      placementPass.reserver = nil
      waiting.noteChange()
    }
    waiting.remove(QueueKey(job: job, jobs.rows[job]), jobs.rows[job].shape)
  }

  func deadlineKey(_ job: Int) -> DeadlineKey? {
    guard let deadlineMs = jobs.rows[job].deadlineMs else { return nil }
    return DeadlineKey(
      deadlineMs: deadlineMs, insertionNumber: jobs.rows[job].insertionNumber, job: UInt32(job))
  }

  /// All that is free on a worker may be of use for the first time.
  mutating func noteGainOfAll(on worker: Int) {
    var free = cluster.free(worker)
    free.formMaximum(Amounts())
    waiting.noteGain(of: free.values.span.extracting(0..<free.width), on: worker, &cluster)
  }

  /// Everything may fit that did not.
  mutating func noteUncountedGain() {
    waiting.noteUncountedGain()
    cluster.gains.noteAll()
  }

  /// Tries a job again after a while only: what refused it once may do so again, and each try is a transaction for every
  /// task.
  mutating func holdPlacement(ofJob job: Int, atMs timeMs: Int64) {
    guard !jobs.rows[job].isPlacementHeld else { return }
    if jobs.schedulable(job) > 0 { endWaiting(job) }
    jobs.rows[job].isPlacementHeld = true
    placementPass.hold(jobs.handle(job), untilMs: timeMs + configuration.gangRetryDelayMs)
  }

  mutating func endHolds(atMs timeMs: Int64) {
    for handle in placementPass.takeExpiredHolds(atMs: timeMs) {
      guard let job = jobs.slot(of: handle) else { continue }
      jobs.rows[job].isPlacementHeld = false
      if jobs.schedulable(job) > 0 { beginWaiting(job) }
    }
  }

  /// Will the scheduler come to a waiting job without anything more happening?
  func willBeAsked(for job: Int) -> Bool {
    if jobs.rows[job].isPlacementHeld || !placementPass.isSettled { return true }
    guard waiting.hasWork else { return false }
    return waiting.willAsk(
      for: QueueKey(job: job, jobs.rows[job]), jobs.rows[job].shape, isReserved: placementPass.reserver != nil)
  }

  /// What a task asks for that is placed by itself; nil for a member of a gang, and one that does not exist.
  public func singleTaskAsk(_ task: TaskReference) -> Amounts? {
    guard let slot = taskSlot(task) else { return nil }
    let job = jobSlot(ofTask: slot)
    return jobs.rows[job].isCoscheduled ? nil : jobs.ask(job)
  }

  /// Takes the proposals back that are not committed yet, of tasks that ask for as much as this one: they will be asked for
  /// anew, the oldest first.
  ///
  /// - Returns: what they ask for; nil for a member of a gang, with which nothing is taken back.
  public mutating func withdrawProposals(like task: TaskReference) -> Amounts? {
    guard let ask = singleTaskAsk(task) else { return nil }
    var left: [PlacementPass.ProposedTask] = []
    for proposed in placementPass.proposedTasks {
      guard let slot = tasks.slot(of: proposed.task), singleTaskAsk(.handle(proposed.task)) == ask else {
        left.append(proposed)
        continue
      }
      noteGain(ofUncommitted: proposed)
      guard tasks.ready.contains(slot), tasks.rows[slot].attemptCount == proposed.attempts else { continue }
      let job = jobSlot(ofTask: slot)
      if !jobs.rows[job].isPlacementHeld, jobs.schedulable(job) > 0 { waiting.rewind(jobs.rows[job].shape) }
    }
    placementPass.proposedTasks = left
    return ask
  }

  /// Others may have been refused because room was meant for this task: it is theirs again, unless the task holds it now.
  private mutating func noteGain(ofUncommitted proposed: PlacementPass.ProposedTask) {
    guard let worker = cluster.slot(of: proposed.worker) else { return }
    if let task = tasks.slot(of: proposed.task), tasks.rows[task].attemptCount == proposed.attempts + 1,
      attempts[tasks.rows[task].lastAttempt].worker == proposed.worker
    {
      return
    }
    noteGainOfAll(on: worker)
  }

  /// Looks at the tasks that the last call proposed: one that was not committed although its worker is there and has room
  /// was refused by somebody, and its job is held; for one that has lost its place meanwhile another is sought.
  mutating func settleProposedTasks(atMs timeMs: Int64) {
    for proposed in placementPass.proposedTasks {
      noteGain(ofUncommitted: proposed)
      guard let task = tasks.slot(of: proposed.task), tasks.ready.contains(task),
        tasks.rows[task].attemptCount == proposed.attempts
      else { continue }
      let job = jobSlot(ofTask: task)
      let worker = cluster.slot(of: proposed.worker)
      guard !jobs.rows[job].isCoscheduled, !jobs.rows[job].isPlacementHeld, jobs.schedulable(job) > 0 else { continue }
      if let worker, hasRoom(forJob: job, at: worker) {
        holdPlacement(ofJob: job, atMs: timeMs)
      } else {
        waiting.rewind(jobs.rows[job].shape)
      }
    }
    placementPass.proposedTasks.removeAll(keepingCapacity: true)
  }
}
