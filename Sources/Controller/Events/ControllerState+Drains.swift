import EventModel

/// Workers that get no tasks by order of an operator, until they are resumed. A drain belongs to the worker's name: it
/// outlives the worker's incarnations, and its loss.
extension ControllerState {
  mutating func drainWorker(
    _ worker: WorkerReference, reason: String?, submitter: String?, graceMs: Int64?, atMs timeMs: Int64,
    _ draft: inout TransactionDraft
  ) -> Outcome {
    guard let slot = workerSlot(worker) else { return .rejected(.unknownWorker) }
    if let graceMs, !ControllerLimits.timestampMs.contains(graceMs) { return .rejected(.malformed) }
    let subject = cluster.subject(slot)
    draft.subject = subject
    let isCutOff = graceMs == 0
    drains[cluster.name(slot)] = Drain(
      reason: reason, submitter: submitter, startedMs: timeMs, graceMs: isCutOff ? nil : graceMs, worker: UInt32(slot))
    cluster.setDraining(slot, true)
    noteChange(ofWorker: slot)
    let draining = draft.add(.workerDraining, subject, cause: .event)
    if isCutOff { cutOffTasks(of: slot, reason: reason, cause: draining, &draft) }
    return .applied
  }

  mutating func resumeWorker(_ worker: WorkerReference, _ draft: inout TransactionDraft) -> Outcome {
    let slot = workerSlot(worker)
    if let slot { draft.subject = cluster.subject(slot) }
    let name: String
    switch (slot, worker) {
    case (let slot?, _): name = cluster.name(slot)
    case (nil, .name(let text)): name = text
    case (nil, .handle): return .rejected(.unknownWorker)
    }
    guard drains[name] != nil else { return slot == nil ? .rejected(.unknownWorker) : .ignored }
    drains[name] = nil
    let subject = slot.map { cluster.subject($0) } ?? .worker(.none, name: name)
    draft.add(.workerResumed, subject, cause: .event)
    if let slot {
      cluster.setDraining(slot, false)
      noteChange(ofWorker: slot)
      noteGainOfAll(on: slot)
    }
    return .applied
  }

  mutating func passDrain(of worker: WorkerReference, _ draft: inout TransactionDraft) -> Outcome {
    guard let slot = workerSlot(worker) else { return .rejected(.unknownWorker) }
    let subject = cluster.subject(slot)
    draft.subject = subject
    let name = cluster.name(slot)
    guard let drain = drains[name], let endsMs = drain.endsMs, endsMs <= nowMs else { return .ignored }
    drains[name]?.graceMs = nil
    let passed = draft.add(.workerDrainPassed, subject, cause: .event)
    cutOffTasks(of: slot, reason: drain.reason, cause: passed, &draft)
    return .applied
  }

  /// Takes its active tasks off a worker, at no charge to them.
  private mutating func cutOffTasks(
    of worker: Int, reason: String?, cause: Cause, _ draft: inout TransactionDraft
  ) {
    let error = errors.add("worker \(cluster.name(worker)) is drained" + (reason.map { ": \($0)" } ?? ""))
    draft.reserveCapacity(forTasks: Int(cluster.rows[worker].runningCount))
    let end = TaskEnd(attemptState: .preempted, taskState: .pending, error: error, killsProcess: true)
    for task in runningTasks(of: worker) where isActive(task, on: worker) {
      finish(task, end, cause: cause, &draft)
    }
    errors.release(error)
  }

  /// A worker is lost: there is nobody left to give grace to.
  mutating func endGrace(ofWorker name: String) {
    if drains[name]?.graceMs != nil { drains[name]?.graceMs = nil }
  }
}
