import EventModel

/// What must hold of the queue.
extension ControllerState {
  func checkQueue(_ violations: inout [String]) {
    var expected: [(key: QueueKey, task: Int)] = []
    var gang: (job: UInt32, isSchedulable: Bool)?
    for slot in tasks.rows.indices {
      let row = tasks.rows[slot]
      let isPending = row.job != noSlot && row.state == .pending
      if tasks.pending.contains(slot) != isPending {
        violations.append("task slot \(slot): the set of pending tasks is wrong about it")
      }
      let isReady = isPending && !tasks.isStopping(slot) && backOffMs(slot).map { $0 <= readyMs } ?? true
      if tasks.ready.contains(slot) != isReady {
        violations.append("task slot \(slot): the set of ready tasks is wrong about it")
      }
      if tasks.fresh.contains(slot) != (isPending && row.attemptCount == 0) {
        violations.append("task slot \(slot): the set of tasks that never were assigned is wrong about it")
      }
      guard isPending, !jobs.rows[Int(row.job)].state.isTerminal else { continue }
      // The members of a gang are schedulable together.
      let known = jobs.rows[Int(row.job)].isCoscheduled && gang?.job == row.job ? gang?.isSchedulable : nil
      let isSchedulable = known ?? self.isSchedulable(slot, atMs: nowMs)
      gang = (row.job, isSchedulable)
      guard isSchedulable else { continue }
      expected.append((QueueKey(job: Int(row.job), jobs.rows[Int(row.job)]), slot))
    }
    expected.sort { $0.key == $1.key ? $0.task < $1.task : $0.key < $1.key }
    if queue != expected.map({ tasks.handle($0.task) }) {
      violations.append("the queue is not the schedulable tasks of unfinished jobs in scheduling order")
    }
    let withDeadline = jobs.rows.count {
      $0.isOccupied && $0.deadlineMs != nil && tasks.fresh.first(in: $0.taskSlots) != nil
    }
    if withDeadline != deadlines.count {
      violations.append("\(deadlines.count) deadlines awaited, \(withDeadline) jobs wait for one")
    }
    checkTimers(&violations)
    checkWaiting(&violations)
  }

  private func checkTimers(_ violations: inout [String]) {
    let awaited = Set(deliveries.entries.filter { isAwaited($0) }.map(\.task))
    var (assigned, limited, waiting) = (0, 0, 0)
    for slot in tasks.rows.indices where tasks.rows[slot].job != noSlot {
      if tasks.rows[slot].state == .assigned { assigned += 1 }
      if runLimitMs(slot) != nil { limited += 1 }
      if tasks.pending.contains(slot), !tasks.ready.contains(slot), !tasks.isStopping(slot) { waiting += 1 }
    }
    if (assigned, limited, waiting) != (awaited.count, runLimits.count, backOffs.count) {
      violations.append("what is due for tasks is not what they wait for")
    }
    let passedOver = deliveries.entries.prefix(deliveries.passedOver).filter { isAwaited($0) }
    if !passedOver.allSatisfy({ isBraked(Int(tasks.rows[Int($0.task)].worker)) }) {
      violations.append("a delivery that is waited for is passed over")
    }
    if deliveries.entriesKept > DeliveryQueue.mostKept(of: deliveries.count) {
      violations.append("deliveries that are over take memory")
    }
    let graces = drains.byName.values.filter { $0.endsMs != nil }
    let areRegistered = graces.allSatisfy { $0.worker != noSlot && cluster.isOccupied(Int($0.worker)) }
    if graces.count != drains.ends.count || !areRegistered {
      violations.append("the graces of drains do not end as they should")
    }
  }

  /// The shapes have exactly the jobs that wait and are not held, and none that would fit is left behind.
  private func checkWaiting(_ violations: inout [String]) {
    let waits = jobs.rows.indices.filter { jobs.schedulable($0) > 0 && !jobs.rows[$0].isPlacementHeld }
    let filed = waiting.all
    if Set(filed.map { Int($0.job.job) }) != Set(waits) || filed.count != waits.count {
      violations.append("the shapes do not have exactly the jobs that wait")
    }
    var heads: [UInt32: QueueKey] = [:]
    for key in filed {
      let job = Int(key.job.job)
      let shape = waiting.shapes[Int(key.shape)]
      if jobs.rows[job].shape != key.shape || shape.ask != AskShape(jobs.rows[job], jobs.ask(job)) {
        violations.append("\(jobs.name(job)): waits under another shape than its own")
      }
      if key.job == shape.candidate { heads[key.shape] = key.job }
      let isForgotten = !willBeAsked(for: job) && !shape.isRefusedByPolicy
      if isForgotten, placementPass.reserver == nil, hasRoom(for: job) {
        violations.append("\(jobs.name(job)): fits and is not asked for")
      }
    }
    for shape in Set(filed.map(\.shape)) where waiting.shapes[Int(shape)].candidate != heads[shape] {
      violations.append("shape \(shape): the job to be asked for next is none of its own")
    }
  }

  private func hasRoom(for job: Int) -> Bool {
    let row = jobs.rows[job]
    let needed = row.isCoscheduled ? row.counts[.pending] : 1
    return placeableTasks(jobs.ask(job), row.rule, upTo: needed) >= needed
  }

  /// For how many tasks of this size there is room on the workers that may get tasks, counted no further than `limit`.
  private func placeableTasks(_ ask: Amounts, _ rule: PlacementRule, upTo limit: Int) -> Int {
    var count = 0
    var next = cluster.first(withFree: ask, rule)
    while let slot = next, count < limit {
      count += ask.count(in: cluster.free(slot).values.span, upTo: limit)
      next = cluster.first(withFree: ask, rule, from: slot + 1)
    }
    return min(count, limit)
  }
}
