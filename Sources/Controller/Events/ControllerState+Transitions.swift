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
    errors.replace(&tasks.rows[task].error, with: end.error)
    tasks.noteError(of: task)
    guard from.isActive else {
      setState(of: task, to: end.taskState)
      return draft.add(kind, subject, from: from, to: end.taskState, cause: cause)
    }
    precondition(tasks.rows[task].attemptCount > 0, "an active task has an attempt")
    let attempt = tasks.rows[task].attemptCount - 1
    let worker = Int(tasks.rows[task].worker)
    let identity = cluster.identity(worker)
    if end.killsProcess && UInt32(worker) != draft.lostWorker {
      draft.tasksToKill.append(TaskToKill(task: subject, attempt: attempt, worker: identity))
    }
    errors.retain(end.error)
    attempts.end(
      tasks.rows[task].lastAttempt, as: end.attemptState, atMs: nowMs, error: end.error, exitCode: end.exitCode)
    tasks.rows[task].exitCode = end.exitCode ?? 0
    tasks.rows[task].hasExitCode = end.exitCode != nil
    endpointTable.removeAll(first: &tasks.rows[task].firstEndpoint)
    leaveRunningSet(task)
    setState(of: task, to: end.taskState)
    let ended = draft.add(
      kind, subject, from: from, to: end.taskState, attempt: attempt, worker: identity, cause: cause)
    draft.add(.taskUnassigned, subject, attempt: attempt, worker: identity, cause: ended)
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
    tasks.rows[task].state = state
    jobs.rows[job].counts.move(from: from, to: state)
    totals.tasks.move(from: from, to: state)
    if from == .pending {
      tasks.pending.remove(task)
      if jobs.rows[job].counts[.pending] == 0 {
        leaveQueue(job)
      } else if jobs.rows[job].isCoscheduled {
        askForLess(ofGang: job)
      }
    } else if state == .pending {
      tasks.pending.insert(task)
      if jobs.rows[job].counts[.pending] == 1 { enterQueue(job) } else { askForMore(job) }
    }
  }

  /// Puts a task on a worker and commits the capacity it holds there.
  mutating func enterRunningSet(_ task: Int, worker: Int) {
    linkToWorker(task, worker: worker)
    let job = jobSlot(ofTask: task)
    cluster.committed.add(jobs.rows[job].ask, at: worker)
    totals.committed += jobs.rows[job].ask
    cluster.updateCapacity(worker)
  }

  /// Without the capacity.
  mutating func linkToWorker(_ task: Int, worker: Int) {
    precondition(tasks.rows[task].worker == noSlot, "a task runs twice at once")
    precondition(cluster.isOccupied(worker), "a task goes to a worker that is registered")
    let first = cluster.rows[worker].firstRunning
    tasks.rows[task].worker = UInt32(worker)
    tasks.rows[task].previousOnWorker = noSlot
    tasks.rows[task].nextOnWorker = first
    if first != noSlot { tasks.rows[Int(first)].previousOnWorker = UInt32(task) }
    cluster.rows[worker].firstRunning = UInt32(task)
    cluster.rows[worker].runningCount += 1
    tasks.active.insert(task)
  }

  private mutating func leaveRunningSet(_ task: Int) {
    let row = tasks.rows[task]
    precondition(row.worker != noSlot, "a task leaves the worker that it is on")
    let worker = Int(row.worker)
    precondition(cluster.rows[worker].runningCount > 0, "a worker's tasks are counted")
    if row.previousOnWorker == noSlot {
      cluster.rows[worker].firstRunning = row.nextOnWorker
    } else {
      tasks.rows[Int(row.previousOnWorker)].nextOnWorker = row.nextOnWorker
    }
    if row.nextOnWorker != noSlot {
      tasks.rows[Int(row.nextOnWorker)].previousOnWorker = row.previousOnWorker
    }
    tasks.rows[task].worker = noSlot
    tasks.rows[task].previousOnWorker = noSlot
    tasks.rows[task].nextOnWorker = noSlot
    cluster.rows[worker].runningCount -= 1
    tasks.active.remove(task)
    let job = jobSlot(ofTask: task)
    cluster.committed.subtract(jobs.rows[job].ask, at: worker)
    totals.committed -= jobs.rows[job].ask
    cluster.updateCapacity(worker)
    noteGain(of: jobs.rows[job].ask, on: worker)
  }
}
