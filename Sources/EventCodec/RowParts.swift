import CRingmaster
import EventModel

// Values of a row that take several numbers or texts.

extension RecordWriter {
  func fill(_ metadata: WorkerMetadata, _ head: inout rm_result_head, _ numbers: inout rm_worker_row) {
    numbers.milli_cpu = metadata.capacity.milliCPU
    numbers.memory_bytes = metadata.capacity.memoryBytes
    numbers.confirms_stops = metadata.confirmsStops ? 1 : 0
  }

  /// Attributes as far as the record stays one that fits the smallest result ring.
  mutating func append(_ metadata: WorkerMetadata) throws(CodecError) {
    append(metadata.capacity.devices)
    var left = Limits.rowAttributesBytes
    append(
      metadata.attributes.prefix { attribute in
        left -= attribute.key.utf8.count + attribute.value.utf8.count
        return left >= 0
      })
  }

  func fill(_ committed: Resources, _ head: inout rm_result_head, _ numbers: inout rm_worker_row) {
    numbers.committed_milli_cpu = committed.milliCPU
    numbers.committed_memory_bytes = committed.memoryBytes
  }

  mutating func append(_ committed: Resources) throws(CodecError) {
    append(committed.devices, RM_TAG_COMMITTED_DEVICE)
  }

  mutating func append(_ tag: UInt32, _ devices: DeviceCounts) { append(devices, tag) }

  func fill(_ counts: TaskStateCounts, _ head: inout rm_result_head, _ numbers: inout rm_job_row) {
    withUnsafeMutableBytes(of: &numbers.tasks_by_state) { bytes in
      let places = bytes.bindMemory(to: UInt32.self)
      for state in TaskState.allCases { places[Int(state.rawValue)] = UInt32(clamping: counts[state]) }
    }
  }

  func fill(_ name: TaskName, _ head: inout rm_result_head, _ numbers: inout rm_task_row) {
    head.task_index = Int32(name.index)
  }

  mutating func append(_ name: TaskName) throws(CodecError) { append(RM_TAG_SUBJECT_NAME, name.job) }

  func fill<Numbers>(_ worker: WorkerIdentity?, _ head: inout rm_result_head, _ numbers: inout Numbers) {
    head.fill(worker)
  }

  mutating func append(_ worker: WorkerIdentity?) throws(CodecError) { append(RM_TAG_WORKER_NAME, worker?.name) }

  func fill(_ origin: EventID, _ head: inout rm_result_head, _ numbers: inout rm_dead_letter_row) {
    (numbers.origin_peer, numbers.origin_position) = (origin.peer, origin.position)
  }

  /// Its id and time are numbers of their own.
  func fill(_ event: Event?, _ head: inout rm_result_head, _ numbers: inout rm_dead_letter_row) {}

  mutating func append(_ event: Event?) throws(CodecError) {
    if let event { try append(event: event) }
  }

  mutating func append(_ tag: UInt32, _ bytes: [UInt8]) {
    if !bytes.isEmpty { bytes.withUnsafeBytes { append(tag, $0) } }
  }

  func fill<Numbers>(_ subject: Subject?, _ head: inout rm_result_head, _ numbers: inout Numbers) {
    if let subject { head.fill(subject) }
  }

  func fill(_ specification: Specification, _ head: inout rm_result_head, _ numbers: inout rm_specification_row) {}

  mutating func append(_ subject: Subject?) throws(CodecError) { append(RM_TAG_SUBJECT_NAME, subject?.wireName) }

  func fill(_ budgets: TaskBudgets?, _ head: inout rm_result_head, _ numbers: inout rm_explanation_row) {
    numbers.failures_used = budgets?.failures.used ?? 0
    numbers.failures_limit = budgets?.failures.limit ?? -1
    numbers.preemptions_used = budgets?.preemptions.used ?? 0
    numbers.preemptions_limit = budgets?.preemptions.limit ?? -1
    numbers.deliveries_used = budgets?.deliveries.used ?? 0
    numbers.deliveries_limit = budgets?.deliveries.limit ?? -1
    numbers.scheduling_deadline_ms = budgets?.schedulingDeadlineMs ?? -1
  }

  func fill(_ obstacle: PlacementObstacle?, _ head: inout rm_result_head, _ numbers: inout rm_explanation_row) {
    numbers.obstacle = UInt8(obstacle?.code ?? RM_OBSTACLE_NONE)
    switch obstacle {
    case .noCapacity(_, let worker, let considered):
      numbers.obstacle_count = UInt32(clamping: considered)
      fill(worker, &head, &numbers)
    case .tooLarge(_, let worker, let considered):
      numbers.obstacle_count = UInt32(clamping: considered)
      fill(worker, &head, &numbers)
    case .heldByGang(let missing), .gangTooLarge(let missing): numbers.obstacle_count = UInt32(clamping: missing)
    case .backsOff(let untilMs, let failures):
      (numbers.obstacle_ms, numbers.obstacle_count) = (untilMs, UInt32(clamping: failures))
    case .requirementNotMet(let considered): numbers.obstacle_count = UInt32(clamping: considered)
    case .stopping(let worker), .draining(let worker, _, _): fill(worker, &head, &numbers)
    default: break
    }
  }

  mutating func append(_ obstacle: PlacementObstacle?) throws(CodecError) {
    switch obstacle {
    case .brakeEngaged(let zone): append(RM_TAG_ZONE, zone)
    case .noCapacity(let missing, let worker, _):
      try append(worker)
      append(missing)
    case .tooLarge(let missing, let worker, _):
      try append(worker)
      append(missing)
    case .stopping(let worker): try append(worker)
    case .draining(let worker, let submitter, let reason):
      try append(worker)
      append(RM_TAG_SUBMITTER, submitter)
      append(RM_TAG_REASON, reason)
    case .reserved(let job): append(RM_TAG_OBJECT_NAME, job)
    default: break
    }
  }

  func fill(_ content: StepContent, _ head: inout rm_result_head, _ numbers: inout rm_step_row) {
    switch content {
    case .event(let event, let subject):
      fill(subject, &head, &numbers)
      (numbers.origin_peer, numbers.origin_position) = (event.id.peer, event.id.position)
    case .action(let action):
      numbers.action = action.kind.rawValue
      if case .action(let index) = action.cause { numbers.cause_in_transaction = index + 1 }
      fill(action.subject, &head, &numbers)
      fill(action.worker, &head, &numbers)
      head.from_state = action.from?.rawValue ?? UInt8(RM_NO_STATE)
      head.to_state = action.to?.rawValue ?? UInt8(RM_NO_STATE)
      head.attempt = action.attempt ?? RM_NO_ATTEMPT
    }
  }

  mutating func append(_ content: StepContent) throws(CodecError) {
    switch content {
    case .event(let event, let subject):
      try append(subject)
      try append(event: event)
    case .action(let action):
      try append(action.subject)
      try append(action.worker)
      append(RM_TAG_ENDPOINT, action.endpoint)
    }
  }
}

extension PlacementObstacle {
  fileprivate var code: UInt32 {
    switch self {
    case .noWorkers: RM_OBSTACLE_NO_WORKERS
    case .noCapacity: RM_OBSTACLE_NO_CAPACITY
    case .tooLarge: RM_OBSTACLE_TOO_LARGE
    case .heldByGang: RM_OBSTACLE_GANG
    case .gangTooLarge: RM_OBSTACLE_GANG_TOO_LARGE
    case .brakeEngaged: RM_OBSTACLE_BRAKE
    case .notYetConsidered: RM_OBSTACLE_NOT_CONSIDERED
    case .refusedByPolicy: RM_OBSTACLE_POLICY
    case .backsOff: RM_OBSTACLE_BACK_OFF
    case .stopping: RM_OBSTACLE_STOPPING
    case .requirementNotMet: RM_OBSTACLE_REQUIREMENT
    case .draining: RM_OBSTACLE_DRAINING
    case .reserved: RM_OBSTACLE_RESERVED
    }
  }
}

extension RecordFields {
  func part(_ head: rm_result_head, _ numbers: rm_worker_row) throws(CodecError) -> WorkerMetadata {
    WorkerMetadata(
      capacity: Resources(
        milliCPU: numbers.milli_cpu, memoryBytes: numbers.memory_bytes, devices: try devices(RM_TAG_DEVICE)),
      confirmsStops: numbers.confirms_stops != 0, attributes: try attributes())
  }

  func part(_ head: rm_result_head, _ numbers: rm_worker_row) throws(CodecError) -> Resources {
    Resources(
      milliCPU: numbers.committed_milli_cpu, memoryBytes: numbers.committed_memory_bytes,
      devices: try devices(RM_TAG_COMMITTED_DEVICE))
  }

  func part(_ head: rm_result_head, _ numbers: rm_job_row) throws(CodecError) -> TaskStateCounts {
    withUnsafeBytes(of: numbers.tasks_by_state) { bytes in
      let places = bytes.bindMemory(to: UInt32.self)
      var counts = TaskStateCounts()
      for state in TaskState.allCases { counts[state] = Int(Int32(clamping: places[Int(state.rawValue)])) }
      return counts
    }
  }

  func part(_ head: rm_result_head, _ numbers: rm_specification_row) throws(CodecError) -> Specification {
    try specification()
  }

  func part(_ head: rm_result_head, _ numbers: rm_task_row) throws(CodecError) -> TaskName {
    TaskName(job: try text(RM_TAG_SUBJECT_NAME, "name") ?? "", index: Int(head.task_index))
  }

  func part(_ head: rm_result_head, _ numbers: rm_dead_letter_row) throws(CodecError) -> EventID {
    EventID(peer: numbers.origin_peer, position: numbers.origin_position)
  }

  func part(_ head: rm_result_head, _ numbers: rm_dead_letter_row) throws(CodecError) -> Event? {
    let id: EventID = try part(head, numbers)
    return try event().map { Event(id: id, timestampMs: numbers.timestamp_ms, body: $0) }
  }

  func part(_ head: rm_result_head, _ numbers: rm_explanation_row) throws(CodecError) -> TaskBudgets? {
    if numbers.failures_limit < 0 { return nil }
    return TaskBudgets(
      failures: .init(used: numbers.failures_used, limit: numbers.failures_limit),
      preemptions: .init(used: numbers.preemptions_used, limit: numbers.preemptions_limit),
      deliveries: .init(used: numbers.deliveries_used, limit: numbers.deliveries_limit),
      schedulingDeadlineMs: numbers.scheduling_deadline_ms < 0 ? nil : numbers.scheduling_deadline_ms)
  }

  func part(_ head: rm_result_head, _ numbers: rm_explanation_row) throws(CodecError) -> PlacementObstacle? {
    let count = Int(numbers.obstacle_count)
    switch UInt32(numbers.obstacle) {
    case RM_OBSTACLE_NONE: return nil
    case RM_OBSTACLE_NO_WORKERS: return .noWorkers
    case RM_OBSTACLE_NO_CAPACITY:
      return .noCapacity(try shortage(), bestWorker: try part(head, numbers), workersConsidered: count)
    case RM_OBSTACLE_TOO_LARGE:
      return .tooLarge(try shortage(), largestWorker: try part(head, numbers), workersConsidered: count)
    case RM_OBSTACLE_GANG: return .heldByGang(missingMembers: count)
    case RM_OBSTACLE_GANG_TOO_LARGE: return .gangTooLarge(missingMembers: count)
    case RM_OBSTACLE_BRAKE: return .brakeEngaged(zone: try text(RM_TAG_ZONE, "zone", limit: Limits.metadataBytes) ?? "")
    case RM_OBSTACLE_NOT_CONSIDERED: return .notYetConsidered
    case RM_OBSTACLE_POLICY: return .refusedByPolicy
    case RM_OBSTACLE_BACK_OFF:
      return .backsOff(untilMs: numbers.obstacle_ms, failures: Int32(clamping: numbers.obstacle_count))
    case RM_OBSTACLE_STOPPING: return .stopping(try part(head, numbers))
    case RM_OBSTACLE_REQUIREMENT: return .requirementNotMet(workersConsidered: count)
    case RM_OBSTACLE_DRAINING:
      return .draining(
        try part(head, numbers), by: try text(RM_TAG_SUBMITTER, "drained_by"),
        reason: try text(RM_TAG_REASON, "reason", limit: Limits.errorBytes))
    case RM_OBSTACLE_RESERVED: return .reserved(job: try text(RM_TAG_OBJECT_NAME, "job") ?? "")
    default: throw .malformed(field: "obstacle", expected: "a known one", actual: "\(numbers.obstacle)")
    }
  }

  func part(_ head: rm_result_head, _ numbers: rm_step_row) throws(CodecError) -> StepContent {
    guard numbers.action != 0 else {
      guard let body = try event() else { throw .malformed(field: "event", expected: "an event", actual: "none") }
      let id = EventID(peer: numbers.origin_peer, position: numbers.origin_position)
      let hasSubject = UInt32(head.subject_type) != RM_ENTITY_NONE
      return .event(
        Event(id: id, timestampMs: numbers.timestamp_ms, body: body),
        subject: hasSubject ? try part(head, numbers) as Subject : nil)
    }
    let kind: ActionKind = try known("action", numbers.action)
    let cause = numbers.cause_in_transaction
    guard cause >= 0 else { throw .malformed(field: "cause", expected: "0 or more", actual: "\(cause)") }
    let worker: WorkerIdentity? = try part(head, numbers)
    return .action(
      Action(
        kind, try part(head, numbers), from: try state(head.from_state), to: try state(head.to_state),
        attempt: head.attempt == RM_NO_ATTEMPT ? nil : head.attempt, worker: worker,
        endpoint: worker == nil ? try text(RM_TAG_ENDPOINT, "endpoint") : nil,
        cause: cause == 0 ? .event : .action(cause - 1)))
  }

  private func state(_ raw: UInt8) throws(CodecError) -> TaskState? {
    if UInt32(raw) == RM_NO_STATE { nil } else { try known("state", raw) }
  }
}
