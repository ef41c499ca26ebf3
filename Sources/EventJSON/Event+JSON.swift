import EventModel

extension Event {
  /// The event as `EventJSONDecoder` reads it. Its id is not part of it.
  ///
  /// What only the dispatcher's clock says (a tick, a passed deadline, the times of a worker that timed out) is refused
  /// on the way in unless a dispatcher is said to speak, as in scripts.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("type", kind.name)
    appendBody(to: &members)
    switch kind {
    case .tick, .prune: members.append("now_ms", timestampMs.map(JSONValue.integer))
    default: members.append("timestamp_ms", timestampMs.map(JSONValue.integer))
    }
    return .object(members)
  }

  private func appendBody(to members: inout [JSONValue.Member]) {
    switch body {
    case .workerRegistered(let registration):
      members.append("worker_id", registration.name)
      members.append("address", registration.address)
      members.append("metadata", registration.metadata.json)
      members.append("incarnation", registration.incarnation)
    case .workerHeartbeat(let worker):
      members.append("worker_id", worker.jsonText)
    case .workerHeartbeatFailed(let worker, let error):
      members.append("worker_id", worker.jsonText)
      members.append("error", error)
    case .workerFailed(let worker, let cause):
      members.append("worker_id", worker.jsonText)
      cause.append(to: &members)
    case .workerReconciled(let worker, let reported):
      members.append("worker_id", worker.jsonText)
      let pairs = reported.map { JSONValue.array([.string($0.task.jsonText), .integer($0.attempt)]) }
      members.append("reported", .array(pairs))
    case .jobSubmitted(let name, let request):
      members.append("job_id", name)
      members.append("request", request.json)
    case .jobCancelled(let job, let reason):
      members.append("job_id", job.jsonText)
      members.append("reason", reason)
    case .taskAssigned(let task, let worker):
      members.append("task_id", task.jsonText)
      members.append("worker_id", worker.jsonText)
    case .taskStateChanged(let report):
      members.append("task_id", report.task.jsonText)
      members.append("attempt_id", .integer(report.attempt))
      members.append("new_state", report.state.name)
      members.append("error", report.error)
      members.append("exit_code", report.exitCode.map(JSONValue.integer))
    case .taskPreempted(let task, let reason):
      members.append("task_id", task.jsonText)
      members.append("reason", reason)
    case .endpointRegistered(let task, let endpoint):
      members.append("task_id", task.jsonText)
      members.append("endpoint", endpoint)
    case .schedulingDeadlinePassed(let task):
      members.append("task_id", task.jsonText)
    case .controllerStalled(let stalledMs):
      members.append("stalled_ms", .integer(stalledMs))
    case .clockCorrected(let aheadMs):
      members.append("ahead_ms", .integer(aheadMs))
    case .brakeEngaged(let census), .brakeReleased(let census):
      members.append("zone", census.zone)
      members.append("silent_workers", .integer(census.silentWorkers))
      members.append("workers", .integer(census.workers))
    case .brakeOverridden(let zone, let reason):
      members.append("zone", zone)
      members.append("reason", reason)
    case .tick, .prune:
      break
    }
  }
}

extension WorkerFailureCause {
  fileprivate func append(to members: inout [JSONValue.Member]) {
    members.append("error", error)
    if case .timedOut(let lastHeartbeatMs, let timeoutMs) = self {
      members.append("last_heartbeat_ms", .integer(lastHeartbeatMs))
      members.append("timeout_ms", .integer(timeoutMs))
    }
  }
}

extension Reference {
  /// A name as it is, a handle as `#INDEX.GENERATION`.
  public var jsonText: String {
    switch self {
    case .name(let name): name
    case .handle(let handle): "#\(handle)"
    }
  }
}

extension WorkerMetadata {
  /// `cpu`, then the attributes in their order. A name stands once in an object, so of repeated keys the first counts.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("cpu", .cpus(milliCPU: milliCPU))
    for attribute in attributes where !members.contains(where: { $0.name == attribute.key }) {
      members.append(attribute.key, attribute.value)
    }
    return .object(members)
  }
}

extension JobRequest {
  /// All fields that have a value, the defaults too.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("replicas", .integer(replicas))
    members.append("max_retries_failure", .integer(maxRetriesFailure))
    members.append("max_retries_preemption", .integer(maxRetriesPreemption))
    members.append("max_task_failures", .integer(maxTaskFailures))
    members.append("coscheduled", .boolean(coscheduled))
    members.append("cpu", .cpus(milliCPU: milliCPU))
    members.append("scheduling_timeout_ms", schedulingTimeoutMs.map(JSONValue.integer))
    members.append("parent", parent?.jsonText)
    members.append("owner", owner)
    members.append("reason", reason)
    return .object(members)
  }
}
