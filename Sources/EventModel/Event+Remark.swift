extension Event {
  /// The entity that the event names, as it names it: by name, or by `#` and its handle. Empty when it names none.
  public var named: String {
    switch body {
    case .workerRegistered(let registration): registration.name
    case .workerHeartbeat(let worker), .workerHeartbeatFailed(let worker, _), .workerFailed(let worker, _),
      .workerReconciled(let worker, _):
      worker.shown
    case .jobSubmitted(let name, _): name
    case .jobCancelled(let job, _): job.shown
    case .taskAssigned(let task, _), .taskPreempted(let task, _), .endpointRegistered(let task, _),
      .schedulingDeadlinePassed(let task):
      task.shown
    case .taskStateChanged(let report): report.task.shown
    case .brakeEngaged(let census), .brakeReleased(let census): census.zone
    case .brakeOverridden(let zone, _): zone
    case .tick, .prune, .controllerStalled, .clockCorrected: ""
    }
  }

  /// What else it says that explains the rest, for people.
  public var remark: String? {
    switch body {
    case .workerHeartbeatFailed(_, let error): error
    case .workerFailed(_, let cause): cause.error
    case .workerReconciled(_, let reported): "\(reported.count) reported"
    case .jobSubmitted(_, let request):
      "\(request.replicas) tasks" + (request.reason.map { ": \($0)" } ?? "")
    case .jobCancelled(_, let reason): reason
    case .taskAssigned(_, let worker): "to \(worker.shown)"
    case .taskPreempted(_, let reason): reason
    case .taskStateChanged(let report):
      "attempt \(report.attempt) \(report.state.name)" + (report.error.map { ": \($0)" } ?? "")
    case .endpointRegistered(_, let endpoint): endpoint
    case .controllerStalled(let stalledMs): "for \(stalledMs) ms"
    case .clockCorrected(let aheadMs): "was \(aheadMs) ms ahead"
    case .brakeEngaged(let census), .brakeReleased(let census):
      "\(census.silentWorkers) of \(census.workers) workers silent"
    case .brakeOverridden(_, let reason): reason
    case .workerRegistered, .workerHeartbeat, .tick, .prune, .schedulingDeadlinePassed: nil
    }
  }
}

extension Reference {
  fileprivate var shown: String {
    switch self {
    case .handle(let handle): "#\(handle)"
    case .name(let name): name
    }
  }
}
