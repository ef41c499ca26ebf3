import EventModel

/// What must hold after every event, recomputed from the rows alone.
extension ControllerState {
  /// Every invariant that does not hold, in words; empty when all do. O(everything): for tests and simulation.
  public func checkInvariants() -> [String] {
    var violations: [String] = []
    let placements = checkTasks(&violations)
    checkWorkers(placements, &violations)
    checkJobs(&violations)
    checkQueue(&violations)
    checkTotals(&violations)
    checkEndpoints(&violations)
    checkZones(&violations)
    if earlierAssignments.keys.contains(where: { tasks.rows[Int($0)].worker == noSlot }) {
      violations.append("an assignment is kept of a task that is on no worker")
    }
    if stateHash != recomputedStateHash() { violations.append("the state's hash is not the one that its rows make") }
    return violations
  }

  /// Checks each task against its attempts; returns, by worker slot, what the active tasks hold there.
  private func checkTasks(_ violations: inout [String]) -> [(amounts: Amounts, count: UInt32)] {
    var held = [(amounts: Amounts, count: UInt32)](repeating: (Amounts(), 0), count: cluster.rows.count)
    var attemptCount = 0
    for slot in tasks.rows.indices where tasks.rows[slot].job != noSlot {
      let row = tasks.rows[slot]
      let name = taskSubject(slot).description
      let views = attemptViews(ofTask: slot)
      attemptCount += views.count
      if views.count != Int(row.attemptCount) || views.map(\.number) != views.indices.map({ UInt32($0) }) {
        violations.append("\(name): its attempts are not numbered from 0 without gaps")
      }
      if views.dropLast().contains(where: { !$0.state.isTerminal }) {
        violations.append("\(name): an attempt before the last has not ended")
      }
      if row.state.isActive {
        if views.last?.state != row.state {
          violations.append("\(name): is \(row.state.name), its attempt is not")
        }
        if row.worker == noSlot || !cluster.isOccupied(Int(row.worker)) {
          violations.append("\(name): is active on no registered worker")
        } else {
          if views.last?.worker.handle != cluster.handle(Int(row.worker)) {
            violations.append("\(name): its attempt is on another worker")
          }
          held[Int(row.worker)].amounts += jobs.ask(jobSlot(ofTask: slot))
          held[Int(row.worker)].count += 1
        }
      } else {
        if row.worker != noSlot {
          if views.last?.worker.handle != cluster.handle(Int(row.worker)) {
            violations.append("\(name): its attempt stops on another worker")
          }
          held[Int(row.worker)].amounts += jobs.ask(jobSlot(ofTask: slot))
        }
        if views.last.map({ !$0.state.isTerminal }) == true {
          violations.append("\(name): is not active and its attempt has not ended")
        }
      }
      if tasks.active.contains(slot) != row.state.isActive {
        violations.append("\(name): the set of active tasks is wrong about it")
      }
      if tasks.failing.contains(slot) == row.error.isNone {
        violations.append("\(name): the set of tasks with an error is wrong about it")
      }
    }
    if attemptCount != attempts.count {
      violations.append("\(attempts.count) attempts are in use, tasks have \(attemptCount)")
    }
    return held
  }

  private func checkWorkers(_ held: [(amounts: Amounts, count: UInt32)], _ violations: inout [String]) {
    var count = 0
    for slot in cluster.rows.indices {
      guard cluster.isOccupied(slot) else {
        if cluster.capacity.free(at: slot) != nil { violations.append("worker slot \(slot): is free and has capacity") }
        continue
      }
      count += 1
      let row = cluster.rows[slot]
      let name = cluster.name(slot)
      if cluster.committed[slot] != held[slot].amounts {
        violations.append(
          "\(name): \(cluster.kinds.resources(cluster.committed[slot])) committed, its tasks hold "
            + "\(cluster.kinds.resources(held[slot].amounts))")
      }
      if cluster.kinds.resources(cluster.totals[slot]) != cluster.details[slot].metadata.capacity {
        violations.append("\(name): its row has another capacity than it said")
      }
      if cluster.capacity.free(at: slot) != (cluster.isClosed(slot) ? nil : cluster.free(slot)) {
        violations.append("\(name): the tree of free capacity is wrong about it")
      }
      let running = runningTasks(of: slot)
      if running.count != Int(row.runningCount) || row.runningCount != held[slot].count {
        violations.append("\(name): \(running.count) tasks in its running set, \(held[slot].count) are there")
      }
      if stoppingTasks(of: slot).count != Int(row.stoppingCount) {
        violations.append("\(name): its stopping attempts are not counted right")
      }
      if cluster.isDraining(slot) != (drains[name] != nil) {
        violations.append("\(name): is not drained as it was asked to be")
      }
      for task in running where tasks.rows[task].worker != UInt32(slot) {
        violations.append("\(name): \(taskSubject(task)) is in its running set and on another worker")
      }
      if cluster.slot(named: name) != slot { violations.append("\(name): is not found by its name") }
    }
    if count != totals.workers { violations.append("\(totals.workers) workers counted, \(count) registered") }
  }

  private func checkJobs(_ violations: inout [String]) {
    for slot in jobs.rows.indices where jobs.rows[slot].isOccupied {
      let row = jobs.rows[slot]
      let name = jobs.name(slot)
      var counts = TaskStateCounts()
      let unready = row.taskSlots.count { tasks.pending.contains($0) && !tasks.ready.contains($0) }
      if unready != Int(row.unready) || row.taskSlots.count(where: { tasks.isStopping($0) }) != Int(row.stopping) {
        violations.append("\(name): its tasks that wait or stop are not counted right")
      }
      for task in row.taskSlots {
        counts[tasks.rows[task].state] += 1
        if tasks.rows[task].job != UInt32(slot) { violations.append("\(name): a row of its run is not its own") }
      }
      let asked = jobs.details[slot].request.resources
      let kept = Resources(milliCPU: asked.milliCPU, memoryBytes: asked.memoryBytes)
      if cluster.kinds.resources(jobs.ask(slot)) != (row.isOver ? kept : asked) {
        violations.append("\(name): its row asks for something else than it does")
      }
      if counts != row.counts { violations.append("\(name): its counts by state are wrong") }
      if row.state.isTerminal {
        if counts.finished != counts.total { violations.append("\(name): has ended and has unfinished tasks") }
        if row.state != .succeeded && row.endedMs > nowMs { violations.append("\(name): ended in the future") }
      } else if jobs.derivedState(slot) != row.state {
        violations.append("\(name): is \(row.state.name), its tasks make it \(jobs.derivedState(slot).name)")
      }
      for child in jobs.children(of: slot) {
        if jobs.rows[child].parent != UInt32(slot) { violations.append("\(name): a child has another parent") }
        if row.state.isTerminal && row.state != .succeeded && !jobs.rows[child].state.isTerminal {
          violations.append("\(name): ended \(row.state.name) and left \(jobs.name(child)) unfinished")
        }
      }
      if jobs.slot(named: name) != slot { violations.append("\(name): is not found by its name") }
    }
    checkEndedList(&violations)
  }

  private func checkEndedList(_ violations: inout [String]) {
    var listed = 0
    var lastEndedMs = Int64.min
    var next = jobs.firstEnded
    while next != noSlot {
      let row = jobs.rows[Int(next)]
      if !row.state.isTerminal || row.endedMs < lastEndedMs {
        violations.append("\(jobs.name(Int(next))): is out of place among the ended jobs")
      }
      listed += 1
      lastEndedMs = row.endedMs
      next = row.endedAfter
    }
    let ended = jobs.rows.count { $0.isOccupied && $0.state.isTerminal }
    if listed != ended { violations.append("\(listed) jobs listed as ended, \(ended) are") }
  }

  private func checkTotals(_ violations: inout [String]) {
    var recomputed = Totals()
    for slot in cluster.rows.indices where cluster.isOccupied(slot) {
      recomputed.workers += 1
      recomputed.capacity += cluster.totals[slot]
      recomputed.committed += cluster.committed[slot]
    }
    for row in jobs.rows where row.isOccupied { recomputed.jobs[row.state] += 1 }
    for row in tasks.rows where row.job != noSlot { recomputed.tasks[row.state] += 1 }
    recomputed.stopping = tasks.rows.indices.count { tasks.isStopping($0) }
    if recomputed != totals { violations.append("the totals are \(totals), the rows make \(recomputed)") }
  }

  private func checkEndpoints(_ violations: inout [String]) {
    var listed = 0
    for slot in tasks.rows.indices where tasks.rows[slot].firstEndpoint != noSlot {
      if !tasks.rows[slot].state.isActive {
        violations.append("\(taskSubject(slot)): is not active and has endpoints")
      }
      var next = tasks.rows[slot].firstEndpoint
      while next != noSlot {
        listed += 1
        if endpointTable.task(of: next) != slot { violations.append("\(taskSubject(slot)): holds a foreign endpoint") }
        next = endpointTable.rows[Int(next)].next
      }
    }
    if listed != endpointTable.count {
      violations.append("\(endpointTable.count) endpoints are known by name, tasks have \(listed)")
    }
  }

  private func checkZones(_ violations: inout [String]) {
    var counts = [Int](repeating: 0, count: cluster.zones.rows.count)
    var silent = counts
    var overdue = counts
    for slot in cluster.rows.indices where cluster.isOccupied(slot) {
      let zone = Int(cluster.rows[slot].zone)
      counts[zone] += 1
      if cluster.silent.contains(slot) { silent[zone] += 1 }
      if cluster.overdue.contains(slot) { overdue[zone] += 1 }
      if cluster.zones.rows[zone].name != cluster.details[slot].metadata.zone {
        violations.append("\(cluster.name(slot)): is counted in another zone than its own")
      }
    }
    if counts != cluster.zones.rows.map(\.workers) { violations.append("the zones' counts of workers are wrong") }
    if silent != cluster.zones.rows.map(\.silent) || overdue != cluster.zones.rows.map(\.overdue) {
      violations.append("the zones' counts of silent workers are wrong")
    }
    if zip(brakes, brakes.dropFirst()).contains(where: { !$0.zone.precedes($1.zone) }) {
      violations.append("the brakes are not in the order of their zones")
    }
  }
}
