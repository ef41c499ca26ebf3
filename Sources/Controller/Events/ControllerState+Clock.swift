import EventModel

extension ControllerState {
  /// The controller's clock was ahead, and goes back to `timeMs`. What was noted later than that counts as noted then, and
  /// every worker's clock starts afresh, as after a restart.
  mutating func setClockBack(toMs timeMs: Int64, aheadMs: Int64) -> Outcome {
    guard ControllerLimits.timestampMs.contains(aheadMs) else { return .rejected(.malformed) }
    var saved = save()
    saved.earlierAssignments = assignments(after: timeMs)
    saved.limitTimes(toMs: timeMs)
    let log = transactionLog
    self = ControllerState(restoring: saved, configuration: configuration, atMs: timeMs)
    transactionLog = log
    return .applied
  }

  /// What attempts on workers go by there must not change: when they were assigned is part of it.
  private func assignments(after timeMs: Int64) -> [SavedAssignment] {
    var assignments = earlierAssignments
    for slot in tasks.rows.indices where tasks.rows[slot].worker != noSlot {
      let assignedMs = attempts[tasks.rows[slot].lastAttempt].startedMs
      if assignedMs > timeMs, assignments[UInt32(slot)] == nil { assignments[UInt32(slot)] = assignedMs }
    }
    return assignments.sorted { $0.key < $1.key }.map { SavedAssignment(taskSlot: $0.key, assignedMs: $0.value) }
  }
}

extension SavedState {
  fileprivate mutating func limitTimes(toMs timeMs: Int64) {
    nowMs = timeMs
    for index in brakes.indices { brakes[index].engagedMs = min(brakes[index].engagedMs, timeMs) }
    for index in jobs.indices {
      jobs[index].submittedMs = min(jobs[index].submittedMs, timeMs)
      jobs[index].rootSubmittedMs = min(jobs[index].rootSubmittedMs, timeMs)
      jobs[index].endedMs = jobs[index].endedMs.map { min($0, timeMs) }
    }
    for index in tasks.indices { tasks[index].schedulableMs = tasks[index].schedulableMs.map { min($0, timeMs) } }
    for index in drains.indices { drains[index].startedMs = min(drains[index].startedMs, timeMs) }
    for index in attempts.indices {
      attempts[index].startedMs = min(attempts[index].startedMs, timeMs)
      attempts[index].runningMs = attempts[index].runningMs.map { min($0, timeMs) }
      attempts[index].endedMs = attempts[index].endedMs.map { min($0, timeMs) }
    }
  }
}
