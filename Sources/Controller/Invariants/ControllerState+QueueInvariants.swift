import EventModel

/// What must hold of the queue.
extension ControllerState {
  func checkQueue(_ violations: inout [String]) {
    var expected: [(key: QueueKey, task: Int)] = []
    for slot in tasks.rows.indices {
      let row = tasks.rows[slot]
      let isPending = row.job != noSlot && row.state == .pending
      if tasks.pending.contains(slot) != isPending {
        violations.append("task slot \(slot): the set of pending tasks is wrong about it")
      }
      guard isPending, !jobs.rows[Int(row.job)].state.isTerminal else { continue }
      expected.append((QueueKey(job: Int(row.job), jobs.rows[Int(row.job)]), slot))
    }
    expected.sort { $0.key == $1.key ? $0.task < $1.task : $0.key < $1.key }
    if queue != expected.map({ tasks.handle($0.task) }) {
      violations.append("the queue is not the pending tasks of unfinished jobs in scheduling order")
    }
    let withDeadline = jobs.rows.count { $0.isOccupied && $0.counts[.pending] > 0 && $0.deadlineMs != nil }
    if withDeadline != deadlines.count {
      violations.append("\(deadlines.count) deadlines awaited, \(withDeadline) jobs wait for one")
    }
    checkWaiting(&violations)
  }

  /// The shapes have exactly the jobs that wait and are not held, and none that would fit is left behind.
  private func checkWaiting(_ violations: inout [String]) {
    let waits = jobs.rows.indices.filter { jobs.rows[$0].counts[.pending] > 0 && !jobs.rows[$0].isPlacementHeld }
    let filed = waiting.all
    if Set(filed.map { Int($0.job.job) }) != Set(waits) || filed.count != waits.count {
      violations.append("the shapes do not have exactly the jobs that wait")
    }
    var heads: [UInt32: QueueKey] = [:]
    for key in filed {
      let job = Int(key.job.job)
      let shape = waiting.shapes[Int(key.shape)]
      if jobs.rows[job].shape != key.shape || shape.ask != AskShape(jobs.rows[job]) {
        violations.append("\(jobs.name(job)): waits under another shape than its own")
      }
      if key.job == shape.candidate { heads[key.shape] = key.job }
      let isForgotten = !willBeAsked(for: job) && !shape.isRefusedByPolicy
      if isForgotten, hasRoom(for: job) { violations.append("\(jobs.name(job)): fits and is not asked for") }
    }
    for shape in Set(filed.map(\.shape)) where waiting.shapes[Int(shape)].candidate != heads[shape] {
      violations.append("shape \(shape): the job to be asked for next is none of its own")
    }
  }

  private func hasRoom(for job: Int) -> Bool {
    let row = jobs.rows[job]
    let needed = row.isCoscheduled ? row.counts[.pending] : 1
    return placeableTasks(row.ask, upTo: needed) >= needed
  }

  /// For how many tasks of this size there is room on the workers that may get tasks, counted no further than `limit`.
  private func placeableTasks(_ ask: Amounts, upTo limit: Int) -> Int {
    var count = 0
    var next = cluster.capacity.first(withFree: ask)
    while let slot = next, count < limit {
      count += ask.count(in: cluster.free(slot), upTo: limit)
      next = cluster.capacity.first(withFree: ask, from: slot + 1)
    }
    return min(count, limit)
  }
}
