import EventModel

/// A worker's account of what it runs, held against what we believe.
extension ControllerState {
  mutating func reconcile(
    _ worker: WorkerReference, reported: [ReportedTask], _ draft: inout TransactionDraft
  ) -> Outcome {
    guard let slot = workerSlot(worker) else { return .rejected(.unknownWorker) }
    draft.subject = cluster.subject(slot)
    let confirmed = confirmedTasks(on: slot, reported: reported, &draft)
    for task in stoppingTasks(of: slot) where !Self.contains(confirmed, task) {
      confirmStop(of: task, cause: .event, &draft)
    }
    var lost = runningTasks(of: slot)
    lost.removeAll { Self.contains(confirmed, $0) }
    let error = errors.add("worker \(cluster.name(slot)) no longer runs the task")
    for task in lost where isActive(task, on: slot) && tasks.rows[task].state.isExecuting {
      loseTask(task, error: error, killsProcess: false, cause: .event, &draft)
    }
    errors.release(error)
    return draft.actionCount == 0 && draft.tasksToKill.isEmpty ? .ignored : .applied
  }

  private static func contains(_ sorted: [Int], _ task: Int) -> Bool {
    var low = 0
    var high = sorted.count
    while low < high {
      let middle = (low + high) >> 1
      if sorted[middle] < task { low = middle + 1 } else { high = middle }
    }
    return low < sorted.count && sorted[low] == task
  }

  /// The reported tasks whose newest attempts are on the worker, in table order; lists what is not wanted there to be killed,
  /// each once, by the name and attempt reported: those too that stop there, tasks that belong elsewhere or are no more,
  /// and what no task can be called.
  private mutating func confirmedTasks(
    on worker: Int, reported: [ReportedTask], _ draft: inout TransactionDraft
  ) -> [Int] {
    var confirmed: [Int] = []
    var unwanted: [(task: Int, attempt: UInt32)] = []
    var unknown: [(subject: Subject, attempt: UInt32)] = []
    for entry in reported {
      guard let task = taskSlot(entry.task) else {
        unknown.append((Self.unknownSubject(entry.task), entry.attempt))
        continue
      }
      let row = tasks.rows[task]
      let isNewest = row.worker == UInt32(worker) && entry.attempt &+ 1 == row.attemptCount
      if isNewest { confirmed.append(task) }
      if !isNewest || !row.state.isActive { unwanted.append((task, entry.attempt)) }
    }
    confirmed.sort()
    unwanted.sort { ($0.task, $0.attempt) < ($1.task, $1.attempt) }
    let identity = cluster.identity(worker)
    for (position, entry) in unwanted.enumerated() where position == 0 || unwanted[position - 1] != entry {
      draft.tasksToKill.append(
        TaskToKill(task: taskSubject(entry.task), attempt: entry.attempt, worker: identity))
    }
    var seen: Set<ByteText> = []
    for entry in unknown where seen.insert(ByteText("\(entry.attempt) \(entry.subject)")).inserted {
      draft.tasksToKill.append(TaskToKill(task: entry.subject, attempt: entry.attempt, worker: identity))
    }
    return confirmed
  }

  /// What there is no task of, as it was reported. An index below 0 says that the whole name is the job's.
  private static func unknownSubject(_ task: TaskReference) -> Subject {
    switch task {
    case .handle(let handle): .task(handle, job: "#\(handle)", index: -1)
    case .name(let text):
      if let name = TaskName(text) {
        .task(.none, job: name.job, index: Int32(name.index))
      } else {
        .task(.none, job: text, index: -1)
      }
    }
  }
}
