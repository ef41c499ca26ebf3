// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

extension EventJSONDecoder {
  func event(of kind: EventKind, _ fields: inout JSONFields) throws(EventJSONError) -> Event {
    switch kind {
    case .workerRegistered:
      let name = try fields.require("worker_id").newName()
      let address = try fields.require("address").name()
      let metadata = try metadata(fields.require("metadata"))
      let incarnation = try fields.find("incarnation")?.name()
      return Event(timestampMs: try meaningfulTimestamp(&fields), body: .workerRegistered(WorkerRegistration(name: name, address: address, metadata: metadata, incarnation: incarnation)))
    case .workerHeartbeat:
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      return Event(timestampMs: try meaningfulTimestamp(&fields), body: .workerHeartbeat(worker))
    case .workerHeartbeatFailed:
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      let error = try fields.find("error")?.text(maxBytes: Limits.errorBytes)
      return Event(timestampMs: try timestamp(&fields), body: .workerHeartbeatFailed(worker, error: error))
    case .workerFailed:
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      let cause = try failureCause(&fields)
      return Event(timestampMs: try timestamp(&fields), body: .workerFailed(worker, cause: cause))
    case .workerReconciled:
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      let reported = try fields.require("reported").reportedTasks()
      return Event(timestampMs: try timestamp(&fields), body: .workerReconciled(worker, reported: reported))
    case .jobSubmitted:
      let name = try fields.require("job_id").newName()
      let request = try request(fields.require("request"))
      return Event(timestampMs: try meaningfulTimestamp(&fields), body: .jobSubmitted(name: name, request: request))
    case .jobCancelled:
      let job = try fields.require("job_id").reference(to: JobEntity.self)
      let reason = try fields.require("reason").text(maxBytes: Limits.errorBytes)
      return Event(timestampMs: try timestamp(&fields), body: .jobCancelled(job, reason: reason))
    case .taskAssigned:
      let task = try fields.require("task_id").task()
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      return Event(timestampMs: try timestamp(&fields), body: .taskAssigned(task, worker: worker))
    case .taskStateChanged:
      let task = try fields.require("task_id").task()
      let attempt = try fields.require("attempt_id").integer(in: UInt32.min...UInt32.max)
      let state: TaskState = try fields.require("new_state").taskState()
      let error = try fields.find("error")?.text(maxBytes: Limits.errorBytes)
      let exitCode = try fields.find("exit_code")?.integer(in: Int32.min...Int32.max)
      let endReason: EndReason? = try fields.find("end_reason")?.code()
      let cpuMs = try fields.find("cpu_ms")?.integer(in: Limits.usage)
      let peakMemoryBytes = try fields.find("peak_memory_bytes")?.integer(in: Limits.usage)
      return Event(timestampMs: try timestamp(&fields), body: .taskStateChanged(TaskReport(task: task, attempt: attempt, state: state, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes)))
    case .taskPreempted:
      let task = try fields.require("task_id").task()
      let reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
      return Event(timestampMs: try timestamp(&fields), body: .taskPreempted(task, reason: reason))
    case .endpointRegistered:
      let task = try fields.require("task_id").task()
      let endpoint = try fields.require("endpoint").name()
      return Event(timestampMs: try timestamp(&fields), body: .endpointRegistered(task, endpoint: endpoint))
    case .tick:
      return Event(timestampMs: try meaningfulTimestamp(&fields, "now_ms"), body: .tick)
    case .prune:
      return Event(timestampMs: try meaningfulTimestamp(&fields, "now_ms"), body: .prune)
    case .schedulingDeadlinePassed:
      let task = try fields.require("task_id").task()
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .schedulingDeadlinePassed(task))
    case .controllerStalled:
      let stalledMs = try fields.require("stalled_ms").integer(in: Limits.timeMs)
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .controllerStalled(stalledMs: stalledMs))
    case .brakeEngaged:
      let zone = try fields.require("zone").label(maxBytes: Limits.metadataBytes)
      let silentWorkers = try fields.require("silent_workers").integer(in: 0...Int32.max)
      let workers = try fields.require("workers").integer(in: 0...Int32.max)
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .brakeEngaged(ZoneCensus(zone: zone, silentWorkers: silentWorkers, workers: workers)))
    case .brakeReleased:
      let zone = try fields.require("zone").label(maxBytes: Limits.metadataBytes)
      let silentWorkers = try fields.require("silent_workers").integer(in: 0...Int32.max)
      let workers = try fields.require("workers").integer(in: 0...Int32.max)
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .brakeReleased(ZoneCensus(zone: zone, silentWorkers: silentWorkers, workers: workers)))
    case .brakeOverridden:
      let zone = try fields.require("zone").label(maxBytes: Limits.metadataBytes)
      let reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
      return Event(timestampMs: try timestamp(&fields), body: .brakeOverridden(zone: zone, reason: reason))
    case .clockCorrected:
      let aheadMs = try fields.require("ahead_ms").integer(in: Limits.timeMs)
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .clockCorrected(aheadMs: aheadMs))
    case .workerDrain:
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      let reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
      let submitter = try fields.find("submitter")?.label(maxBytes: Limits.nameBytes)
      let graceMs = try fields.find("grace_ms")?.integer(in: Limits.timeMs)
      return Event(timestampMs: try timestamp(&fields), body: .workerDrain(worker, reason: reason, submitter: submitter, graceMs: graceMs))
    case .workerResumed:
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      let reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
      return Event(timestampMs: try timestamp(&fields), body: .workerResumed(worker, reason: reason))
    case .workerDrainPassed:
      let worker = try fields.require("worker_id").reference(to: WorkerEntity.self)
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .workerDrainPassed(worker))
    case .taskStopped:
      let task = try fields.require("task_id").task()
      let attempt = try fields.require("attempt_id").integer(in: UInt32.min...UInt32.max)
      let error = try fields.find("error")?.text(maxBytes: Limits.errorBytes)
      let exitCode = try fields.find("exit_code")?.integer(in: Int32.min...Int32.max)
      let endReason: EndReason? = try fields.find("end_reason")?.code()
      let cpuMs = try fields.find("cpu_ms")?.integer(in: Limits.usage)
      let peakMemoryBytes = try fields.find("peak_memory_bytes")?.integer(in: Limits.usage)
      return Event(timestampMs: try timestamp(&fields), body: .taskStopped(TaskStop(task: task, attempt: attempt, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes)))
    case .taskTimedOut:
      let task = try fields.require("task_id").task()
      let attempt = try fields.require("attempt_id").integer(in: UInt32.min...UInt32.max)
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .taskTimedOut(task, attempt: attempt))
    case .assignmentTimedOut:
      let task = try fields.require("task_id").task()
      let attempt = try fields.require("attempt_id").integer(in: UInt32.min...UInt32.max)
      return Event(timestampMs: try fields.require("timestamp_ms").integer(in: Limits.timeMs), body: .assignmentTimedOut(task, attempt: attempt))
    }
  }

  private func metadata(_ field: JSONField) throws(EventJSONError) -> WorkerMetadata {
    var fields = try JSONFields(field)
    var metadata = WorkerMetadata(attributes: [])
    metadata.capacity.milliCPU = try fields.require("cpu").milliCPU()
    if let field = fields.find("memory_bytes") { metadata.capacity.memoryBytes = try field.integer(in: Limits.memoryBytes) }
    if let field = fields.find("devices") { metadata.capacity.devices = try field.devices() }
    if let field = fields.find("confirms_stops") { metadata.confirmsStops = try field.boolean() }
    metadata.attributes = try attributes(&fields)
    try fields.finish()
    return metadata
  }

  private func request(_ field: JSONField) throws(EventJSONError) -> JobRequest {
    var fields = try JSONFields(field)
    var request = JobRequest()
    if let field = fields.find("replicas") { request.replicas = try field.integer(in: Int32.min...Int32.max) }
    if let field = fields.find("max_retries_failure") { request.maxRetriesFailure = try field.integer(in: Limits.retries) }
    if let field = fields.find("max_retries_preemption") { request.maxRetriesPreemption = try field.integer(in: Limits.retries) }
    if let field = fields.find("max_task_failures") { request.maxTaskFailures = try field.integer(in: Limits.retries) }
    if let field = fields.find("coscheduled") { request.coscheduled = try field.boolean() }
    if let field = fields.find("cpu") { request.resources.milliCPU = try field.milliCPU() }
    if let field = fields.find("memory_bytes") { request.resources.memoryBytes = try field.integer(in: Limits.memoryBytes) }
    if let field = fields.find("devices") { request.resources.devices = try field.devices() }
    if let field = fields.find("priority") { request.priority = try field.integer(in: Limits.priority) }
    if let field = fields.find("require") { request.constraints.require = try field.constraints() }
    if let field = fields.find("forbid") { request.constraints.forbid = try field.constraints() }
    request.schedulingTimeoutMs = try fields.find("scheduling_timeout_ms")?.integer(in: Limits.timeMs)
    if let field = fields.find("run_timeout_ms") { request.runTimeoutMs = try field.integer(in: Limits.timeMs) }
    if let field = fields.find("retry_delay_ms") { request.retryDelayMs = try field.integer(in: Limits.timeMs) }
    if let field = fields.find("retry_delay_max_ms") { request.retryDelayMaxMs = try field.integer(in: Limits.timeMs) }
    if let field = fields.find("if_exists") { request.ifExists = try field.code() }
    request.parent = try fields.find("parent")?.reference(to: JobEntity.self)
    request.owner = try fields.find("owner")?.label(maxBytes: Limits.nameBytes)
    request.submitter = try fields.find("submitter")?.label(maxBytes: Limits.nameBytes)
    if let field = fields.find("submitter_uid") { request.submitterUid = try field.integer(in: Limits.uid) }
    request.reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
    if let field = fields.find("command") { request.specification.command = try field.texts() }
    request.specification.script = try fields.find("script")?.text(maxBytes: Limits.errorBytes)
    if let field = fields.find("environment") { request.specification.environment = try field.variables() }
    request.specification.workingDirectory = try fields.find("working_directory")?.text(maxBytes: Limits.errorBytes)
    request.specification.user = try fields.find("user")?.text(maxBytes: Limits.errorBytes)
    request.specification.stopTimeoutMs = try fields.find("stop_timeout_ms")?.integer(in: Limits.timeMs)
    request.specification.stopSignal = try fields.find("stop_signal")?.text(maxBytes: Limits.errorBytes)
    request.specification.whenCutOff = try fields.find("when_cut_off")?.code()
    request.specification.tasksMax = try fields.find("tasks_max")?.integer(in: Limits.tasksMax)
    if let field = fields.find("credentials") { request.specification.credentials = try field.texts() }
    request.specification.sandbox = try fields.find("sandbox")?.code()
    try fields.finish()
    try check(request, field)
    return request
  }
}
