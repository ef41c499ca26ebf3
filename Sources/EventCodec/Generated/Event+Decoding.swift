// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import CRingmaster
import EventModel

extension Event.Body {
  /// - Parameter fields: of the text, checked one by one; they belong to the kind.
  init(_ kind: EventKind, _ head: rm_event_head, _ fields: EventFields) throws(CodecError) {
    switch kind {
    case .workerRegistered:
      let name = try fields.newName("worker_id")
      let address = fields.address ?? ""
      var metadata = WorkerMetadata(attributes: [])
      metadata.capacity.milliCPU = try fields.number(head.value, in: Limits.milliCPU, "metadata.cpu")
      metadata.capacity.memoryBytes = try fields.number(head.extra, in: Limits.memoryBytes, "metadata.memory_bytes")
      metadata.capacity.devices = fields.devices.all
      metadata.confirmsStops = head.has(RM_FLAG_CONFIRMS_STOPS)
      metadata.attributes = fields.attributes.all
      let incarnation = fields.incarnation
      self = .workerRegistered(WorkerRegistration(name: name, address: address, metadata: metadata, incarnation: incarnation))
    case .workerHeartbeat:
      let worker: WorkerReference = try fields.reference(head.subject, fields.subjectName, "worker_id")
      self = .workerHeartbeat(worker)
    case .workerHeartbeatFailed:
      let worker: WorkerReference = try fields.reference(head.subject, fields.subjectName, "worker_id")
      let error = fields.error
      self = .workerHeartbeatFailed(worker, error: error)
    case .workerFailed:
      let worker: WorkerReference = try fields.reference(head.subject, fields.subjectName, "worker_id")
      let cause = try WorkerFailureCause(head, error: fields.error)
      self = .workerFailed(worker, cause: cause)
    case .workerReconciled:
      let worker: WorkerReference = try fields.reference(head.subject, fields.subjectName, "worker_id")
      let reported = fields.reported.all
      self = .workerReconciled(worker, reported: reported)
    case .jobSubmitted:
      let name = try fields.newName("job_id")
      let numbers = try fields.need(fields.jobNumbers, "request")
      var request = JobRequest()
      request.replicas = numbers.replicas
      request.maxRetriesFailure = try fields.number(numbers.max_retries_failure, in: Limits.retries, "max_retries_failure")
      request.maxRetriesPreemption = try fields.number(numbers.max_retries_preemption, in: Limits.retries, "max_retries_preemption")
      request.maxTaskFailures = try fields.number(numbers.max_task_failures, in: Limits.retries, "max_task_failures")
      request.coscheduled = head.has(RM_FLAG_COSCHEDULED)
      request.resources.milliCPU = try fields.number(numbers.milli_cpu, in: Limits.milliCPU, "cpu")
      request.resources.memoryBytes = try fields.number(numbers.memory_bytes, in: Limits.memoryBytes, "memory_bytes")
      request.resources.devices = fields.devices.all
      request.priority = try fields.number(numbers.priority, in: Limits.priority, "priority")
      request.constraints = fields.constraints.all
      request.schedulingTimeoutMs = head.has(RM_FLAG_HAS_DEADLINE) ? try fields.number(numbers.scheduling_timeout_ms, in: Limits.timeMs, "scheduling_timeout_ms") : nil
      request.runTimeoutMs = try fields.number(numbers.run_timeout_ms, in: Limits.timeMs, "run_timeout_ms")
      request.retryDelayMs = try fields.number(numbers.retry_delay_ms, in: Limits.timeMs, "retry_delay_ms")
      request.retryDelayMaxMs = try fields.number(numbers.retry_delay_max_ms, in: Limits.timeMs, "retry_delay_max_ms")
      request.ifExists = try fields.code(numbers.if_exists, "if_exists")
      request.parent = try fields.optionalReference(head.object, fields.parentName, "parent")
      request.owner = fields.owner
      request.submitter = fields.submitter
      request.submitterUid = try fields.number(numbers.submitter_uid, in: Limits.uid, "submitter_uid")
      request.reason = fields.reason
      request.specification = fields.specification ?? Specification()
      self = .jobSubmitted(name: name, request: request)
    case .jobCancelled:
      let job: JobReference = try fields.reference(head.subject, fields.subjectName, "job_id")
      let reason = fields.reason ?? ""
      self = .jobCancelled(job, reason: reason)
    case .taskAssigned:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      let worker: WorkerReference = try fields.reference(head.object, fields.objectName, "worker_id")
      self = .taskAssigned(task, worker: worker)
    case .taskStateChanged:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      let attempt = head.attempt
      let state: TaskState = try fields.taskState(head.state, "new_state")
      let error = fields.error
      let exitCode = head.has(RM_FLAG_HAS_EXIT_CODE) ? head.exit_code : nil
      let endReason: EndReason? = try fields.optionalCode(head.end_reason, "end_reason")
      let cpuMs = head.value == 0 ? nil : try fields.number(head.value, in: Limits.usage, "cpu_ms")
      let peakMemoryBytes = head.extra == 0 ? nil : try fields.number(head.extra, in: Limits.usage, "peak_memory_bytes")
      self = .taskStateChanged(TaskReport(task: task, attempt: attempt, state: state, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes))
    case .taskPreempted:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      let reason = fields.reason
      self = .taskPreempted(task, reason: reason)
    case .endpointRegistered:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      let endpoint = try fields.need(fields.endpoint, "endpoint")
      self = .endpointRegistered(task, endpoint: endpoint)
    case .tick:
      self = .tick
    case .prune:
      self = .prune
    case .schedulingDeadlinePassed:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      self = .schedulingDeadlinePassed(task)
    case .controllerStalled:
      let stalledMs = try fields.number(head.value, in: Limits.timeMs, "stalled_ms")
      self = .controllerStalled(stalledMs: stalledMs)
    case .brakeEngaged:
      let zone = try fields.need(fields.zone, "zone")
      let workers = try fields.number(head.extra, in: 0...Int32.max, "workers")
      let silentWorkers = try fields.number(head.value, in: 0...workers, "silent_workers")
      self = .brakeEngaged(ZoneCensus(zone: zone, silentWorkers: silentWorkers, workers: workers))
    case .brakeReleased:
      let zone = try fields.need(fields.zone, "zone")
      let workers = try fields.number(head.extra, in: 0...Int32.max, "workers")
      let silentWorkers = try fields.number(head.value, in: 0...workers, "silent_workers")
      self = .brakeReleased(ZoneCensus(zone: zone, silentWorkers: silentWorkers, workers: workers))
    case .brakeOverridden:
      let zone = try fields.need(fields.zone, "zone")
      let reason = fields.reason
      self = .brakeOverridden(zone: zone, reason: reason)
    case .clockCorrected:
      let aheadMs = try fields.number(head.value, in: Limits.timeMs, "ahead_ms")
      self = .clockCorrected(aheadMs: aheadMs)
    case .workerDrain:
      let worker: WorkerReference = try fields.reference(head.subject, fields.subjectName, "worker_id")
      let reason = fields.reason
      let submitter = fields.submitter
      let graceMs = head.has(RM_FLAG_HAS_GRACE) ? try fields.number(head.value, in: Limits.timeMs, "grace_ms") : nil
      self = .workerDrain(worker, reason: reason, submitter: submitter, graceMs: graceMs)
    case .workerResumed:
      let worker: WorkerReference = try fields.reference(head.subject, fields.subjectName, "worker_id")
      let reason = fields.reason
      self = .workerResumed(worker, reason: reason)
    case .workerDrainPassed:
      let worker: WorkerReference = try fields.reference(head.subject, fields.subjectName, "worker_id")
      self = .workerDrainPassed(worker)
    case .taskStopped:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      let attempt = head.attempt
      let error = fields.error
      let exitCode = head.has(RM_FLAG_HAS_EXIT_CODE) ? head.exit_code : nil
      let endReason: EndReason? = try fields.optionalCode(head.end_reason, "end_reason")
      let cpuMs = head.value == 0 ? nil : try fields.number(head.value, in: Limits.usage, "cpu_ms")
      let peakMemoryBytes = head.extra == 0 ? nil : try fields.number(head.extra, in: Limits.usage, "peak_memory_bytes")
      self = .taskStopped(TaskStop(task: task, attempt: attempt, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes))
    case .taskTimedOut:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      let attempt = head.attempt
      self = .taskTimedOut(task, attempt: attempt)
    case .assignmentTimedOut:
      let task: TaskReference = try fields.reference(head.subject, fields.subjectName, "task_id")
      let attempt = head.attempt
      self = .assignmentTimedOut(task, attempt: attempt)
    }
  }
}
