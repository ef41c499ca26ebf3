// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

extension Event.Body {
  /// Appends all but the type and the time.
  func append(to members: inout some JSONMembers) {
    switch self {
    case .workerRegistered(let workerRegistration):
      members.append("worker_id", workerRegistration.name)
      members.append("address", workerRegistration.address)
      members.append("metadata", workerRegistration.metadata.json)
      members.append("incarnation", workerRegistration.incarnation)
    case .workerHeartbeat(let worker):
      members.append("worker_id", worker)
    case .workerHeartbeatFailed(let worker, let error):
      members.append("worker_id", worker)
      members.append("error", error)
    case .workerFailed(let worker, let cause):
      members.append("worker_id", worker)
      cause.append(to: &members)
    case .workerReconciled(let worker, let reported):
      members.append("worker_id", worker)
      members.append("reported", .array(reported.map(\.json)))
    case .jobSubmitted(let name, let request):
      members.append("job_id", name)
      members.append("request", request.json)
    case .jobCancelled(let job, let reason):
      members.append("job_id", job)
      members.append("reason", reason)
    case .taskAssigned(let task, let worker):
      members.append("task_id", task)
      members.append("worker_id", worker)
    case .taskStateChanged(let taskReport):
      members.append("task_id", taskReport.task)
      members.append("attempt_id", .integer(taskReport.attempt))
      members.append("new_state", taskReport.state.name)
      members.append("error", taskReport.error)
      members.append("exit_code", taskReport.exitCode.map(JSONValue.integer))
      members.append("end_reason", taskReport.endReason?.name)
      members.append("cpu_ms", taskReport.cpuMs.map(JSONValue.integer))
      members.append("peak_memory_bytes", taskReport.peakMemoryBytes.map(JSONValue.integer))
    case .taskPreempted(let task, let reason):
      members.append("task_id", task)
      members.append("reason", reason)
    case .endpointRegistered(let task, let endpoint):
      members.append("task_id", task)
      members.append("endpoint", endpoint)
    case .tick:
      break
    case .prune:
      break
    case .schedulingDeadlinePassed(let task):
      members.append("task_id", task)
    case .controllerStalled(let stalledMs):
      members.append("stalled_ms", .integer(stalledMs))
    case .brakeEngaged(let zoneCensus):
      members.append("zone", zoneCensus.zone)
      members.append("silent_workers", .integer(zoneCensus.silentWorkers))
      members.append("workers", .integer(zoneCensus.workers))
    case .brakeReleased(let zoneCensus):
      members.append("zone", zoneCensus.zone)
      members.append("silent_workers", .integer(zoneCensus.silentWorkers))
      members.append("workers", .integer(zoneCensus.workers))
    case .brakeOverridden(let zone, let reason):
      members.append("zone", zone)
      members.append("reason", reason)
    case .clockCorrected(let aheadMs):
      members.append("ahead_ms", .integer(aheadMs))
    case .workerDrain(let worker, let reason, let submitter, let graceMs):
      members.append("worker_id", worker)
      members.append("reason", reason)
      members.append("submitter", submitter)
      members.append("grace_ms", graceMs.map(JSONValue.integer))
    case .workerResumed(let worker, let reason):
      members.append("worker_id", worker)
      members.append("reason", reason)
    case .workerDrainPassed(let worker):
      members.append("worker_id", worker)
    case .taskStopped(let taskStop):
      members.append("task_id", taskStop.task)
      members.append("attempt_id", .integer(taskStop.attempt))
      members.append("error", taskStop.error)
      members.append("exit_code", taskStop.exitCode.map(JSONValue.integer))
      members.append("end_reason", taskStop.endReason?.name)
      members.append("cpu_ms", taskStop.cpuMs.map(JSONValue.integer))
      members.append("peak_memory_bytes", taskStop.peakMemoryBytes.map(JSONValue.integer))
    case .taskTimedOut(let task, let attempt):
      members.append("task_id", task)
      members.append("attempt_id", .integer(attempt))
    case .assignmentTimedOut(let task, let attempt):
      members.append("task_id", task)
      members.append("attempt_id", .integer(attempt))
    }
  }
}

extension WorkerMetadata {
  /// All members that have a value, the defaults too.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("cpu", .cpus(milliCPU: capacity.milliCPU))
    members.append("memory_bytes", .integer(capacity.memoryBytes))
    capacity.devices.append(to: &members)
    members.append("confirms_stops", .boolean(confirmsStops))
    attributes.append(to: &members)
    return .object(members)
  }
}

extension JobRequest {
  /// All members that have a value, the defaults too.
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.append("replicas", .integer(replicas))
    members.append("max_retries_failure", .integer(maxRetriesFailure))
    members.append("max_retries_preemption", .integer(maxRetriesPreemption))
    members.append("max_task_failures", .integer(maxTaskFailures))
    members.append("coscheduled", .boolean(coscheduled))
    members.append("cpu", .cpus(milliCPU: resources.milliCPU))
    members.append("memory_bytes", .integer(resources.memoryBytes))
    resources.devices.append(to: &members)
    members.append("priority", .integer(priority))
    members.append("require", constraints.require)
    members.append("forbid", constraints.forbid)
    members.append("scheduling_timeout_ms", schedulingTimeoutMs.map(JSONValue.integer))
    members.append("run_timeout_ms", .integer(runTimeoutMs))
    members.append("retry_delay_ms", .integer(retryDelayMs))
    members.append("retry_delay_max_ms", .integer(retryDelayMaxMs))
    members.append("if_exists", ifExists.name)
    members.append("parent", parent)
    members.append("owner", owner)
    members.append("submitter", submitter)
    members.append("submitter_uid", .integer(submitterUid))
    members.append("reason", reason)
    members.append("command", specification.command)
    members.append("script", specification.script)
    members.append("environment", specification.environment)
    members.append("working_directory", specification.workingDirectory)
    members.append("user", specification.user)
    members.append("stop_timeout_ms", specification.stopTimeoutMs.map(JSONValue.integer))
    members.append("stop_signal", specification.stopSignal)
    members.append("when_cut_off", specification.whenCutOff?.name)
    members.append("tasks_max", specification.tasksMax.map(JSONValue.integer))
    members.append("credentials", specification.credentials)
    members.append("sandbox", specification.sandbox?.name)
    return .object(members)
  }
}
