import EventModel

extension ReferenceModel {
  /// Moves the clock and makes a transaction of everything that is due: lost workers in table order, then scheduling
  /// deadlines, the earliest first.
  public mutating func tick(nowMs timeMs: Int64) -> [ModelTransaction] {
    nowMs = max(nowMs, timeMs)
    var transactions: [ModelTransaction] = []
    let overdue = workers.values.filter { nowMs - $0.lastHeartbeatMs > settings.workerTimeoutMs }
    for worker in overdue.sorted(by: { $0.tableIndex < $1.tableIndex }) {
      transactions.append(
        handle(
          .workerTimedOut(
            .name(worker.name), lastHeartbeatMs: worker.lastHeartbeatMs, timeoutMs: settings.workerTimeoutMs,
            timestampMs: nowMs)))
    }
    while let task = nextDueTask {
      transactions.append(handle(.schedulingDeadlinePassed(.name(name(task)), timestampMs: nowMs)))
    }
    return transactions
  }

  /// Every worker's clock starts afresh.
  public mutating func restart(atMs timeMs: Int64) {
    suspended = []
    nowMs = max(nowMs, timeMs)
    for name in workers.keys { workers[name]?.lastHeartbeatMs = timeMs }
    restartMs = timeMs
    slowExpiries = [:]
  }

  /// Nothing was noted later than `timeMs`.
  mutating func correctClock(_ timeMs: Int64) -> Outcome {
    func corrected(_ noted: Int64) -> Int64 { min(noted, timeMs) }
    for zone in brakes.keys { brakes[zone]!.engagedMs = corrected(brakes[zone]!.engagedMs) }
    for job in jobs.indices {
      jobs[job].submittedMs = corrected(jobs[job].submittedMs)
      jobs[job].rootSubmittedMs = corrected(jobs[job].rootSubmittedMs)
      if let end = jobs[job].end { jobs[job].end!.timeMs = corrected(end.timeMs) }
      for task in jobs[job].tasks.indices {
        for number in jobs[job].tasks[task].attempts.indices {
          let attempt = jobs[job].tasks[task].attempts[number]
          jobs[job].tasks[task].attempts[number].startedMs = corrected(attempt.startedMs)
          jobs[job].tasks[task].attempts[number].endedMs = attempt.endedMs.map(corrected)
        }
      }
    }
    for name in workers.keys { workers[name]!.lastHeartbeatMs = timeMs }
    nowMs = timeMs
    restartMs = timeMs
    suspended = []
    return .applied
  }

  mutating func deadlinePassed(_ reference: TaskReference) -> Outcome {
    guard let id = task(reference) else { return .rejected(.unknownTask) }
    if task(id).state.isTerminal { return .rejected(.taskFinished) }
    guard task(id).state == .pending, task(id).attempts.isEmpty, let deadlineMs = deadlineMs(of: id.job),
      deadlineMs <= nowMs
    else {
      return .ignored
    }
    close(id, attempt: .unschedulable, task: .unschedulable, error: ModelText.schedulingTimeout, exitCode: nil)
    act(.taskStateChanged, name(id))
    settle(id.job)
    return .applied
  }

  private func deadlineMs(of job: Int) -> Int64? {
    jobs[job].request.schedulingTimeoutMs.map { jobs[job].submittedMs + $0 }
  }

  /// The lowest PENDING task of the unfinished job with the earliest deadline that has passed.
  private var nextDueTask: ModelTaskID? {
    let due = liveJobs.filter { job in
      guard jobs[job].end == nil, let deadlineMs = deadlineMs(of: job) else { return false }
      return deadlineMs <= nowMs && jobs[job].tasks.contains { $0.state == .pending && $0.attempts.isEmpty }
    }
    let earliest = due.min { (deadlineMs(of: $0)!, $0) < (deadlineMs(of: $1)!, $1) }
    return earliest.flatMap { job in tasks(of: job).first { task($0).state == .pending && task($0).attempts.isEmpty } }
  }
}
