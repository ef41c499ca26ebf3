import CRingmaster
import EventModel

extension RecordWriter {
  /// Writes an event as a record.
  ///
  /// - Parameters:
  ///   - wantsResult: the peer's result ring is to carry the result.
  ///   - timestampNs: CLOCK_BOOTTIME of its reception; 0 leaves the stamp to the dispatcher.
  /// - Returns: whole payloads, valid until the next record.
  public mutating func encode(
    _ event: Event, wantsResult: Bool = false, timestampNs: UInt64 = 0
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_event_head()
    head.kind = event.kind.rawValue
    head.flags = wantsResult ? UInt8(RM_FLAG_WANTS_RESULT) : 0
    head.timestamp_ns = timestampNs
    switch event.body {
    case .workerRegistered(let registration): encode(registration, &head)
    case .workerHeartbeat(let worker), .workerHeartbeatFailed(let worker, error: _): begin(&head, subject: worker)
    case .workerFailed(let worker, let cause): encode(cause, of: worker, &head)
    case .workerReconciled(let worker, let reported): encode(reported, by: worker, &head)
    case .jobSubmitted(let name, let request): encode(request, name: name, &head)
    case .jobCancelled(let job, _): begin(&head, subject: job)
    case .taskAssigned(let task, let worker): begin(&head, subject: task, object: worker)
    case .taskStateChanged(let report): encode(report, &head)
    case .taskPreempted(let task, _), .endpointRegistered(let task, _), .schedulingDeadlinePassed(let task):
      begin(&head, subject: task)
    case .tick, .prune: begin(head)
    case .controllerStalled(let stalledMs):
      head.value = stalledMs
      begin(head)
    case .clockCorrected(let aheadMs):
      head.value = aheadMs
      begin(head)
    case .brakeEngaged(let census), .brakeReleased(let census):
      head.value = Int64(census.silentWorkers)
      head.extra = Int64(census.workers)
      begin(head)
      append(RM_TAG_ZONE, census.zone)
    case .brakeOverridden(let zone, _):
      begin(head)
      append(RM_TAG_ZONE, zone)
    }
    switch event.body {
    case .workerHeartbeatFailed(_, let error): append(RM_TAG_ERROR, error)
    case .jobCancelled(_, let reason): append(RM_TAG_REASON, reason)
    case .taskPreempted(_, let reason), .brakeOverridden(_, let reason): append(RM_TAG_REASON, reason)
    case .endpointRegistered(_, let endpoint): append(RM_TAG_ENDPOINT, endpoint)
    default: break
    }
    return try finish()
  }

  private mutating func begin<Subject>(_ head: inout rm_event_head, subject: Reference<Subject>) {
    if case .handle(let handle) = subject { head.subject = handle.rawValue }
    begin(head)
    if case .name(let name) = subject { append(RM_TAG_SUBJECT_NAME, name) }
  }

  private mutating func begin<Subject, Object>(
    _ head: inout rm_event_head, subject: Reference<Subject>, object: Reference<Object>
  ) {
    if case .handle(let handle) = object { head.object = handle.rawValue }
    begin(&head, subject: subject)
    if case .name(let name) = object { append(RM_TAG_OBJECT_NAME, name) }
  }

  private mutating func encode(_ registration: WorkerRegistration, _ head: inout rm_event_head) {
    head.value = registration.metadata.milliCPU
    begin(head)
    append(RM_TAG_SUBJECT_NAME, registration.name)
    append(RM_TAG_ADDRESS, registration.address)
    append(RM_TAG_INCARNATION, registration.incarnation)
    for attribute in registration.metadata.attributes {
      append(RM_TAG_ATTRIBUTE_KEY, attribute.key)
      append(RM_TAG_ATTRIBUTE_VALUE, attribute.value)
    }
  }

  private mutating func encode(
    _ cause: WorkerFailureCause, of worker: WorkerReference, _ head: inout rm_event_head
  ) {
    if case .timedOut(let lastHeartbeatMs, let timeoutMs) = cause {
      head.flags |= UInt8(RM_FLAG_TIMED_OUT)
      head.value = lastHeartbeatMs
      head.extra = timeoutMs
    }
    begin(&head, subject: worker)
    if case .reported(let error) = cause { append(RM_TAG_ERROR, error) }
  }

  private mutating func encode(
    _ reported: [ReportedTask], by worker: WorkerReference, _ head: inout rm_event_head
  ) {
    begin(&head, subject: worker)
    for line in reported {
      switch line.task {
      case .handle(let handle):
        append(RM_TAG_REPORTED_TASK, value: rm_reported_task(task: handle.rawValue, attempt: line.attempt))
      case .name(let name):
        append(RM_TAG_REPORTED_TASK, value: rm_reported_task(task: 0, attempt: line.attempt))
        append(RM_TAG_REPORTED_NAME, name)
      }
    }
  }

  private mutating func encode(_ request: JobRequest, name: String, _ head: inout rm_event_head) {
    if request.coscheduled { head.flags |= UInt8(RM_FLAG_COSCHEDULED) }
    if request.schedulingTimeoutMs != nil { head.flags |= UInt8(RM_FLAG_HAS_DEADLINE) }
    if case .handle(let handle) = request.parent { head.object = handle.rawValue }
    begin(head)
    append(RM_TAG_SUBJECT_NAME, name)
    let numbers = rm_job_numbers(
      milli_cpu: request.milliCPU, scheduling_timeout_ms: request.schedulingTimeoutMs ?? 0,
      replicas: request.replicas, max_retries_failure: request.maxRetriesFailure,
      max_retries_preemption: request.maxRetriesPreemption, max_task_failures: request.maxTaskFailures)
    append(RM_TAG_JOB_NUMBERS, value: numbers)
    if case .name(let parent) = request.parent { append(RM_TAG_PARENT_NAME, parent) }
    append(RM_TAG_OWNER, request.owner)
    append(RM_TAG_REASON, request.reason)
  }

  private mutating func encode(_ report: TaskReport, _ head: inout rm_event_head) {
    head.attempt = report.attempt
    head.state = report.state.rawValue
    if let code = report.exitCode {
      head.flags |= UInt8(RM_FLAG_HAS_EXIT_CODE)
      head.exit_code = code
    }
    begin(&head, subject: report.task)
    append(RM_TAG_ERROR, report.error)
  }
}
