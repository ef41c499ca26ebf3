// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

extension Event {
  /// The entity that the event names, as it names it: by name, or by `#` and its handle. Empty when it names none.
  public var named: String {
    switch body {
    case .workerRegistered(let workerRegistration): workerRegistration.name
    case .workerHeartbeat(let worker): worker.shown
    case .workerHeartbeatFailed(let worker, _): worker.shown
    case .workerFailed(let worker, _): worker.shown
    case .workerReconciled(let worker, _): worker.shown
    case .jobSubmitted(let name, _): name
    case .jobCancelled(let job, _): job.shown
    case .taskAssigned(let task, _): task.shown
    case .taskStateChanged(let taskReport): taskReport.task.shown
    case .taskPreempted(let task, _): task.shown
    case .endpointRegistered(let task, _): task.shown
    case .tick: ""
    case .prune: ""
    case .schedulingDeadlinePassed(let task): task.shown
    case .controllerStalled: ""
    case .brakeEngaged(let zoneCensus): zoneCensus.zone
    case .brakeReleased(let zoneCensus): zoneCensus.zone
    case .brakeOverridden(let zone, _): zone
    case .clockCorrected: ""
    case .workerDrain(let worker, _, _, _): worker.shown
    case .workerResumed(let worker, _): worker.shown
    case .workerDrainPassed(let worker): worker.shown
    case .taskStopped(let taskStop): taskStop.task.shown
    case .taskTimedOut(let task, _): task.shown
    case .assignmentTimedOut(let task, _): task.shown
    }
  }

  /// What else it says that explains the rest, for people.
  public var remark: String? {
    switch body {
    case .workerRegistered: nil
    case .workerHeartbeat: nil
    case .workerHeartbeatFailed(_, let error): error
    case .workerFailed(_, let cause): cause.error
    case .workerReconciled(_, let reported): "\(reported.count) reported"
    case .jobSubmitted(_, let request): "\(request.replicas) tasks" + (request.reason.map { ": \($0)" } ?? "")
    case .jobCancelled(_, let reason): reason
    case .taskAssigned(_, let worker): "to \(worker.shown)"
    case .taskStateChanged(let taskReport): "attempt \(taskReport.attempt) \(taskReport.state.name)" + (taskReport.exitCode.map { ", exit code \($0)" } ?? "") + (taskReport.endReason.map { ", \($0.name)" } ?? "") + (taskReport.cpuMs.map { ", cpu ms \($0)" } ?? "") + (taskReport.peakMemoryBytes.map { ", peak memory bytes \($0)" } ?? "") + (taskReport.error.map { ": \($0)" } ?? "")
    case .taskPreempted(_, let reason): reason
    case .endpointRegistered(_, let endpoint): "\(endpoint)"
    case .tick: nil
    case .prune: nil
    case .schedulingDeadlinePassed: nil
    case .controllerStalled(let stalledMs): "for \(stalledMs) ms"
    case .brakeEngaged(let zoneCensus): "\(zoneCensus.silentWorkers) of \(zoneCensus.workers) workers silent"
    case .brakeReleased(let zoneCensus): "\(zoneCensus.silentWorkers) of \(zoneCensus.workers) workers silent"
    case .brakeOverridden(_, let reason): reason
    case .clockCorrected(let aheadMs): "was \(aheadMs) ms ahead"
    case .workerDrain(_, let reason, _, _): reason
    case .workerResumed(_, let reason): reason
    case .workerDrainPassed: nil
    case .taskStopped(let taskStop): "attempt \(taskStop.attempt)" + (taskStop.exitCode.map { ", exit code \($0)" } ?? "") + (taskStop.endReason.map { ", \($0.name)" } ?? "") + (taskStop.cpuMs.map { ", cpu ms \($0)" } ?? "") + (taskStop.peakMemoryBytes.map { ", peak memory bytes \($0)" } ?? "") + (taskStop.error.map { ": \($0)" } ?? "")
    case .taskTimedOut(_, let attempt): "attempt \(attempt)"
    case .assignmentTimedOut(_, let attempt): "attempt \(attempt)"
    }
  }
}

extension Event.Body {
  /// The same with a name in the place of each handle for which there is one.
  public func mapReferences(workerName: (WorkerHandle) -> String?, jobName: (JobHandle) -> String?, taskName: (TaskHandle) -> String?) -> Event.Body {
    switch self {
    case .workerHeartbeat(let worker):
      let worker = worker.named(workerName)
      return .workerHeartbeat(worker)
    case .workerHeartbeatFailed(let worker, let error):
      let worker = worker.named(workerName)
      return .workerHeartbeatFailed(worker, error: error)
    case .workerFailed(let worker, let cause):
      let worker = worker.named(workerName)
      return .workerFailed(worker, cause: cause)
    case .workerReconciled(let worker, let reported):
      let worker = worker.named(workerName)
      let reported = reported.map { ReportedTask(task: $0.task.named(taskName), attempt: $0.attempt) }
      return .workerReconciled(worker, reported: reported)
    case .jobSubmitted(let name, let request):
      var request = request
      request.parent = request.parent.map { $0.named(jobName) }
      return .jobSubmitted(name: name, request: request)
    case .jobCancelled(let job, let reason):
      let job = job.named(jobName)
      return .jobCancelled(job, reason: reason)
    case .taskAssigned(let task, let worker):
      let task = task.named(taskName)
      let worker = worker.named(workerName)
      return .taskAssigned(task, worker: worker)
    case .taskStateChanged(let taskReport):
      let task = taskReport.task.named(taskName)
      let attempt = taskReport.attempt
      let state = taskReport.state
      let error = taskReport.error
      let exitCode = taskReport.exitCode
      let endReason = taskReport.endReason
      let cpuMs = taskReport.cpuMs
      let peakMemoryBytes = taskReport.peakMemoryBytes
      return .taskStateChanged(TaskReport(task: task, attempt: attempt, state: state, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes))
    case .taskPreempted(let task, let reason):
      let task = task.named(taskName)
      return .taskPreempted(task, reason: reason)
    case .endpointRegistered(let task, let endpoint):
      let task = task.named(taskName)
      return .endpointRegistered(task, endpoint: endpoint)
    case .schedulingDeadlinePassed(let task):
      let task = task.named(taskName)
      return .schedulingDeadlinePassed(task)
    case .workerDrain(let worker, let reason, let submitter, let graceMs):
      let worker = worker.named(workerName)
      return .workerDrain(worker, reason: reason, submitter: submitter, graceMs: graceMs)
    case .workerResumed(let worker, let reason):
      let worker = worker.named(workerName)
      return .workerResumed(worker, reason: reason)
    case .workerDrainPassed(let worker):
      let worker = worker.named(workerName)
      return .workerDrainPassed(worker)
    case .taskStopped(let taskStop):
      let task = taskStop.task.named(taskName)
      let attempt = taskStop.attempt
      let error = taskStop.error
      let exitCode = taskStop.exitCode
      let endReason = taskStop.endReason
      let cpuMs = taskStop.cpuMs
      let peakMemoryBytes = taskStop.peakMemoryBytes
      return .taskStopped(TaskStop(task: task, attempt: attempt, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes))
    case .taskTimedOut(let task, let attempt):
      let task = task.named(taskName)
      return .taskTimedOut(task, attempt: attempt)
    case .assignmentTimedOut(let task, let attempt):
      let task = task.named(taskName)
      return .assignmentTimedOut(task, attempt: attempt)
    default: return self
    }
  }
}
