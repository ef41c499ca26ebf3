import EventModel

extension ControllerState {
  /// Does what an event was decided on still hold? For events that the controller's own dispatcher decided on and handles
  /// later: meanwhile a worker may have been heard of, or a task placed by somebody else.
  public func stillHolds(_ event: Event) -> Bool {
    let timeMs = event.timestampMs ?? nowMs
    switch event.body {
    case .workerFailed(let worker, .timedOut(let lastHeartbeatMs, _)):
      guard let slot = workerSlot(worker) else { return false }
      return cluster.liveness[slot].lastHeartbeatMs == lastHeartbeatMs
        && exceededTimeoutMs(slot, asOfMs: timeMs) != nil
    case .schedulingDeadlinePassed(let task):
      guard let slot = taskSlot(task), tasks.rows[slot].state == .pending else { return false }
      return jobs.rows[jobSlot(ofTask: slot)].deadlineMs.map { $0 <= timeMs } ?? false
    case .taskAssigned(let task, let worker):
      guard let slot = taskSlot(task), tasks.rows[slot].state == .pending, let worker = workerSlot(worker)
      else { return false }
      return cluster.capacity.hasRoom(for: jobs.rows[jobSlot(ofTask: slot)].ask, at: worker)
    case .taskPreempted(let task, _):
      guard let slot = taskSlot(task), tasks.rows[slot].state.isActive else { return false }
      // Proposed for gangs of which only a part has its place.
      return jobs.rows[jobSlot(ofTask: slot)].counts[.pending] > 0
    case .brakeEngaged(let census): return brake(ofZone: census.zone) == nil
    case .brakeReleased(let census): return brake(ofZone: census.zone) != nil
    default: return true
    }
  }
}
