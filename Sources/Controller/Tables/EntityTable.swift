import EventModel

/// A table that readers go through slot by slot. A view's slot is its handle's index.
public enum EntityTable: Sendable {
  case workers
  case jobs
  case tasks
}

extension ControllerState {
  /// Slots of a table, the empty ones among them.
  public func slotCount(of table: EntityTable) -> Int {
    switch table {
    case .workers: cluster.rows.count
    case .jobs: jobs.rows.count
    case .tasks: tasks.rows.count
    }
  }

  /// The slots of a job's tasks, which are neighbours; nil when there is no such job.
  public func taskSlots(of job: JobReference) -> Range<Int>? {
    jobSlot(job).map { jobs.rows[$0].taskSlots }
  }

  /// The slot of a worker; nil when there is none.
  public func slot(of worker: WorkerReference) -> Int? { workerSlot(worker) }

  /// The name of a registered worker; nil when there is none with this handle.
  public func name(of worker: WorkerHandle) -> String? { cluster.slot(of: worker).map { cluster.name($0) } }

  /// The slot of a job; nil when there is none.
  public func slot(of job: JobReference) -> Int? { jobSlot(job) }

  /// The slot of a task; nil when there is none.
  public func slot(of task: TaskReference) -> Int? { taskSlot(task) }

  /// What runs or stops on a worker, by their slots, which stay while they do. O(n log n).
  public func taskSlots(on worker: WorkerReference) -> [Int] {
    guard let slot = workerSlot(worker) else { return [] }
    return (runningTasks(of: slot) + stoppingTasks(of: slot)).map { Int($0) }.sorted()
  }

  /// Where a task's newest attempt is, or was, and its number; nil when there is none.
  public func newestAttempt(of task: TaskReference) -> (number: UInt32, worker: String)? {
    guard let slot = taskSlot(task), let newest = attemptViews(ofTask: slot, newest: 1).last else { return nil }
    return (newest.number, newest.worker.name)
  }

  /// The first of `slots` that is not empty; nil when none is. O(the slots passed over): whoever must not be held up asks
  /// for a few at a time.
  public func firstOccupied(_ slots: Range<Int>, of table: EntityTable) -> Int? {
    let slots = slots.clamped(to: 0..<slotCount(of: table))
    return switch table {
    case .workers: slots.first { cluster.isOccupied($0) }
    case .jobs: slots.first { jobs.rows[$0].isOccupied }
    case .tasks: slots.first { tasks.rows[$0].job != noSlot }
    }
  }
}
