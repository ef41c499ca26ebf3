import EventModel

extension ControllerState {
  /// Does what an event was decided on still hold? For events that the controller's own dispatcher decided on and handles
  /// later: meanwhile a worker may have been heard of, or a task placed by somebody else.
  ///
  /// - Parameter clockMs: the caller's clock, for an event without a time of its own: the logical clock unless said.
  public func stillHolds(_ event: Event, atMs clockMs: Int64? = nil) -> Bool {
    let timeMs = event.timestampMs ?? clockMs ?? nowMs
    switch event.body {
    case .workerFailed(let worker, .timedOut(let lastHeartbeatMs, _)):
      guard let slot = workerSlot(worker) else { return false }
      return cluster.liveness[slot].lastHeartbeatMs == lastHeartbeatMs
        && exceededTimeoutMs(slot, asOfMs: timeMs) != nil
    case .schedulingDeadlinePassed(let task):
      guard let slot = taskSlot(task), tasks.fresh.contains(slot) else { return false }
      return jobs.rows[jobSlot(ofTask: slot)].deadlineMs.map { $0 <= timeMs } ?? false
    case .taskAssigned(let task, let worker):
      guard let slot = taskSlot(task), isSchedulable(slot, atMs: max(timeMs, nowMs)), let worker = workerSlot(worker)
      else { return false }
      let job = jobSlot(ofTask: slot)
      return hasRoom(forJob: job, at: worker)
    case .taskTimedOut(let task, let attempt):
      guard let slot = taskSlot(task), attempt &+ 1 == tasks.rows[slot].attemptCount else { return false }
      return runLimitMs(slot).map { $0 < timeMs } ?? false
    case .assignmentTimedOut(let task, let attempt):
      guard let slot = taskSlot(task), attempt &+ 1 == tasks.rows[slot].attemptCount,
        tasks.rows[slot].state == .assigned
      else { return false }
      return attempts[tasks.rows[slot].lastAttempt].stateMs < timeMs - configuration.assignmentTimeoutMs
    case .workerDrainPassed(let worker):
      guard let slot = workerSlot(worker), let endsMs = drains[cluster.name(slot)]?.endsMs else { return false }
      return endsMs <= timeMs
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
