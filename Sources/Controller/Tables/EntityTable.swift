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
