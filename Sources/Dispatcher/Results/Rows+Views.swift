import Controller
import EventCodec
import EventModel

// Rows as the state tells them: for queries, and for whoever has a state of its own.

extension WorkerRow {
  public init(_ view: WorkerView) {
    self.init(
      handle: view.handle, name: view.name, address: view.address, lastHeartbeatMs: view.lastHeartbeatMs,
      capacity: view.metadata.capacity, committed: view.committed,
      runningTasks: UInt32(view.runningCount), consecutiveFailures: UInt32(view.consecutiveFailures))
  }
}

extension BrakeRow {
  public init(_ brake: ZoneBrake) {
    self.init(
      zone: brake.zone, engagedMs: brake.engagedMs, silentWorkers: brake.silentWorkers, workers: brake.workers,
      expiredWorkers: brake.expiredWorkers, isOverridden: brake.isOverridden)
  }
}

extension JobRow {
  public init(_ view: JobView) {
    self.init(
      handle: view.handle, name: view.name, state: view.state, submittedMs: view.submittedMs, endedMs: view.endedMs,
      resources: view.request.resources, coscheduled: view.request.coscheduled,
      tasksByState: TaskState.allCases.map { UInt32(view.taskCounts[$0]) }, error: view.error,
      owner: view.request.owner, parent: view.parentName)
  }
}

extension TaskRow {
  public init(_ view: TaskView) {
    self.init(
      handle: view.handle, name: view.name, state: view.state, worker: view.worker,
      attempts: UInt32(clamping: view.attemptCount), failures: UInt32(view.failures),
      preemptions: UInt32(view.preemptions),
      exitCode: view.exitCode, error: view.error)
  }
}
