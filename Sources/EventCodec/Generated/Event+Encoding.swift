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
      head.value = taskReport.cpuMs ?? 0
      head.extra = taskReport.peakMemoryBytes ?? 0
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
    case .workerDrain(let worker, let reason, let submitter, let graceMs):
      if case .handle(let handle) = worker { head.subject = handle.rawValue }
      if let value = graceMs {
        head.flags |= UInt8(RM_FLAG_HAS_GRACE)
        head.value = value
      }
      begin(head)
      if case .name(let name) = worker { append(RM_TAG_SUBJECT_NAME, name) }
      append(RM_TAG_REASON, reason)
      append(RM_TAG_SUBMITTER, submitter)
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
      head.value = taskStop.cpuMs ?? 0
      head.extra = taskStop.peakMemoryBytes ?? 0
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
  /// Of one that `EventDecoder` has accepted, what its kind says alone: no stamp, no wish for a result,
  /// zeros where the kind has no field. Without a branch for each field.
  @inline(__always)
  var canonical: rm_event_head {
    let kept = keptMembers
    var head = self
    head.flags &= ~UInt8(RM_FLAG_WANTS_RESULT)
    head.slots = UInt16(1 + (UInt32(text_bytes) + RM_SLOT_PAYLOAD - 1) / RM_SLOT_PAYLOAD)
    head.timestamp_ns = 0
    head.value &= .init(truncatingIfNeeded: 0 &- (kept >> 0 & 1))
    head.extra &= .init(truncatingIfNeeded: 0 &- (kept >> 1 & 1))
    head.subject &= .init(truncatingIfNeeded: 0 &- (kept >> 2 & 1))
    head.object &= .init(truncatingIfNeeded: 0 &- (kept >> 3 & 1))
    head.attempt &= .init(truncatingIfNeeded: 0 &- (kept >> 4 & 1))
    head.state &= .init(truncatingIfNeeded: 0 &- (kept >> 5 & 1))
    head.exit_code &= .init(truncatingIfNeeded: 0 &- (kept >> 6 & 1))
    head.end_reason &= .init(truncatingIfNeeded: 0 &- (kept >> 7 & 1))
    return head
  }

  /// A bit for each member that has a field of its kind, in the order above.
  @inline(__always)
  private var keptMembers: UInt64 {
    switch UInt32(kind) {
    case RM_EVENT_WORKER_REGISTERED: 0x3
    case RM_EVENT_WORKER_HEARTBEAT: 0x4
    case RM_EVENT_WORKER_HEARTBEAT_FAILED: 0x4
    case RM_EVENT_WORKER_FAILED: UInt32(flags) & RM_FLAG_TIMED_OUT == 0 ? 0x4 : 0x7
    case RM_EVENT_WORKER_RECONCILED: 0x4
    case RM_EVENT_JOB_SUBMITTED: 0x8
    case RM_EVENT_JOB_CANCELLED: 0x4
    case RM_EVENT_TASK_ASSIGNED: 0xc
    case RM_EVENT_TASK_STATE_CHANGED: UInt32(flags) & RM_FLAG_HAS_EXIT_CODE == 0 ? 0xb7 : 0xf7
    case RM_EVENT_TASK_PREEMPTED: 0x4
    case RM_EVENT_ENDPOINT_REGISTERED: 0x4
    case RM_EVENT_SCHEDULING_DEADLINE_PASSED: 0x4
    case RM_EVENT_CONTROLLER_STALLED: 0x1
    case RM_EVENT_BRAKE_ENGAGED: 0x3
    case RM_EVENT_BRAKE_RELEASED: 0x3
    case RM_EVENT_CLOCK_CORRECTED: 0x1
    case RM_EVENT_WORKER_DRAIN: UInt32(flags) & RM_FLAG_HAS_GRACE == 0 ? 0x4 : 0x5
    case RM_EVENT_WORKER_RESUMED: 0x4
    case RM_EVENT_WORKER_DRAIN_PASSED: 0x4
    case RM_EVENT_TASK_STOPPED: UInt32(flags) & RM_FLAG_HAS_EXIT_CODE == 0 ? 0x97 : 0xd7
    case RM_EVENT_TASK_TIMED_OUT: 0x14
    case RM_EVENT_ASSIGNMENT_TIMED_OUT: 0x14
    default: 0
    }
  }
}
