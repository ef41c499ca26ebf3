// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

// One object a row. The keys are stable; numbers bear their unit, and what there is not is null.

extension WorkerView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("handle", handle)
    members.add("worker_id", name)
    members.add("address", address)
    members.add("cpu, memory_bytes, devices, confirms_stops, attributes", metadata)
    members.add("incarnation", incarnation)
    members.add("last_heartbeat_ms", lastHeartbeatMs)
    members.add("consecutive_failures", consecutiveFailures)
    members.add("committed_cpu, committed_memory_bytes, committed_devices", committed)
    members.add("running_tasks", runningCount)
    members.add("stopping_tasks", stoppingCount)
    members.add("draining", isDraining)
    members.add("drain_reason", drainReason)
    members.add("drained_by", drainedBy)
    members.add("drain_ends_ms", drainEndsMs)
    members.add("timeout_ms", timeoutMs)
    return .object(members)
  }
}

extension JobView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("handle", handle)
    members.add("job_id", name)
    members.add("state", state.name)
    members.add("error", error)
    members.add("request", request)
    members.add("submitted_ms", submittedMs)
    members.add("ended_ms", endedMs)
    members.add("tasks_by_state", taskCounts)
    members.add("parent", parentName)
    members.add("depth", depth)
    members.add("number", insertionNumber)
    members.add("tasks", taskCount)
    members.add("specification_bytes", specificationBytes)
    return .object(members)
  }
}

extension TaskView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("handle", handle)
    members.add("task_id", name)
    members.add("state", state.name)
    members.add("error", error)
    members.add("exit_code", exitCode)
    members.add("failures", failures)
    members.add("preemptions", preemptions)
    members.add("deliveries", deliveries)
    members.add("end_reason", endReason?.name)
    members.add("stopping", isStopping)
    members.add("retry_ms", retryMs)
    members.add("attempts", attemptCount)
    members.add("assigned_ms", assignedMs)
    members.add("worker_id", worker)
    return .object(members)
  }
}

extension PeerView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("peer", peer)
    members.add("name", name)
    members.add("role", Role.name(of: role))
    members.add("received", received)
    members.add("ring_full", full)
    members.add("shed", shed)
    members.add("result_overruns", overruns)
    return .object(members)
  }
}

extension ZoneBrake {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("zone", zone)
    members.add("engaged_ms", engagedMs)
    members.add("silent_workers", silentWorkers)
    members.add("workers", workers)
    members.add("expired_workers", expiredWorkers)
    members.add("overridden", isOverridden)
    return .object(members)
  }
}

extension DeadLetterView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("dead_letter", number)
    members.add("timestamp_ms", timestampMs)
    members.add("reason", reason.name)
    members.add("detail", detail)
    members.add("event_id", origin)
    members.add("peer_name", peerName)
    members.add("role", Role.name(of: role))
    members.add("retries", retries)
    members.add("event", event)
    members.add("abridged", isAbridged)
    members.add("record_hex", record)
    members.add("record_bytes", recordBytes)
    return .object(members)
  }
}

extension AttemptView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("attempt", number)
    members.add("state", state.name)
    members.add("worker_id", worker)
    members.add("started_ms", startedMs)
    members.add("ended_ms", endedMs)
    members.add("exit_code", exitCode)
    members.add("error", error)
    members.add("end_reason", endReason?.name)
    members.add("stopping", isStopping)
    return .object(members)
  }
}

extension StepView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("txn", transaction)
    members.add("timestamp_ms", timestampMs)
    members.add("content", content)
    members.add("cause_step", cause)
    return .object(members)
  }
}

extension SpecificationView {
  public var json: JSONValue {
    var members: [JSONValue.Member] = []
    members.add("handle", handle)
    members.add("job_id", name)
    members.add("bytes", bytes)
    return .object(members)
  }
}

extension [JSONValue.Member] {
  mutating func add(_ name: String, _ request: JobRequest) {
    add("replicas", request.replicas)
    add("max_retries_failure", request.maxRetriesFailure)
    add("max_retries_preemption", request.maxRetriesPreemption)
    add("max_task_failures", request.maxTaskFailures)
    add("coscheduled", request.coscheduled)
    add("cpu", JSONValue.cpus(milliCPU: request.resources.milliCPU))
    add("memory_bytes", request.resources.memoryBytes)
    add("devices", request.resources.devices)
    add("priority", request.priority)
    add("require", request.constraints.require)
    add("forbid", request.constraints.forbid)
    add("scheduling_timeout_ms", request.schedulingTimeoutMs)
    add("run_timeout_ms", request.runTimeoutMs)
    add("retry_delay_ms", request.retryDelayMs)
    add("retry_delay_max_ms", request.retryDelayMaxMs)
    add("if_exists", request.ifExists.name)
    add("owner", request.owner)
    add("submitter", request.submitter)
    add("submitter_uid", request.submitterUid)
    add("reason", request.reason)
    add("command", request.specification.command)
    add("script", request.specification.script)
    add("environment", request.specification.environment)
    add("working_directory", request.specification.workingDirectory)
    add("user", request.specification.user)
    add("stop_timeout_ms", request.specification.stopTimeoutMs)
    add("stop_signal", request.specification.stopSignal)
    add("when_cut_off", request.specification.whenCutOff?.name)
    add("tasks_max", request.specification.tasksMax)
    add("credentials", request.specification.credentials)
    add("sandbox", request.specification.sandbox?.name)
  }
}
