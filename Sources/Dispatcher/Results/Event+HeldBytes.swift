import EventModel

extension Event {
  /// About what its texts and lists take in memory: what a peer makes as long as it wants.
  var heldBytes: Int {
    switch body {
    case .workerRegistered(let registration):
      registration.metadata.attributes.reduce(0) {
        $0 + MemoryLayout<WorkerMetadata.Attribute>.stride + $1.key.utf8.count + $1.value.utf8.count
      }
    case .workerReconciled(_, let reported):
      reported.reduce(0) { $0 + MemoryLayout<ReportedTask>.stride + $1.task.nameBytes }
    case .jobSubmitted(_, let request): (request.reason ?? "").utf8.count
    case .jobCancelled(_, let reason): reason.utf8.count
    case .workerHeartbeatFailed(_, let error): (error ?? "").utf8.count
    case .workerFailed(_, .reported(let error)): (error ?? "").utf8.count
    case .taskStateChanged(let report): (report.error ?? "").utf8.count
    case .taskPreempted(_, let reason): (reason ?? "").utf8.count
    case .brakeOverridden(_, let reason): (reason ?? "").utf8.count
    case .workerFailed, .workerHeartbeat, .taskAssigned, .endpointRegistered, .tick, .prune,
      .schedulingDeadlinePassed, .controllerStalled, .brakeEngaged, .brakeReleased, .clockCorrected:
      0
    }
  }
}

extension Reference {
  fileprivate var nameBytes: Int {
    if case .name(let name) = self { name.utf8.count } else { 0 }
  }
}
