import EventModel

/// The choke points through which every task changes: nothing else writes a task's state, the queue, a running set or
/// committed capacity.
extension ControllerState {
  /// How a task's present attempt, if it has one, ends and what becomes of the task.
  struct TaskEnd {
    /// The state the attempt ends in.
    var attemptState: TaskState
    /// PENDING when the task will be tried again.
    var taskState: TaskState
    /// Borrowed from the caller.
    var error: TextID = .none
    var exitCode: Int32?
    /// How its process ended, as the worker said.
    var endReason: EndReason?
    /// The worker lives and does not know: it must be told to stop the process.
    var killsProcess: Bool
  }

  /// Ends a task's attempt, takes the task off its worker and lists that: the action of `kind`, `task_unassigned` when
  /// it had a worker, `task_requeued` when it will be tried again. Returns the first of them.
  @discardableResult
  mutating func endAttempt(
    of task: Int, _ end: TaskEnd, listedAs kind: ActionKind, cause: Cause, _ draft: inout TransactionDraft
  ) -> Cause {
    let subject = taskSubject(task)
    let from = tasks.rows[task].state
    precondition(!from.isTerminal, "a finished task is moved")
    openTask(task)
    // The attempt has it too.
    errors.replace(&tasks.rows[task].error, with: end.error, others: from.isActive ? 1 : 0)
    tasks.noteError(of: task)
    guard from.isActive else {
      setState(of: task, to: end.taskState)
      return draft.add(kind, subject, from: from, to: end.taskState, cause: cause)
    }
    precondition(tasks.rows[task].attemptCount > 0, "an active task has an attempt")
    let attempt = tasks.rows[task].attemptCount - 1
    let worker = Int(tasks.rows[task].worker)
    let identity = cluster.identity(worker)
    let isKilled = end.killsProcess && UInt32(worker) != draft.lostWorker
    if isKilled { draft.tasksToKill.append(TaskToKill(task: subject, attempt: attempt, worker: identity)) }
    endTimers(of: task)
    attempts.end(
      tasks.rows[task].lastAttempt, as: end.attemptState, atMs: nowMs, error: end.error, exitCode: end.exitCode,
      endReason: end.endReason)
    tasks.rows[task].noteExit(end.exitCode)
    if isKilled && cluster.confirmsStops(worker) { beginStopping(task) } else { leaveRunningSet(task) }
    setState(of: task, to: end.taskState)
    let ended = draft.add(
      kind, subject, from: from, to: end.taskState, attempt: attempt, worker: identity, cause: cause)
    draft.add(.taskUnassigned, subject, attempt: attempt, worker: identity, cause: ended)
    if tasks.rows[task].firstEndpoint != noSlot {
      for endpoint in endpointTable.names(first: tasks.rows[task].firstEndpoint) {
        draft.add(.endpointRemoved, subject, attempt: attempt, endpoint: endpoint, cause: ended)
      }
      endpointTable.removeAll(first: &tasks.rows[task].firstEndpoint)
    }
    if end.taskState == .pending {
      draft.add(.taskRequeued, subject, to: .pending, cause: ended)
    }
    return ended
  }

  /// Moves a task and keeps the counts and the queue in step.
  mutating func setState(of task: Int, to state: TaskState) {
    let from = tasks.rows[task].state
    precondition(!from.isTerminal, "terminal is absorbing")
    let job = jobSlot(ofTask: task)
    openTask(task)
    totals.tasks.move(from: from, to: state)
    if from == .pending { leavePending(task, job: job) } else { jobs.rows[job].counts[from] -= 1 }
    tasks.rows[task].state = state
    if state == .pending { enterPending(task, job: job) } else { jobs.rows[job].counts[state] += 1 }
  }

  /// Puts a task on a worker and commits the capacity it holds there.
  mutating func enterRunningSet(_ task: Int, worker: Int) {
    linkToWorker(task, worker: worker)
    commitCapacity(ofJob: jobSlot(ofTask: task), on: worker)
    cluster.updateCapacity(worker)
  }

  mutating func commitCapacity(ofJob job: Int, on worker: Int) {
    let place = jobs.askPlace(job)
    cluster.committed.add(jobs.asks, place, at: worker)
    totals.committed.add(jobs.asks, place)
  }

  /// Without the capacity.
  mutating func linkToWorker(_ task: Int, worker: Int, isStopping: Bool = false) {
    precondition(tasks.rows[task].worker == noSlot, "a task runs twice at once")
    precondition(cluster.isOccupied(worker), "a task goes to a worker that is registered")
    let first = cluster.rows[worker].firstRunning
    tasks.rows[task].goToWorker(UInt32(worker), before: first)
    if first != noSlot { tasks.rows[Int(first)].previousOnWorker = UInt32(task) }
    cluster.rows[worker].firstRunning = UInt32(task)
    if isStopping {
      cluster.rows[worker].stoppingCount += 1
    } else {
      cluster.rows[worker].runningCount += 1
      tasks.active.insert(task)
    }
  }

  private mutating func leaveRunningSet(_ task: Int) {
    let worker = Int(tasks.rows[task].worker)
    unlinkFromWorker(task)
    precondition(cluster.rows[worker].runningCount > 0, "a worker's tasks are counted")
    cluster.rows[worker].runningCount -= 1
    tasks.active.remove(task)
    releaseCapacity(ofJob: jobSlot(ofTask: task), on: worker)
  }

  /// Gives back what a task held.
  mutating func releaseCapacity(ofJob job: Int, on worker: Int) {
    let place = jobs.askPlace(job)
    cluster.committed.subtract(jobs.asks, place, at: worker)
    totals.committed.subtract(jobs.asks, place)
    cluster.updateCapacity(worker)
    waiting.noteGain(of: jobs.asks, place, on: worker, &cluster)
  }

  /// Takes a task out of its worker's list.
  mutating func unlinkFromWorker(_ task: Int) {
    let (worker, previous, next) = tasks.rows[task].leaveWorker()
    precondition(worker != noSlot, "a task leaves the worker that it is on")
    if !earlierAssignments.isEmpty { earlierAssignments[UInt32(task)] = nil }
    if previous == noSlot {
      cluster.rows[Int(worker)].firstRunning = next
    } else {
      tasks.rows[Int(previous)].nextOnWorker = next
    }
    if next != noSlot { tasks.rows[Int(next)].previousOnWorker = previous }
  }
}
