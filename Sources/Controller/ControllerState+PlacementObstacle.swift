import EventModel

extension ControllerState {
  /// Why a task waits; nil when it is not PENDING or the handle is stale.
  ///
  /// At most `Limits.replicas` look-ups in the tree of free capacity, and a look at no more than
  /// `ControllerLimits.suspendedWorkersPerObstacle` silent workers.
  public func placementObstacle(of task: TaskHandle) -> PlacementObstacle? {
    guard let slot = tasks.slot(of: task), tasks.rows[slot].state == .pending else { return nil }
    let job = jobs.rows[jobSlot(ofTask: slot)]
    guard totals.workers > 0 else { return .noWorkers }
    let needed = job.isCoscheduled ? job.counts[.pending] : 1
    let placeable = placeableTasks(milliCPU: job.milliCPU, upTo: needed)
    if placeable >= needed { return willBeAsked(for: jobSlot(ofTask: slot)) ? .notYetConsidered : .refusedByPolicy }
    if let zone = zoneOfSuspendedWorkers(withRoomFor: needed - placeable, milliCPU: job.milliCPU) {
      return .brakeEngaged(zone: zone)
    }
    if placeable > 0 { return .heldByGang(missingMembers: needed - placeable) }
    let best = cluster.capacity.firstWithMostFree()
    return .noCapacity(
      missingMilliCPU: job.milliCPU - (best?.freeMilliCPU ?? 0),
      bestWorker: best.map { cluster.identity($0.slot) },
      workersConsidered: totals.workers - cluster.suspendedCount)
  }

  /// For how many tasks of this size there is room on the workers that may get tasks, counted no further than `limit`.
  func placeableTasks(milliCPU: Int64, upTo limit: Int) -> Int {
    var count = 0
    var next = cluster.capacity.first(withFree: milliCPU)
    while let slot = next, count < limit {
      count += placeableTasks(milliCPU: milliCPU, on: slot, upTo: limit)
      next = cluster.capacity.first(withFree: milliCPU, from: slot + 1)
    }
    return min(count, limit)
  }

  private func placeableTasks(milliCPU: Int64, on worker: Int, upTo limit: Int) -> Int {
    let freeMilliCPU = cluster.rows[worker].totalMilliCPU - cluster.rows[worker].committedMilliCPU
    guard freeMilliCPU >= milliCPU else { return 0 }
    return milliCPU == 0 ? limit : Int(min(freeMilliCPU / milliCPU, Int64(limit)))
  }

  /// The zone of the first of the suspended workers that together have room for so many tasks; nil when they have not.
  private func zoneOfSuspendedWorkers(withRoomFor needed: Int, milliCPU: Int64) -> String? {
    var zone: String?
    var count = 0
    var looks = 0
    var next = cluster.firstSuspended(from: 0)
    while let slot = next, looks < ControllerLimits.suspendedWorkersPerObstacle {
      let placeable = placeableTasks(milliCPU: milliCPU, on: slot, upTo: needed)
      if placeable > 0, zone == nil { zone = cluster.zones.rows[judgedZone(ofWorker: slot)].name }
      count += placeable
      if count >= needed { return zone }
      looks += 1
      next = cluster.firstSuspended(from: slot + 1)
    }
    return nil
  }
}
