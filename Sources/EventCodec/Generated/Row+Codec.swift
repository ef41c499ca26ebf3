// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import CRingmaster
import EventModel

extension RecordWriter {
  /// Writes one row of the answer to `request`.
  public mutating func encode(_ row: Row, request: UInt64) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_result_head.row(request: request)
    switch row {
    case .worker(let row):
      head.code = QueryEntity.workers.rawValue
      var numbers = rm_worker_row()
      head.subject = row.handle.rawValue
      fill(row.metadata, &head, &numbers)
      numbers.last_heartbeat_ms = row.lastHeartbeatMs
      numbers.consecutive_failures = row.consecutiveFailures
      fill(row.committed, &head, &numbers)
      numbers.running_tasks = UInt32(clamping: row.runningCount)
      numbers.stopping_tasks = UInt32(clamping: row.stoppingCount)
      numbers.draining = row.isDraining ? 1 : 0
      if let value = row.drainEndsMs { (numbers.drain_ends_ms, numbers.has_drain_ends_ms) = (value, 1) }
      numbers.timeout_ms = row.timeoutMs
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_SUBJECT_NAME, row.name)
      append(RM_TAG_ADDRESS, row.address)
      try append(row.metadata)
      append(RM_TAG_INCARNATION, row.incarnation)
      try append(row.committed)
      append(RM_TAG_REASON, row.drainReason)
      append(RM_TAG_SUBMITTER, row.drainedBy)
    case .job(let row):
      head.code = QueryEntity.jobs.rawValue
      var numbers = rm_job_row()
      head.subject = row.handle.rawValue
      numbers.state = row.state.rawValue
      fill(row.request, &head, &numbers)
      numbers.submitted_ms = row.submittedMs
      if let value = row.endedMs { (numbers.ended_ms, numbers.has_ended_ms) = (value, 1) }
      fill(row.taskCounts, &head, &numbers)
      numbers.depth = UInt32(clamping: row.depth)
      numbers.number = row.insertionNumber
      numbers.tasks = UInt32(clamping: row.taskCount)
      numbers.specification_bytes = UInt32(clamping: row.specificationBytes)
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_SUBJECT_NAME, row.name)
      append(RM_TAG_ERROR, row.error)
      try append(row.request)
      append(RM_TAG_PARENT_NAME, row.parentName)
    case .task(let row):
      head.code = QueryEntity.tasks.rawValue
      var numbers = rm_task_row()
      head.subject = row.handle.rawValue
      numbers.job = row.job.rawValue
      fill(row.name, &head, &numbers)
      numbers.state = row.state.rawValue
      if let value = row.exitCode { (numbers.exit_code, numbers.has_exit_code) = (value, 1) }
      numbers.failures = row.failures
      numbers.preemptions = row.preemptions
      numbers.deliveries = row.deliveries
      if let value = row.endReason { (numbers.end_reason, numbers.has_end_reason) = (value.rawValue, 1) }
      numbers.stopping = row.isStopping ? 1 : 0
      if let value = row.retryMs { (numbers.retry_ms, numbers.has_retry_ms) = (value, 1) }
      numbers.attempts = UInt32(clamping: row.attemptCount)
      if let value = row.assignedMs { (numbers.assigned_ms, numbers.has_assigned_ms) = (value, 1) }
      fill(row.worker, &head, &numbers)
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      try append(row.name)
      append(RM_TAG_ERROR, row.error)
      try append(row.worker)
    case .counter(let name, let value):
      head.code = QueryEntity.counters.rawValue
      head.subject = .init(truncatingIfNeeded: value)
      begin(head)
      append(RM_TAG_COUNTER_NAME, name)
    case .peer(let row):
      head.code = QueryEntity.peers.rawValue
      var numbers = rm_peer_row()
      head.subject = .init(truncatingIfNeeded: row.peer)
      numbers.role = row.role
      numbers.received = row.received
      numbers.ring_full = row.full
      numbers.shed = row.shed
      numbers.result_overruns = row.overruns
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_SUBJECT_NAME, row.name)
    case .brake(let row):
      head.code = QueryEntity.brakes.rawValue
      var numbers = rm_brake_row()
      numbers.engaged_ms = row.engagedMs
      numbers.silent_workers = row.silentWorkers
      numbers.workers = row.workers
      numbers.expired_workers = row.expiredWorkers
      numbers.overridden = row.isOverridden ? 1 : 0
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_ZONE, row.zone)
    case .deadLetter(let row):
      head.code = QueryEntity.deadLetters.rawValue
      var numbers = rm_dead_letter_row()
      head.subject = .init(truncatingIfNeeded: row.number)
      numbers.timestamp_ms = row.timestampMs
      numbers.reason = row.reason.rawValue
      fill(row.origin, &head, &numbers)
      numbers.role = row.role
      numbers.retries = row.retries
      fill(row.event, &head, &numbers)
      numbers.abridged = row.isAbridged ? 1 : 0
      numbers.record_bytes = row.recordBytes
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_ERROR, row.detail)
      append(RM_TAG_SUBJECT_NAME, row.peerName)
      try append(row.event)
      append(RM_TAG_RECORD, row.record)
    case .explanation(let row):
      head.code = QueryEntity.explanation.rawValue
      var numbers = rm_explanation_row()
      fill(row.subject, &head, &numbers)
      numbers.present = row.isPresent ? 1 : 0
      numbers.reach = row.reach.rawValue
      numbers.now_ms = row.nowMs
      if let value = row.firstTransaction { (numbers.first_transaction, numbers.has_first_transaction) = (value, 1) }
      numbers.attempts = row.attempts
      fill(row.budgets, &head, &numbers)
      fill(row.obstacle, &head, &numbers)
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      try append(row.subject)
      try append(row.obstacle)
    case .attempt(let row):
      head.code = QueryEntity.attempts.rawValue
      var numbers = rm_attempt_row()
      numbers.attempt = row.number
      numbers.state = row.state.rawValue
      fill(row.worker, &head, &numbers)
      numbers.started_ms = row.startedMs
      if let value = row.endedMs { (numbers.ended_ms, numbers.has_ended_ms) = (value, 1) }
      if let value = row.exitCode { (numbers.exit_code, numbers.has_exit_code) = (value, 1) }
      if let value = row.endReason { (numbers.end_reason, numbers.has_end_reason) = (value.rawValue, 1) }
      numbers.stopping = row.isStopping ? 1 : 0
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      try append(row.worker)
      append(RM_TAG_ERROR, row.error)
    case .step(let row):
      head.code = QueryEntity.steps.rawValue
      var numbers = rm_step_row()
      numbers.transaction = row.transaction
      numbers.timestamp_ms = row.timestampMs
      fill(row.content, &head, &numbers)
      if let value = row.cause { (numbers.cause_step, numbers.has_cause_step) = (UInt32(clamping: value), 1) }
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      try append(row.content)
    case .specification(let row):
      head.code = QueryEntity.specifications.rawValue
      var numbers = rm_specification_row()
      head.subject = row.handle.rawValue
      numbers.bytes = UInt32(clamping: row.bytes)
      fill(row.specification, &head, &numbers)
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_SUBJECT_NAME, row.name)
      append(row.specification)
    }
    return try finish()
  }

  private func fill(_ request: JobRequest, _ head: inout rm_result_head, _ numbers: inout rm_job_row) {
    numbers.request.replicas = request.replicas
    numbers.request.max_retries_failure = request.maxRetriesFailure
    numbers.request.max_retries_preemption = request.maxRetriesPreemption
    numbers.request.max_task_failures = request.maxTaskFailures
    if request.coscheduled { numbers.request_flags |= UInt8(RM_FLAG_COSCHEDULED) }
    numbers.request.milli_cpu = request.resources.milliCPU
    numbers.request.memory_bytes = request.resources.memoryBytes
    numbers.request.priority = request.priority
    if let value = request.schedulingTimeoutMs {
      numbers.request_flags |= UInt8(RM_FLAG_HAS_DEADLINE)
      numbers.request.scheduling_timeout_ms = value
    }
    numbers.request.run_timeout_ms = request.runTimeoutMs
    numbers.request.retry_delay_ms = request.retryDelayMs
    numbers.request.retry_delay_max_ms = request.retryDelayMaxMs
    numbers.request.if_exists = UInt32(request.ifExists.rawValue)
    numbers.request.submitter_uid = request.submitterUid
  }

  private mutating func append(_ request: JobRequest) throws(CodecError) {
    append(RM_TAG_DEVICE, request.resources.devices)
    append(RM_TAG_CONSTRAINT, request.constraints)
    append(RM_TAG_OWNER, request.owner)
    append(RM_TAG_SUBMITTER, request.submitter)
    append(RM_TAG_REASON, request.reason)
    append(RM_TAG_SPECIFICATION, request.specification)
  }
}

extension Row {
  /// Reads a row from the copy of a record.
  init(_ head: rm_result_head, _ fields: RecordFields) throws(CodecError) {
    let entity: QueryEntity = try known("row", head.code)
    switch entity {
    case .workers:
      let numbers = try fields.numbers(as: rm_worker_row.self)
      let handle: WorkerHandle = WorkerHandle(rawValue: head.subject)
      let name: String = try fields.text(RM_TAG_SUBJECT_NAME, "name", limit: Limits.taskNameBytes) ?? ""
      let address: String = try fields.text(RM_TAG_ADDRESS, "address", limit: Limits.nameBytes) ?? ""
      let metadata: WorkerMetadata = try fields.part(head, numbers)
      let incarnation: String? = try fields.text(RM_TAG_INCARNATION, "incarnation", limit: Limits.nameBytes)
      let lastHeartbeatMs: Int64 = numbers.last_heartbeat_ms
      let consecutiveFailures: Int16 = numbers.consecutive_failures
      let committed: Resources = try fields.part(head, numbers)
      let runningCount: Int = Int(numbers.running_tasks)
      let stoppingCount: Int = Int(numbers.stopping_tasks)
      let isDraining: Bool = numbers.draining != 0
      let drainReason: String? = try fields.text(RM_TAG_REASON, "drain_reason", limit: Limits.errorBytes)
      let drainedBy: String? = try fields.text(RM_TAG_SUBMITTER, "drained_by", limit: Limits.nameBytes)
      let drainEndsMs: Int64? = numbers.has_drain_ends_ms != 0 ? numbers.drain_ends_ms : nil
      let timeoutMs: Int64 = numbers.timeout_ms
      self = .worker(WorkerView(handle: handle, name: name, address: address, metadata: metadata, incarnation: incarnation, lastHeartbeatMs: lastHeartbeatMs, consecutiveFailures: consecutiveFailures, committed: committed, runningCount: runningCount, stoppingCount: stoppingCount, isDraining: isDraining, drainReason: drainReason, drainedBy: drainedBy, drainEndsMs: drainEndsMs, timeoutMs: timeoutMs))
    case .jobs:
      let numbers = try fields.numbers(as: rm_job_row.self)
      let handle: JobHandle = JobHandle(rawValue: head.subject)
      let name: String = try fields.text(RM_TAG_SUBJECT_NAME, "name", limit: Limits.taskNameBytes) ?? ""
      let state: JobState = try known("state", numbers.state)
      let error: String? = try fields.text(RM_TAG_ERROR, "error", limit: Limits.errorBytes)
      let request: JobRequest = try fields.part(head, numbers)
      let submittedMs: Int64 = numbers.submitted_ms
      let endedMs: Int64? = numbers.has_ended_ms != 0 ? numbers.ended_ms : nil
      let taskCounts: TaskStateCounts = try fields.part(head, numbers)
      let parentName: String? = try fields.text(RM_TAG_PARENT_NAME, "parent", limit: Limits.nameBytes)
      let depth: Int = Int(numbers.depth)
      let insertionNumber: UInt64 = numbers.number
      let taskCount: Int = Int(numbers.tasks)
      let specificationBytes: Int = Int(numbers.specification_bytes)
      self = .job(JobView(handle: handle, name: name, state: state, error: error, request: request, submittedMs: submittedMs, endedMs: endedMs, taskCounts: taskCounts, parentName: parentName, depth: depth, insertionNumber: insertionNumber, taskCount: taskCount, specificationBytes: specificationBytes))
    case .tasks:
      let numbers = try fields.numbers(as: rm_task_row.self)
      let handle: TaskHandle = TaskHandle(rawValue: head.subject)
      let job: JobHandle = JobHandle(rawValue: numbers.job)
      let name: TaskName = try fields.part(head, numbers)
      let state: TaskState = try known("state", numbers.state)
      let error: String? = try fields.text(RM_TAG_ERROR, "error", limit: Limits.errorBytes)
      let exitCode: Int32? = numbers.has_exit_code != 0 ? numbers.exit_code : nil
      let failures: Int32 = numbers.failures
      let preemptions: Int32 = numbers.preemptions
      let deliveries: Int32 = numbers.deliveries
      let endReason: EndReason? = try numbers.has_end_reason != 0 ? known("end_reason", numbers.end_reason) : nil
      let isStopping: Bool = numbers.stopping != 0
      let retryMs: Int64? = numbers.has_retry_ms != 0 ? numbers.retry_ms : nil
      let attemptCount: Int = Int(numbers.attempts)
      let assignedMs: Int64? = numbers.has_assigned_ms != 0 ? numbers.assigned_ms : nil
      let worker: WorkerIdentity? = try fields.part(head, numbers)
      self = .task(TaskView(handle: handle, job: job, name: name, state: state, error: error, exitCode: exitCode, failures: failures, preemptions: preemptions, deliveries: deliveries, endReason: endReason, isStopping: isStopping, retryMs: retryMs, attemptCount: attemptCount, assignedMs: assignedMs, worker: worker))
    case .counters:
      let name: String = try fields.text(RM_TAG_COUNTER_NAME, "name", limit: Limits.nameBytes) ?? ""
      let value: UInt64 = UInt64(truncatingIfNeeded: head.subject)
      self = .counter(name: name, value: value)
    case .peers:
      let numbers = try fields.numbers(as: rm_peer_row.self)
      let peer: UInt32 = UInt32(truncatingIfNeeded: head.subject)
      let name: String = try fields.text(RM_TAG_SUBJECT_NAME, "name", limit: Limits.taskNameBytes) ?? ""
      let role: UInt32 = numbers.role
      let received: UInt64 = numbers.received
      let full: UInt64 = numbers.ring_full
      let shed: UInt64 = numbers.shed
      let overruns: UInt64 = numbers.result_overruns
      self = .peer(PeerView(peer: peer, name: name, role: role, received: received, full: full, shed: shed, overruns: overruns))
    case .brakes:
      let numbers = try fields.numbers(as: rm_brake_row.self)
      let zone: String = try fields.text(RM_TAG_ZONE, "zone", limit: Limits.metadataBytes) ?? ""
      let engagedMs: Int64 = numbers.engaged_ms
      let silentWorkers: Int32 = numbers.silent_workers
      let workers: Int32 = numbers.workers
      let expiredWorkers: Int32 = numbers.expired_workers
      let isOverridden: Bool = numbers.overridden != 0
      self = .brake(ZoneBrake(zone: zone, engagedMs: engagedMs, silentWorkers: silentWorkers, workers: workers, expiredWorkers: expiredWorkers, isOverridden: isOverridden))
    case .deadLetters:
      let numbers = try fields.numbers(as: rm_dead_letter_row.self)
      let number: UInt64 = UInt64(truncatingIfNeeded: head.subject)
      let timestampMs: Int64 = numbers.timestamp_ms
      let reason: DeadLetterReason = try known("reason", numbers.reason)
      let detail: String = try fields.text(RM_TAG_ERROR, "detail", limit: Limits.errorBytes) ?? ""
      let origin: EventID = try fields.part(head, numbers)
      let peerName: String = try fields.text(RM_TAG_SUBJECT_NAME, "peer_name", limit: Limits.taskNameBytes) ?? ""
      let role: UInt32 = numbers.role
      let retries: UInt32 = numbers.retries
      let event: Event? = try fields.part(head, numbers)
      let isAbridged: Bool = numbers.abridged != 0
      let record: [UInt8] = try fields.bytes(RM_TAG_RECORD)
      let recordBytes: UInt32 = numbers.record_bytes
      self = .deadLetter(DeadLetterView(number: number, timestampMs: timestampMs, reason: reason, detail: detail, origin: origin, peerName: peerName, role: role, retries: retries, event: event, isAbridged: isAbridged, record: record, recordBytes: recordBytes))
    case .explanation:
      let numbers = try fields.numbers(as: rm_explanation_row.self)
      let subject: Subject = try fields.part(head, numbers)
      let isPresent: Bool = numbers.present != 0
      let reach: ExplanationReach = try known("reach", numbers.reach)
      let nowMs: Int64 = numbers.now_ms
      let firstTransaction: UInt64? = numbers.has_first_transaction != 0 ? numbers.first_transaction : nil
      let attempts: UInt32 = numbers.attempts
      let budgets: TaskBudgets? = try fields.part(head, numbers)
      let obstacle: PlacementObstacle? = try fields.part(head, numbers)
      self = .explanation(ExplanationView(subject: subject, isPresent: isPresent, reach: reach, nowMs: nowMs, firstTransaction: firstTransaction, attempts: attempts, budgets: budgets, obstacle: obstacle))
    case .attempts:
      let numbers = try fields.numbers(as: rm_attempt_row.self)
      let number: UInt32 = numbers.attempt
      let state: TaskState = try known("state", numbers.state)
      let worker: WorkerIdentity = try fields.part(head, numbers)
      let startedMs: Int64 = numbers.started_ms
      let endedMs: Int64? = numbers.has_ended_ms != 0 ? numbers.ended_ms : nil
      let exitCode: Int32? = numbers.has_exit_code != 0 ? numbers.exit_code : nil
      let error: String? = try fields.text(RM_TAG_ERROR, "error", limit: Limits.errorBytes)
      let endReason: EndReason? = try numbers.has_end_reason != 0 ? known("end_reason", numbers.end_reason) : nil
      let isStopping: Bool = numbers.stopping != 0
      self = .attempt(AttemptView(number: number, state: state, worker: worker, startedMs: startedMs, endedMs: endedMs, exitCode: exitCode, error: error, endReason: endReason, isStopping: isStopping))
    case .steps:
      let numbers = try fields.numbers(as: rm_step_row.self)
      let transaction: UInt64 = numbers.transaction
      let timestampMs: Int64 = numbers.timestamp_ms
      let content: StepContent = try fields.part(head, numbers)
      let cause: Int? = numbers.has_cause_step != 0 ? Int(numbers.cause_step) : nil
      self = .step(StepView(transaction: transaction, timestampMs: timestampMs, content: content, cause: cause))
    case .specifications:
      let numbers = try fields.numbers(as: rm_specification_row.self)
      let handle: JobHandle = JobHandle(rawValue: head.subject)
      let name: String = try fields.text(RM_TAG_SUBJECT_NAME, "name", limit: Limits.taskNameBytes) ?? ""
      let bytes: Int = Int(numbers.bytes)
      let specification: Specification = try fields.part(head, numbers)
      self = .specification(SpecificationView(handle: handle, name: name, bytes: bytes, specification: specification))
    }
  }
}

extension RecordFields {
  fileprivate func part(_ head: rm_result_head, _ numbers: rm_job_row) throws(CodecError) -> JobRequest {
    var request = JobRequest()
    request.replicas = numbers.request.replicas
    request.maxRetriesFailure = numbers.request.max_retries_failure
    request.maxRetriesPreemption = numbers.request.max_retries_preemption
    request.maxTaskFailures = numbers.request.max_task_failures
    request.coscheduled = UInt32(numbers.request_flags) & RM_FLAG_COSCHEDULED != 0
    request.resources.milliCPU = numbers.request.milli_cpu
    request.resources.memoryBytes = numbers.request.memory_bytes
    request.resources.devices = try devices(RM_TAG_DEVICE)
    request.priority = numbers.request.priority
    request.constraints = try constraints()
    request.schedulingTimeoutMs = UInt32(numbers.request_flags) & RM_FLAG_HAS_DEADLINE != 0 ? numbers.request.scheduling_timeout_ms : nil
    request.runTimeoutMs = numbers.request.run_timeout_ms
    request.retryDelayMs = numbers.request.retry_delay_ms
    request.retryDelayMaxMs = numbers.request.retry_delay_max_ms
    request.ifExists = try known("if_exists", UInt8(truncatingIfNeeded: numbers.request.if_exists))
    request.owner = try text(RM_TAG_OWNER, "owner", limit: Limits.nameBytes)
    request.submitter = try text(RM_TAG_SUBMITTER, "submitter", limit: Limits.nameBytes)
    request.submitterUid = numbers.request.submitter_uid
    request.reason = try text(RM_TAG_REASON, "reason", limit: Limits.errorBytes)
    request.specification = try specification()
    return request
  }
}
