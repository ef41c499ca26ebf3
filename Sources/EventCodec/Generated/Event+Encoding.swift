// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import CRingmaster
import EventModel

extension RecordWriter {
  /// Begins a record with the head of an event and writes its text.
  mutating func write(_ body: Event.Body, _ head: inout rm_event_head) {
    switch body {
    case .workerRegistered(let workerRegistration):
      head.value = workerRegistration.metadata.capacity.milliCPU
      head.extra = workerRegistration.metadata.capacity.memoryBytes
      if workerRegistration.metadata.confirmsStops { head.flags |= UInt8(RM_FLAG_CONFIRMS_STOPS) }
      begin(head)
      append(RM_TAG_SUBJECT_NAME, workerRegistration.name)
      append(RM_TAG_ADDRESS, workerRegistration.address)
      append(workerRegistration.metadata.capacity.devices)
      append(workerRegistration.metadata.attributes)
      append(RM_TAG_INCARNATION, workerRegistration.incarnation)
    case .workerHeartbeat(let worker):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
    case .workerHeartbeatFailed(let worker, let error):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_ERROR, error)
    case .workerFailed(let worker, let cause):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      cause.fill(&head)
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
      append(cause)
    case .workerReconciled(let worker, let reported):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
      append(reported)
    case .jobSubmitted(let name, let request):
      if request.coscheduled { head.flags |= UInt8(RM_FLAG_COSCHEDULED) }
      if request.schedulingTimeoutMs != nil { head.flags |= UInt8(RM_FLAG_HAS_DEADLINE) }
      if case .handle(let handle) = request.parent { head.object = handle.rawValue }
      begin(head)
      append(RM_TAG_SUBJECT_NAME, name)
      var numbers = rm_job_numbers()
      numbers.replicas = request.replicas
      numbers.max_retries_failure = request.maxRetriesFailure
      numbers.max_retries_preemption = request.maxRetriesPreemption
      numbers.max_task_failures = request.maxTaskFailures
      numbers.milli_cpu = request.resources.milliCPU
      numbers.memory_bytes = request.resources.memoryBytes
      numbers.priority = request.priority
      numbers.scheduling_timeout_ms = request.schedulingTimeoutMs ?? 0
      numbers.run_timeout_ms = request.runTimeoutMs
      numbers.retry_delay_ms = request.retryDelayMs
      numbers.retry_delay_max_ms = request.retryDelayMaxMs
      numbers.if_exists = UInt32(request.ifExists.rawValue)
      numbers.submitter_uid = request.submitterUid
      append(RM_TAG_JOB_NUMBERS, value: numbers)
      append(request.resources.devices)
      append(request.constraints)
      if case .name(let name) = request.parent { append(RM_TAG_PARENT_NAME, name) }
      append(RM_TAG_OWNER, request.owner)
      append(RM_TAG_SUBMITTER, request.submitter)
      append(RM_TAG_REASON, request.reason)
      append(request.specification)
    case .jobCancelled(let job, let reason):
      if case .handle(let handle) = job { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = job { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_REASON, reason)
    case .taskAssigned(let task, let worker):
      if case .handle(let handle) = task { head.subject = handle.rawValue }
      if case .handle(let handle) = worker { head.object = handle.rawValue }
      begin(head)
      if case .name(let name) = task { append(RM_TAG_SUBJECT_NAME, name) }
      if case .name(let name) = worker { append(RM_TAG_OBJECT_NAME, name) }
    case .taskStateChanged(let taskReport):
      if case .handle(let handle) = taskReport.task { head.subject = handle.rawValue }
      head.attempt = taskReport.attempt
      head.state = taskReport.state.rawValue
      if let value = taskReport.exitCode {
        head.flags |= UInt8(RM_FLAG_HAS_EXIT_CODE)
        head.exit_code = value
      }
      head.end_reason = taskReport.endReason?.rawValue ?? 0
      begin(head)
      if case .name(let name) = taskReport.task { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_ERROR, taskReport.error)
    case .taskPreempted(let task, let reason):
      if case .handle(let handle) = task { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = task { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_REASON, reason)
    case .endpointRegistered(let task, let endpoint):
      if case .handle(let handle) = task { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = task { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_ENDPOINT, endpoint)
    case .tick:
      begin(head)
    case .prune:
      begin(head)
    case .schedulingDeadlinePassed(let task):
      if case .handle(let handle) = task { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = task { append(RM_TAG_SUBJECT_NAME, name) }
    case .controllerStalled(let stalledMs):
      head.value = stalledMs
      begin(head)
    case .brakeEngaged(let zoneCensus):
      head.value = Int64(zoneCensus.silentWorkers)
      head.extra = Int64(zoneCensus.workers)
      begin(head)
      append(RM_TAG_ZONE, zoneCensus.zone)
    case .brakeReleased(let zoneCensus):
      head.value = Int64(zoneCensus.silentWorkers)
      head.extra = Int64(zoneCensus.workers)
      begin(head)
      append(RM_TAG_ZONE, zoneCensus.zone)
    case .brakeOverridden(let zone, let reason):
      begin(head)
      append(RM_TAG_ZONE, zone)
      append(RM_TAG_REASON, reason)
    case .clockCorrected(let aheadMs):
      head.value = aheadMs
      begin(head)
    case .workerDrain(let worker, let reason, let graceMs):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      if let value = graceMs {
        head.flags |= UInt8(RM_FLAG_HAS_GRACE)
        head.value = value
      }
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_REASON, reason)
    case .workerResumed(let worker, let reason):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_REASON, reason)
    case .workerDrainPassed(let worker):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
    case .taskStopped(let taskStop):
      if case .handle(let handle) = taskStop.task { head.subject = handle.rawValue }
      head.attempt = taskStop.attempt
      if let value = taskStop.exitCode {
        head.flags |= UInt8(RM_FLAG_HAS_EXIT_CODE)
        head.exit_code = value
      }
      head.end_reason = taskStop.endReason?.rawValue ?? 0
      begin(head)
      if case .name(let name) = taskStop.task { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_ERROR, taskStop.error)
    case .taskTimedOut(let task, let attempt):
      if case .handle(let handle) = task { head.subject = handle.rawValue }
      head.attempt = attempt
      begin(head)
      if case .name(let name) = task { append(RM_TAG_SUBJECT_NAME, name) }
    case .assignmentTimedOut(let task, let attempt):
      if case .handle(let handle) = task { head.subject = handle.rawValue }
      head.attempt = attempt
      begin(head)
      if case .name(let name) = task { append(RM_TAG_SUBJECT_NAME, name) }
    }
  }
}

extension rm_event_head {
  /// With what its kind says alone: no stamp, no wish for a result, zeros where the kind has no field.
  @inline(__always)
  var canonical: rm_event_head {
    guard let kind = EventKind(rawValue: kind) else { return self }
    var head = rm_event_head()
    head.kind = self.kind
    head.flags = UInt8(truncatingIfNeeded: UInt32(flags) & kind.flags & ~RM_FLAG_WANTS_RESULT)
    head.slots = UInt16(1 + (UInt32(text_bytes) + RM_SLOT_PAYLOAD - 1) / RM_SLOT_PAYLOAD)
    head.text_bytes = text_bytes
    switch kind {
    case .workerRegistered:
      head.value = value
      head.extra = extra
    case .workerHeartbeat:
      head.subject = subject
    case .workerHeartbeatFailed:
      head.subject = subject
    case .workerFailed:
      head.subject = subject
      if UInt32(flags) & RM_FLAG_TIMED_OUT != 0 { head.value = value }
      if UInt32(flags) & RM_FLAG_TIMED_OUT != 0 { head.extra = extra }
    case .workerReconciled:
      head.subject = subject
    case .jobSubmitted:
      head.object = object
    case .jobCancelled:
      head.subject = subject
    case .taskAssigned:
      head.subject = subject
      head.object = object
    case .taskStateChanged:
      head.subject = subject
      head.attempt = attempt
      head.state = state
      if UInt32(flags) & RM_FLAG_HAS_EXIT_CODE != 0 { head.exit_code = exit_code }
      head.end_reason = end_reason
    case .taskPreempted:
      head.subject = subject
    case .endpointRegistered:
      head.subject = subject
    case .schedulingDeadlinePassed:
      head.subject = subject
    case .controllerStalled:
      head.value = value
    case .brakeEngaged:
      head.value = value
      head.extra = extra
    case .brakeReleased:
      head.value = value
      head.extra = extra
    case .clockCorrected:
      head.value = value
    case .workerDrain:
      head.subject = subject
      if UInt32(flags) & RM_FLAG_HAS_GRACE != 0 { head.value = value }
    case .workerResumed:
      head.subject = subject
    case .workerDrainPassed:
      head.subject = subject
    case .taskStopped:
      head.subject = subject
      head.attempt = attempt
      if UInt32(flags) & RM_FLAG_HAS_EXIT_CODE != 0 { head.exit_code = exit_code }
      head.end_reason = end_reason
    case .taskTimedOut:
      head.subject = subject
      head.attempt = attempt
    case .assignmentTimedOut:
      head.subject = subject
      head.attempt = attempt
    default: break
    }
    return head
  }
}
