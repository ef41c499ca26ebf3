import EventModel

/// A worker's account of what it runs, held against what we believe.
extension ControllerState {
  mutating func reconcile(
    _ worker: WorkerReference, reported: [ReportedTask], _ draft: inout TransactionDraft
  ) -> Outcome {
    guard let slot = workerSlot(worker) else { return .rejected(.unknownWorker) }
    draft.subject = cluster.subject(slot)
    let confirmed = confirmedTasks(on: slot, reported: reported, &draft)
    var next = 0
    let error = errors.add("worker \(cluster.name(slot)) no longer runs the task")
    for task in runningTasks(of: slot) {
      while next < confirmed.count && confirmed[next] < task { next += 1 }
      if next < confirmed.count && confirmed[next] == task { continue }
      // An earlier task's cascade may have taken this one away meanwhile.
      guard tasks.rows[task].worker == UInt32(slot), tasks.rows[task].state.isExecuting else { continue }
      loseTask(task, error: error, killsProcess: false, cause: .event, &draft)
    }
    errors.release(error)
    return draft.actionCount == 0 && draft.tasksToKill.isEmpty ? .ignored : .applied
  }

  /// The reported tasks that belong on the worker, in table order; lists the others to be killed, each once. A task
  /// that does not exist cannot be named in an order to kill it.
  private mutating func confirmedTasks(
    on worker: Int, reported: [ReportedTask], _ draft: inout TransactionDraft
  ) -> [Int] {
    var confirmed: [Int] = []
    var unwanted: [(task: Int, attempt: UInt32)] = []
    for entry in reported {
      guard let task = taskSlot(entry.task) else { continue }
      let row = tasks.rows[task]
      if row.worker == UInt32(worker) && entry.attempt &+ 1 == row.attemptCount {
        confirmed.append(task)
      } else {
        unwanted.append((task, entry.attempt))
      }
    }
    confirmed.sort()
    unwanted.sort { ($0.task, $0.attempt) < ($1.task, $1.attempt) }
    let identity = cluster.identity(worker)
    for (position, entry) in unwanted.enumerated() where position == 0 || unwanted[position - 1] != entry {
      draft.tasksToKill.append(
        TaskToKill(task: taskSubject(entry.task), attempt: entry.attempt, worker: identity))
    }
    return confirmed
  }
}
