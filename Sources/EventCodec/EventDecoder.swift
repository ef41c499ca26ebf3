import CRingmaster
import EventModel

/// Reads an event from the copy of a record. Every field is checked; what is wrong is named.
public enum EventDecoder {
  /// - Parameters:
  ///   - head: copied out of the ring.
  ///   - text: the copied continuation payloads, at least `head.text_bytes` of them.
  ///   - isNew: it comes from a peer, and keeps to rules that what a journal keeps may be older than.
  public static func decode(
    _ head: rm_event_head, text: UnsafeRawBufferPointer, isNew: Bool = false
  ) throws(CodecError) -> Event.Body {
    guard let kind = EventKind(rawValue: head.kind) else { throw .unknownKind(head.kind) }
    guard Int(head.text_bytes) <= text.count else {
      throw .malformed(
        field: "text_bytes", expected: "at most \(text.count) in \(head.slots) slots", actual: "\(head.text_bytes)")
    }
    guard UInt32(head.flags) & ~EventFieldSet.flags(of: kind) == 0 else {
      throw .malformed(field: "flags", expected: "only flags of \(kind.name)", actual: "\(head.flags)")
    }
    if head.text_bytes == 0, let body = decodeBare(head, kind) { return body }
    let used = UnsafeRawBufferPointer(rebasing: text[..<Int(head.text_bytes)])
    let fields = try EventFields(FieldReader(used, isNew: isNew), of: kind)
    try fields.check(belongTo: kind)
    switch kind {
    case .workerRegistered: return .workerRegistered(try registration(head, fields))
    case .workerHeartbeat: return .workerHeartbeat(try subject(head, fields, "worker_id"))
    case .workerHeartbeatFailed:
      return .workerHeartbeatFailed(try subject(head, fields, "worker_id"), error: fields.error)
    case .workerFailed: return .workerFailed(try subject(head, fields, "worker_id"), cause: try cause(head, fields))
    case .workerReconciled:
      return .workerReconciled(try subject(head, fields, "worker_id"), reported: fields.reported)
    case .jobSubmitted:
      return .jobSubmitted(name: try newName(fields, "job_id"), request: try request(head, fields))
    case .jobCancelled:
      return .jobCancelled(try subject(head, fields, "job_id"), reason: fields.reason ?? "")
    case .taskAssigned:
      let worker: WorkerReference = try reference(head.object, fields.objectName, "worker_id")
      return .taskAssigned(try subject(head, fields, "task_id"), worker: worker)
    case .taskStateChanged: return .taskStateChanged(try report(head, fields))
    case .taskPreempted: return .taskPreempted(try subject(head, fields, "task_id"), reason: fields.reason)
    case .endpointRegistered:
      guard let endpoint = fields.endpoint else { throw missing("endpoint") }
      return .endpointRegistered(try subject(head, fields, "task_id"), endpoint: endpoint)
    case .tick: return .tick
    case .prune: return .prune
    case .schedulingDeadlinePassed: return .schedulingDeadlinePassed(try subject(head, fields, "task_id"))
    case .controllerStalled: return .controllerStalled(stalledMs: try span(head, "stalled_ms"))
    case .clockCorrected: return .clockCorrected(aheadMs: try span(head, "ahead_ms"))
    case .brakeEngaged: return .brakeEngaged(try census(head, fields))
    case .brakeReleased: return .brakeReleased(try census(head, fields))
    case .brakeOverridden: return .brakeOverridden(zone: try zone(fields), reason: fields.reason)
    }
  }

  private static func span(_ head: rm_event_head, _ field: String) throws(CodecError) -> Int64 {
    guard Limits.timeMs.contains(head.value) else {
      throw .malformed(field: field, expected: "\(Limits.timeMs)", actual: "\(head.value)")
    }
    return head.value
  }

  /// The events that come by the thousand and name nobody but by handle; nil for all others.
  private static func decodeBare(_ head: rm_event_head, _ kind: EventKind) -> Event.Body? {
    guard head.subject != 0 else { return nil }
    switch kind {
    case .workerHeartbeat: return .workerHeartbeat(.handle(WorkerHandle(rawValue: head.subject)))
    case .taskAssigned:
      guard head.object != 0 else { return nil }
      return .taskAssigned(
        .handle(TaskHandle(rawValue: head.subject)), worker: .handle(WorkerHandle(rawValue: head.object)))
    case .taskStateChanged:
      guard let state = TaskState(rawValue: head.state) else { return nil }
      return .taskStateChanged(
        TaskReport(
          task: .handle(TaskHandle(rawValue: head.subject)), attempt: head.attempt, state: state,
          exitCode: exitCode(head)))
    default: return nil
    }
  }

  private static func exitCode(_ head: rm_event_head) -> Int32? {
    UInt32(head.flags) & RM_FLAG_HAS_EXIT_CODE != 0 ? head.exit_code : nil
  }

  private static func missing(_ field: String) -> CodecError {
    .malformed(field: field, expected: "a handle or a name", actual: "neither")
  }

  private static func reference<Entity>(
    _ handle: UInt64, _ name: String?, _ field: String
  ) throws(CodecError) -> Reference<Entity> {
    if handle != 0 { return .handle(Handle(rawValue: handle)) }
    guard let name else { throw missing(field) }
    return .name(name)
  }

  private static func subject<Entity>(
    _ head: rm_event_head, _ fields: EventFields, _ field: String
  ) throws(CodecError) -> Reference<Entity> {
    // Only a task's name may be longer than its job's.
    if Entity.self != TaskEntity.self, let name = fields.subjectName { try checkLength(of: name, field) }
    return try reference(head.subject, fields.subjectName, field)
  }

  private static func checkLength(of name: String, _ field: String) throws(CodecError) {
    guard name.utf8.count <= Limits.nameBytes else {
      throw .malformed(field: field, expected: "at most \(Limits.nameBytes) bytes", actual: "\(name.utf8.count)")
    }
  }

  /// The name of something that the event creates.
  private static func newName(_ fields: EventFields, _ field: String) throws(CodecError) -> String {
    guard let name = fields.subjectName else { throw .malformed(field: field, expected: "a name", actual: "none") }
    try checkLength(of: name, field)
    // In text it would read as a handle.
    guard !NameRule.looksLikeHandle(name.utf8) else {
      throw .malformed(field: field, expected: NameRule.notLikeAHandle, actual: "one that does")
    }
    return name
  }

  private static func registration(
    _ head: rm_event_head, _ fields: EventFields
  ) throws(CodecError) -> WorkerRegistration {
    let name = try newName(fields, "worker_id")
    guard Limits.milliCPU.contains(head.value) else {
      throw .malformed(
        field: "metadata.cpu", expected: "\(Limits.milliCPU) thousandths", actual: "\(head.value)")
    }
    return WorkerRegistration(
      name: name, address: fields.address ?? "",
      metadata: WorkerMetadata(milliCPU: head.value, attributes: fields.attributes), incarnation: fields.incarnation)
  }

  private static func zone(_ fields: EventFields) throws(CodecError) -> String {
    guard let zone = fields.zone else { throw .malformed(field: "zone", expected: "a zone", actual: "none") }
    return zone
  }

  private static func census(_ head: rm_event_head, _ fields: EventFields) throws(CodecError) -> ZoneCensus {
    guard let workers = Int32(exactly: head.extra), workers >= 0 else {
      throw .malformed(field: "workers", expected: "\(0...Int32.max)", actual: "\(head.extra)")
    }
    guard let silent = Int32(exactly: head.value), silent >= 0, silent <= workers else {
      throw .malformed(field: "silent_workers", expected: "\(0...workers)", actual: "\(head.value)")
    }
    return ZoneCensus(zone: try zone(fields), silentWorkers: silent, workers: workers)
  }

  private static func cause(
    _ head: rm_event_head, _ fields: EventFields
  ) throws(CodecError) -> WorkerFailureCause {
    if UInt32(head.flags) & RM_FLAG_TIMED_OUT != 0 {
      for (field, timeMs) in [("last_heartbeat_ms", head.value), ("timeout_ms", head.extra)]
      where !Limits.timeMs.contains(timeMs) {
        throw .malformed(field: field, expected: "\(Limits.timeMs) ms", actual: "\(timeMs)")
      }
      return .timedOut(lastHeartbeatMs: head.value, timeoutMs: head.extra)
    }
    return .reported(error: fields.error)
  }

  private static func report(_ head: rm_event_head, _ fields: EventFields) throws(CodecError) -> TaskReport {
    guard let state = TaskState(rawValue: head.state) else {
      throw .malformed(field: "new_state", expected: "a task state", actual: "\(head.state)")
    }
    return TaskReport(
      task: try subject(head, fields, "task_id"), attempt: head.attempt, state: state, error: fields.error,
      exitCode: exitCode(head))
  }

  private static func request(_ head: rm_event_head, _ fields: EventFields) throws(CodecError) -> JobRequest {
    guard let numbers = fields.jobNumbers else {
      throw .malformed(field: "request", expected: "its numbers", actual: "none")
    }
    guard Limits.milliCPU.contains(numbers.milli_cpu) else {
      throw .malformed(field: "cpu", expected: "\(Limits.milliCPU) thousandths", actual: "\(numbers.milli_cpu)")
    }
    for (field, value) in [
      ("max_retries_failure", numbers.max_retries_failure), ("max_retries_preemption", numbers.max_retries_preemption),
      ("max_task_failures", numbers.max_task_failures),
    ] where !Limits.retries.contains(value) {
      throw .malformed(field: field, expected: "\(Limits.retries)", actual: "\(value)")
    }
    var request = JobRequest()
    request.replicas = numbers.replicas
    request.maxRetriesFailure = numbers.max_retries_failure
    request.maxRetriesPreemption = numbers.max_retries_preemption
    request.maxTaskFailures = numbers.max_task_failures
    request.coscheduled = UInt32(head.flags) & RM_FLAG_COSCHEDULED != 0
    request.milliCPU = numbers.milli_cpu
    if UInt32(head.flags) & RM_FLAG_HAS_DEADLINE != 0 {
      guard Limits.timeMs.contains(numbers.scheduling_timeout_ms) else {
        throw .malformed(
          field: "scheduling_timeout_ms", expected: "\(Limits.timeMs) ms", actual: "\(numbers.scheduling_timeout_ms)")
      }
      request.schedulingTimeoutMs = numbers.scheduling_timeout_ms
    }
    if head.object != 0 {
      request.parent = .handle(JobHandle(rawValue: head.object))
    } else if let parent = fields.parentName {
      request.parent = .name(parent)
    }
    request.owner = fields.owner
    request.reason = fields.reason
    return request
  }
}
