import CRingmaster
import EventModel

// Requests of a peer that need more than their heads: what is to be explained, and why an operator meddles with a dead
// letter.

extension RecordWriter {
  /// Writes the query for an explanation.
  ///
  /// - Parameter rows: wanted at the most; the answer begins with an `ExplanationView` and the row of the entity.
  /// - Returns: whole payloads, valid until the next record.
  public mutating func encodeExplanationQuery(
    _ target: EntityReference, rows: Int
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_event_head()
    head.kind = UInt8(RM_KIND_QUERY)
    head.subject = UInt64(QueryEntity.explanation.rawValue)
    head.extra = Int64(rows)
    switch target {
    case .worker(let worker):
      head.state = UInt8(RM_ENTITY_WORKER)
      begin(&head, worker)
    case .job(let job):
      head.state = UInt8(RM_ENTITY_JOB)
      begin(&head, job)
    case .task(let task):
      head.state = UInt8(RM_ENTITY_TASK)
      begin(&head, task)
    }
    return try finish()
  }

  /// Writes the query for the tasks of a job.
  ///
  /// - Returns: whole payloads, valid until the next record.
  public mutating func encodeTaskQuery(
    _ job: JobReference, cursor: UInt64, rows: Int
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_event_head()
    head.kind = UInt8(RM_KIND_QUERY)
    head.subject = UInt64(QueryEntity.tasks.rawValue)
    head.object = cursor
    head.extra = Int64(rows)
    head.state = UInt8(RM_ENTITY_JOB)
    begin(&head, job)
    return try finish()
  }

  private mutating func begin<Entity>(_ head: inout rm_event_head, _ reference: Reference<Entity>) {
    switch reference {
    case .handle(let handle):
      head.value = Int64(bitPattern: handle.rawValue)
      begin(head)
    case .name(let name):
      begin(head)
      append(RM_TAG_SUBJECT_NAME, name)
    }
  }

  /// Writes the request to retry a dead letter or, if not, to drop it.
  ///
  /// - Returns: whole payloads, valid until the next record.
  public mutating func encodeLetterRequest(
    _ number: UInt64, isRetry: Bool, reason: String
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_event_head()
    head.kind = UInt8(isRetry ? RM_KIND_RETRY_LETTER : RM_KIND_DROP_LETTER)
    head.subject = number
    begin(head)
    append(RM_TAG_REASON, reason)
    return try finish()
  }
}

/// Reads requests from the copies of their records.
public enum RequestDecoder {
  /// What is to be explained.
  public static func explanationTarget(
    _ head: rm_event_head, text: UnsafeRawBufferPointer
  ) throws(CodecError) -> EntityReference {
    let name = try field(RM_TAG_SUBJECT_NAME, head, text)?.name("name", limit: Limits.taskNameBytes)
    let handle = UInt64(bitPattern: head.value)
    guard handle != 0 || name != nil else {
      throw .malformed(field: "name", expected: "a handle or a name", actual: "neither")
    }
    func reference<Entity>() -> Reference<Entity> {
      if handle == 0, let name { .name(name) } else { .handle(Handle(rawValue: handle)) }
    }
    switch UInt32(head.state) {
    case RM_ENTITY_WORKER: return .worker(reference())
    case RM_ENTITY_JOB: return .job(reference())
    case RM_ENTITY_TASK: return .task(reference())
    default: throw .malformed(field: "entity", expected: "a worker, job or task", actual: "type \(head.state)")
    }
  }

  /// The job whose tasks are asked for; nil when those of all jobs are.
  public static func queriedJob(
    _ head: rm_event_head, text: UnsafeRawBufferPointer
  ) throws(CodecError) -> JobReference? {
    guard head.state != 0 else { return nil }
    guard case .job(let job) = try explanationTarget(head, text: text) else {
      throw .malformed(field: "entity", expected: "a job", actual: "type \(head.state)")
    }
    return job
  }

  /// Why an operator retries or drops a dead letter.
  public static func letterReason(_ head: rm_event_head, text: UnsafeRawBufferPointer) throws(CodecError) -> String {
    guard let reason = try field(RM_TAG_REASON, head, text)?.text("reason", limit: Limits.errorBytes) else {
      throw .malformed(field: "reason", expected: "a reason", actual: "none")
    }
    return reason
  }

  private static func field(
    _ tag: UInt32, _ head: rm_event_head, _ text: UnsafeRawBufferPointer
  ) throws(CodecError) -> FieldReader.Field? {
    guard Int(head.text_bytes) <= text.count else {
      throw .malformed(field: "text_bytes", expected: "at most \(text.count)", actual: "\(head.text_bytes)")
    }
    var reader = FieldReader(UnsafeRawBufferPointer(rebasing: text[..<Int(head.text_bytes)]))
    while let field = try reader.next() {
      if field.tag == tag { return field }
    }
    return nil
  }
}
