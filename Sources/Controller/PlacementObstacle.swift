import EventModel

/// Why a PENDING task is not placed.
public enum PlacementObstacle: Hashable, Sendable {
  /// No worker is registered.
  case noWorkers
  /// No worker that may get tasks has enough free: the one with the most lacks `missingMilliCPU`. Nil when none may.
  case noCapacity(missingMilliCPU: Int64, bestWorker: WorkerIdentity?, workersConsidered: Int)
  /// Its gang is placed as a whole or not at all, and for so many of its PENDING members there is no room.
  case heldByGang(missingMembers: Int)
  /// There would be room on silent workers of this zone, which get no tasks while its brake keeps them from being lost.
  case brakeEngaged(zone: String)
  /// There is room for it: the scheduler has not come to it, its policy chose not to place it, or it waits because its
  /// gang was not committed as a whole.
  case notYetConsidered
}

extension ControllerState {
  /// Why a task waits; nil when it is not PENDING or the handle is stale. O(workers).
  public func placementObstacle(of task: TaskHandle) -> PlacementObstacle? {
    guard let slot = tasks.slot(of: task), tasks.rows[slot].state == .pending else { return nil }
    let job = jobs.rows[jobSlot(ofTask: slot)]
    guard totals.workers > 0 else { return .noWorkers }
    let needed = job.isCoscheduled ? job.counts[.pending] : 1
    let placeable = placeableTasks(milliCPU: job.milliCPU, onSuspended: false, upTo: needed)
    if placeable >= needed { return .notYetConsidered }
    if let zone = zoneOfSuspendedWorker(withFreeMilliCPU: job.milliCPU),
      placeable + placeableTasks(milliCPU: job.milliCPU, onSuspended: true, upTo: needed) >= needed
    {
      return .brakeEngaged(zone: zone)
    }
    if placeable > 0 { return .heldByGang(missingMembers: needed - placeable) }
    let best = cluster.capacity.firstWithMostFree()
    return .noCapacity(
      missingMilliCPU: job.milliCPU - (best?.freeMilliCPU ?? 0),
      bestWorker: best.map { cluster.identity($0.slot) },
      workersConsidered: totals.workers - cluster.suspendedCount)
  }

  /// For how many tasks of this size there is room, counted no further than `limit`.
  private func placeableTasks(milliCPU: Int64, onSuspended: Bool, upTo limit: Int) -> Int {
    var count = 0
    for slot in 0..<workerSlots where count < limit {
      guard cluster.isOccupied(slot), cluster.isSuspended(slot) == onSuspended else { continue }
      count += placeableTasks(milliCPU: milliCPU, on: slot, upTo: limit)
    }
    return min(count, limit)
  }

  private func placeableTasks(milliCPU: Int64, on worker: Int, upTo limit: Int) -> Int {
    let freeMilliCPU = cluster.rows[worker].totalMilliCPU - cluster.rows[worker].committedMilliCPU
    guard freeMilliCPU >= milliCPU else { return 0 }
    return milliCPU == 0 ? limit : Int(freeMilliCPU / milliCPU)
  }

  private func zoneOfSuspendedWorker(withFreeMilliCPU milliCPU: Int64) -> String? {
    guard cluster.suspendedCount > 0 else { return nil }
    let worker = (0..<workerSlots).first {
      cluster.isSuspended($0) && placeableTasks(milliCPU: milliCPU, on: $0, upTo: 1) > 0
    }
    return worker.map { cluster.zones.rows[judgedZone(ofWorker: $0)].name }
  }
}
