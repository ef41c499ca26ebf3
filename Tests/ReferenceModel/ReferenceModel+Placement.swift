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
  /// One pass of first fit over the whole queue: each ask, a task or a gang as a whole, on the first workers that have
  /// room, in the order in which they registered. The first that does not fit and has waited for long keeps what is
  /// behind it off the workers that it could use.
  public var placements: [ModelAsk] {
    let inOrder = workers.values.sorted { ($0.tableIndex, $0.serial) < ($1.tableIndex, $1.serial) }
    let fleet = inOrder.filter { drains[ByteText($0.name)] == nil }
    var free = fleet.map { self.free(on: $0) }
    var reserved: Set<Int>?
    var asks: [ModelAsk] = []
    var waiting = queue[...]
    while let first = waiting.first {
      let isGang = jobs[first.job].request.coscheduled
      let ask = isGang ? Array(waiting.prefix { $0.job == first.job }) : [first]
      waiting = waiting.dropFirst(ask.count)
      let suiting = fleet.indices.filter { meetsConstraints(fleet[$0], of: first.job) }
      let open = suiting.filter { !suspended.contains(fleet[$0].serial) && reserved?.contains($0) != true }
      let asked = jobs[first.job].request.resources.byName
      if let chosen = firstFit(ask.count, of: asked, on: open, &free) {
        let workers = chosen.map { fleet[$0].name }
        asks.append(isGang ? .gang(ask.map(name), workers: workers) : .task(name(first), worker: workers[0]))
        continue
      }
      if isGang, isHalfPlaced(first.job) { asks.append(.release(job: jobs[first.job].name)) }
      if reserved == nil, hasWaitedLong(ask) {
        let capacities = fleet.map { $0.metadata.capacity.byName }
        let usable = suiting.filter { asked.lacking(in: capacities[$0]) == nil }
        var empty = capacities
        // Of a gang that is placed in part the other part would have to fit too.
        let members = isGang ? jobs[first.job].tasks.count { !$0.state.isTerminal } : 1
        if firstFit(members, of: asked, on: usable, &empty) != nil { reserved = Set(usable) }
      }
    }
    return asks
  }

  /// Lets first fit assign as of the present clock until nothing more is placed, and take off what is of a gang that is
  /// placed in part.
  public mutating func placeAll() -> [ModelTransaction] {
    var transactions: [ModelTransaction] = []
    while true {
      let asks = placements
      if asks.isEmpty { return transactions }
      for ask in asks {
        switch ask {
        case .task(let task, let worker):
          transactions.append(handle(.taskAssigned(.name(task), worker: .name(worker))))
        case .gang(let tasks, let workers):
          for (task, worker) in zip(tasks, workers) {
            transactions.append(handle(.taskAssigned(.name(task), worker: .name(worker))))
          }
        case .release(let job):
          if let release = release(of: job) { transactions.append(handle(release)) }
        }
      }
    }
  }

  /// The preemption of one member, one that has not started if there is one; the others follow it.
  private func release(of name: String) -> Event? {
    guard let job = job(named: name) else { return nil }
    let active = tasks(of: job).filter { task($0).state.isActive }
    guard let member = active.first(where: { task($0).state == .assigned }) ?? active.first else { return nil }
    let waiting = jobs[job].tasks.count { $0.state == .pending }
    let reason = ModelText.halfPlaced(name, waiting: waiting, of: jobs[job].tasks.count)
    return .taskPreempted(.name(self.name(member)), reason: reason)
  }

  /// The worker of each of some tasks that ask for the same; nil, and nothing is taken, when not all have room.
  private func firstFit(
    _ tasks: Int, of asked: ModelAmounts, on workers: [Int], _ free: inout [ModelAmounts]
  ) -> [Int]? {
    let before = free
    var chosen: [Int] = []
    for _ in 0..<tasks {
      guard let worker = workers.first(where: { asked.lacking(in: free[$0]) == nil }) else {
        free = before
        return nil
      }
      free[worker].change(by: asked, times: -1)
      chosen.append(worker)
    }
    return chosen
  }

  private func hasWaitedLong(_ ask: [ModelTaskID]) -> Bool {
    nowMs - ask.map(schedulableSinceMs).max()! > settings.reservationAfterMs
  }

  /// Does a part of it hold workers while the rest waits?
  public func isHalfPlaced(_ job: Int) -> Bool {
    jobs[job].tasks.contains { $0.state.isActive } && jobs[job].tasks.contains { $0.state == .pending }
  }
}
