import EventModel

/// A name under which a running task can be found.
public struct EndpointView: Hashable, Sendable {
  public let name: String
  public let task: TaskHandle
  public let taskName: TaskName
}

extension ControllerState {
  /// Every endpoint, in the order of the names.
  public var endpoints: [EndpointView] {
    endpointTable.slotsInNameOrder.map { slot in
      let row = endpointTable.rows[slot]
      let task = Int(row.task)
      return EndpointView(
        name: row.name,
        task: tasks.handle(task),
        taskName: TaskName(job: jobs.name(jobSlot(ofTask: task)), index: taskIndex(task)))
    }
  }

  /// The tasks that may be assigned, in scheduling order. O(jobs): for tests and people.
  public var queue: [TaskHandle] {
    var handles: [TaskHandle] = []
    handles.reserveCapacity(totals.queueLength)
    // The scheduler's clock may be ahead: what became ready by that is left out.
    let waiting = jobs.rows.indices.filter { jobs.schedulable($0) > 0 }
    for key in waiting.map({ QueueKey(job: $0, jobs.rows[$0]) }).sorted() {
      var slots = jobs.rows[Int(key.job)].taskSlots
      let first = jobs.rows[Int(key.job)].isCoscheduled ? tasks.ready.first(in: slots) : nil
      let isWhole = readyMs <= nowMs || first.map { isSchedulable($0, atMs: nowMs) } ?? false
      if first != nil, !isWhole { continue }
      while let task = tasks.ready.first(in: slots) {
        if isWhole || isSchedulable(task, atMs: nowMs) { handles.append(tasks.handle(task)) }
        slots = (task + 1)..<slots.upperBound
      }
    }
    return handles
  }
}
