import EventModel

/// What the scheduler has to propose for a job, or for a task of one, in names.
public enum ModelAsk: Hashable, Sendable {
  case task(String, worker: String)
  /// All that wait of a gang.
  case gang([String], workers: [String])
  /// Of a gang that is placed in part and has no room for the rest, one member is to be taken off.
  case release(job: String)
}

extension ReferenceModel {
  /// One pass of first fit over the whole queue: the oldest job first, each of its tasks on the first worker in table
  /// order that has room, a gang as a whole or not at all.
  public var placements: [ModelAsk] {
    let fleet = workers.values.sorted { $0.tableIndex < $1.tableIndex }.filter { !suspended.contains($0.serial) }
    var free = fleet.map { self.free(on: $0) }
    var asks: [ModelAsk] = []
    var waiting = queue[...]
    while let job = waiting.first?.job {
      let tasks = waiting.prefix { $0.job == job }
      waiting = waiting.dropFirst(tasks.count)
      let asked = jobs[job].request.resources.byName
      let isGang = jobs[job].request.coscheduled
      let before = free
      var chosen: [String] = []
      for _ in tasks {
        guard let worker = free.firstIndex(where: { asked.lacking(in: $0) == nil }) else { break }
        free[worker].change(by: asked, times: -1)
        chosen.append(fleet[worker].name)
      }
      if !isGang {
        asks += zip(tasks, chosen).map { .task(name($0), worker: $1) }
      } else if chosen.count == tasks.count {
        asks.append(.gang(tasks.map(name), workers: chosen))
      } else {
        free = before
        if isHalfPlaced(job) { asks.append(.release(job: jobs[job].name)) }
      }
    }
    return asks
  }

  /// Does a part of it hold workers while the rest waits?
  public func isHalfPlaced(_ job: Int) -> Bool {
    jobs[job].tasks.contains { $0.state.isActive } && jobs[job].tasks.contains { $0.state == .pending }
  }
}
