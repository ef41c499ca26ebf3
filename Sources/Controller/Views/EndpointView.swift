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

  /// The tasks that wait to be placed, in scheduling order. O(jobs): for tests and people.
  public var queue: [TaskHandle] {
    var handles: [TaskHandle] = []
    handles.reserveCapacity(totals.queueLength)
    let waiting = jobs.rows.indices.filter { jobs.rows[$0].counts[.pending] > 0 }
    for key in waiting.map({ QueueKey(job: $0, jobs.rows[$0]) }).sorted() {
      var slots = jobs.rows[Int(key.job)].taskSlots
      while let task = tasks.pending.first(in: slots) {
        handles.append(tasks.handle(task))
        slots = (task + 1)..<slots.upperBound
      }
    }
    return handles
  }
}
