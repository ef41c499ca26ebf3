import EventModel

extension ReferenceModel {
  /// Moves the clock and makes a transaction of everything that is over: lost workers, drains whose grace has passed,
  /// tasks that ran for too long, assignments that were not delivered, scheduling deadlines.
  public mutating func tick(nowMs timeMs: Int64) -> [ModelTransaction] {
    nowMs = max(nowMs, timeMs)
    var transactions: [ModelTransaction] = []
    let overdue = workers.values.filter { nowMs - $0.lastHeartbeatMs > settings.workerTimeoutMs }
    for worker in overdue.sorted(by: { ($0.tableIndex, $0.serial) < ($1.tableIndex, $1.serial) }) {
      transactions.append(
        handle(
          .workerTimedOut(
            .name(worker.name), lastHeartbeatMs: worker.lastHeartbeatMs, timeoutMs: settings.workerTimeoutMs,
            timestampMs: nowMs)))
    }
    while let worker = nextDrainPassed {
      transactions.append(handle(.workerDrainPassed(.name(worker), timestampMs: nowMs)))
    }
    while let id = earliest(runEndsMs) {
      transactions.append(handle(.taskTimedOut(.name(name(id)), attempt: newest(id), timestampMs: nowMs)))
    }
    while let id = earliest(deliveryEndsMs) {
      transactions.append(handle(.assignmentTimedOut(.name(name(id)), attempt: newest(id), timestampMs: nowMs)))
    }
    while let id = earliest(schedulingEndsMs) {
      transactions.append(handle(.schedulingDeadlinePassed(.name(name(id)), timestampMs: nowMs)))
    }
    return transactions
  }

  private func newest(_ id: ModelTaskID) -> UInt32 { UInt32(task(id).attempts.count - 1) }

  private var nextDrainPassed: String? {
    let passed = workers.values.filter { (drains[ByteText($0.name)]?.endsMs ?? .max) <= nowMs }
    return passed.min {
      (drains[ByteText($0.name)]!.endsMs!, $0.serial) < (drains[ByteText($1.name)]!.endsMs!, $1.serial)
    }?.name
  }

  /// Of the tasks for which the span that `endsMs` tells is over the one that was due first, then the older one.
  private func earliest(_ endsMs: (ModelTaskID) -> Int64?) -> ModelTaskID? {
    var earliest: (id: ModelTaskID, ms: Int64)?
    for id in liveJobs.flatMap(tasks) {
      guard let ms = endsMs(id), ms <= nowMs, ms < earliest?.ms ?? .max else { continue }
      earliest = (id, ms)
    }
    return earliest?.id
  }

  /// The first moment that is too late for a task to be RUNNING.
  private func runEndsMs(_ id: ModelTaskID) -> Int64? {
    let timeoutMs = jobs[id.job].request.runTimeoutMs
    guard timeoutMs > 0, task(id).state == .running else { return nil }
    return (task(id).attempts.last?.runningMs).map { $0 + timeoutMs + 1 }
  }

  /// The first moment that is too late for a task to be ASSIGNED; none while a brake is engaged for its worker.
  private func deliveryEndsMs(_ id: ModelTaskID) -> Int64? {
    guard settings.assignmentTimeoutMs > 0, task(id).state == .assigned, let attempt = task(id).attempts.last,
      let worker = workers[ByteText(attempt.workerName)], brakes[ByteText(judgedZone(of: worker))] == nil
    else { return nil }
    return attempt.deliveryFromMs + settings.assignmentTimeoutMs + 1
  }

  /// When a task that was never assigned has waited for too long.
  private func schedulingEndsMs(_ id: ModelTaskID) -> Int64? {
    guard task(id).state == .pending, task(id).attempts.isEmpty else { return nil }
    return jobs[id.job].request.schedulingTimeoutMs.map { jobs[id.job].submittedMs + $0 }
  }

  mutating func runTimedOut(_ reference: TaskReference, _ attempt: UInt32) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    guard newestIs(attempt, of: id), let endsMs = runEndsMs(id), endsMs <= nowMs else { return .ignored }
    let error = ModelText.ranTooLong(jobs[id.job].request.runTimeoutMs)
    leave(id, as: .failed, to: .failed, error: error, mustStop: true)
    cascade(of: id, .failed, retries: false)
    return .applied
  }

  mutating func assignmentTimedOut(_ reference: TaskReference, _ attempt: UInt32) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    guard newestIs(attempt, of: id), let endsMs = deliveryEndsMs(id), endsMs <= nowMs else { return .ignored }
    endAttempt(of: id, as: .workerFailed, error: ModelText.notDelivered, mustStop: true)
    return .applied
  }

  mutating func deadlinePassed(_ reference: TaskReference) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    if task(id).state.isTerminal { return .rejected(.taskFinished) }
    guard let endsMs = schedulingEndsMs(id), endsMs <= nowMs else { return .ignored }
    leaveQueueUnschedulable(id)
    settle(id.job)
    return .applied
  }

  private mutating func leaveQueueUnschedulable(_ id: ModelTaskID) {
    leave(id, as: .unschedulable, to: .unschedulable, error: ModelText.schedulingTimeout)
  }

  private func newestIs(_ attempt: UInt32, of id: ModelTaskID) -> Bool {
    Int(attempt) == task(id).attempts.count - 1
  }

  /// Of a PENDING task whose newest attempt failed: when its back-off is over.
  public func retryMs(of task: ModelTask, in job: Int) -> Int64? {
    guard task.state == .pending, let attempt = task.attempts.last, attempt.state == .failed,
      let failedMs = attempt.endedMs
    else { return nil }
    let request = jobs[job].request
    var delayMs = min(request.retryDelayMs, request.retryDelayMaxMs)
    for _ in 1..<max(task.failures, 1) where delayMs > 0 && delayMs < request.retryDelayMaxMs {
      delayMs = min(delayMs * 2, request.retryDelayMaxMs)
    }
    return failedMs + delayMs
  }

  /// Since when a schedulable task is that.
  func schedulableSinceMs(_ id: ModelTaskID) -> Int64 {
    let attempt = task(id).attempts.last
    let moments = [
      attempt?.endedMs, attempt?.stoppedMs, retryMs(of: task(id), in: id.job), jobs[id.job].submittedMs,
    ]
    return moments.compactMap { $0 }.max()!
  }
}

/// What happens to all clocks at once.
extension ReferenceModel {
  /// Every worker's clock starts afresh, and the wait for each delivery.
  public mutating func restart(atMs timeMs: Int64) {
    suspended = []
    nowMs = max(nowMs, timeMs)
    for name in workers.keys { workers[name]?.lastHeartbeatMs = timeMs }
    changeAttempts { if $0.state == .assigned { $0.deliveryFromMs = timeMs } }
    restartMs = timeMs
    slowExpiries = [:]
  }

  /// Nothing was noted later than `timeMs`.
  mutating func correctClock(_ timeMs: Int64) -> Outcome {
    func corrected(_ noted: Int64) -> Int64 { min(noted, timeMs) }
    for zone in brakes.keys { brakes[zone]!.engagedMs = corrected(brakes[zone]!.engagedMs) }
    for name in drains.keys { drains[name]!.startedMs = corrected(drains[name]!.startedMs) }
    for job in jobs.indices {
      jobs[job].submittedMs = corrected(jobs[job].submittedMs)
      jobs[job].rootSubmittedMs = corrected(jobs[job].rootSubmittedMs)
      if let end = jobs[job].end { jobs[job].end!.timeMs = corrected(end.timeMs) }
    }
    changeAttempts {
      $0.startedMs = corrected($0.startedMs)
      $0.runningMs = $0.runningMs.map(corrected)
      $0.endedMs = $0.endedMs.map(corrected)
      $0.stoppedMs = $0.stoppedMs.map(corrected)
      $0.deliveryFromMs = timeMs
    }
    for name in workers.keys { workers[name]!.lastHeartbeatMs = timeMs }
    nowMs = timeMs
    restartMs = timeMs
    suspended = []
    return .applied
  }

  /// Every deadline of liveness shifts by the stall, but not beyond its end. What a program may run does not.
  mutating func shiftDeadlines(_ stalledMs: Int64, _ endMs: Int64) -> Outcome {
    func shifted(_ timeMs: Int64) -> Int64 { max(timeMs, min(timeMs + stalledMs, endMs)) }
    for name in workers.keys { workers[name]!.lastHeartbeatMs = shifted(workers[name]!.lastHeartbeatMs) }
    for name in drains.keys { drains[name]!.startedMs = shifted(drains[name]!.startedMs) }
    changeAttempts { $0.deliveryFromMs = shifted($0.deliveryFromMs) }
    restartMs = restartMs.map(shifted)
    return .applied
  }

  mutating func changeAttempts(_ change: (inout ModelAttempt) -> Void) {
    for id in jobs.indices.flatMap(tasks) {
      for number in task(id).attempts.indices { change(&jobs[id.job].tasks[id.index].attempts[number]) }
    }
  }
}
