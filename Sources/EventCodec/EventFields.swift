import CRingmaster
import EventModel

/// The fields of an event's text, each checked by itself. Unknown tags are refused: they would be lost silently.
struct EventFields {
  var subjectName: String?
  var objectName: String?
  var parentName: String?
  var address: String?
  var incarnation: String?
  var attributes: [WorkerMetadata.Attribute] = []
  var error: String?
  var reason: String?
  var owner: String?
  var endpoint: String?
  var zone: String?
  var jobNumbers: rm_job_numbers?
  var reported: [ReportedTask] = []
  /// Which tags there are: the bit of each.
  private(set) var tags: UInt32 = 0

  init(_ reader: FieldReader, of kind: EventKind) throws(CodecError) {
    var reader = reader
    var attributeKey: String?
    var unnamedAttempt: UInt32?
    while let field = try reader.next() {
      try note(field.tag)
      switch field.tag {
      case RM_TAG_SUBJECT_NAME:
        subjectName = try field.name(EventFieldSet.subject(of: kind), limit: Limits.taskNameBytes)
      case RM_TAG_OBJECT_NAME: objectName = try field.name("worker_id")
      case RM_TAG_PARENT_NAME: parentName = try field.name("parent")
      case RM_TAG_ADDRESS: address = try field.label("address", limit: Limits.nameBytes)
      case RM_TAG_INCARNATION: incarnation = try field.label("incarnation", limit: Limits.nameBytes)
      case RM_TAG_ATTRIBUTE_KEY:
        guard attributeKey == nil else { throw Self.keyWithoutValue }
        attributeKey = try field.label("metadata", limit: Limits.metadataBytes)
      case RM_TAG_ATTRIBUTE_VALUE:
        guard let key = attributeKey else {
          throw .malformed(field: "metadata", expected: "a key before its value", actual: "none")
        }
        guard attributes.count < Limits.metadataEntries else {
          throw .malformed(field: "metadata", expected: "at most \(Limits.metadataEntries) entries", actual: "more")
        }
        attributes.append(.init(key: key, value: try field.label("metadata", limit: Limits.metadataBytes)))
        attributeKey = nil
      case RM_TAG_ERROR: error = try field.text("error", limit: Limits.errorBytes)
      case RM_TAG_REASON: reason = try field.text("reason", limit: Limits.errorBytes)
      case RM_TAG_OWNER: owner = try field.label("owner", limit: Limits.nameBytes)
      case RM_TAG_ZONE: zone = try field.label("zone", limit: Limits.metadataBytes)
      case RM_TAG_ENDPOINT: endpoint = try field.name("endpoint")
      case RM_TAG_JOB_NUMBERS: jobNumbers = try field.value("request", as: rm_job_numbers.self)
      case RM_TAG_REPORTED_TASK:
        guard unnamedAttempt == nil else { throw Self.attemptWithoutName }
        let line = try field.value("reported", as: rm_reported_task.self)
        guard reported.count < Limits.reportedTasks else {
          throw .malformed(field: "reported", expected: "at most \(Limits.reportedTasks) tasks", actual: "more")
        }
        if line.task == 0 {
          unnamedAttempt = line.attempt
        } else {
          reported.append(ReportedTask(task: .handle(TaskHandle(rawValue: line.task)), attempt: line.attempt))
        }
      case RM_TAG_REPORTED_NAME:
        guard let attempt = unnamedAttempt else {
          throw .malformed(field: "reported", expected: "an attempt before its task's name", actual: "none")
        }
        let name = try field.name("reported", limit: Limits.taskNameBytes)
        reported.append(ReportedTask(task: .name(name), attempt: attempt))
        unnamedAttempt = nil
      default: throw .malformed(field: "text", expected: "a known field", actual: "tag \(field.tag)")
      }
    }
    guard attributeKey == nil else { throw Self.keyWithoutValue }
    guard unnamedAttempt == nil else { throw Self.attemptWithoutName }
  }

  /// Twice the same field would have two meanings.
  private mutating func note(_ tag: UInt32) throws(CodecError) {
    let bit = EventFieldSet.bit(of: tag)
    guard tags & bit == 0 || EventFieldSet.repeatable & bit != 0 else {
      throw .malformed(field: "text", expected: "each field once", actual: "tag \(tag) again")
    }
    tags |= bit
  }

  /// Refuses what an event of this kind does not have: it would be lost silently.
  func check(belongTo kind: EventKind) throws(CodecError) {
    let strange = tags & ~EventFieldSet.fields(of: kind)
    guard strange == 0 else {
      throw .malformed(
        field: "text", expected: "only fields of \(kind.name)", actual: "tag \(strange.trailingZeroBitCount)")
    }
  }

  private static var keyWithoutValue: CodecError {
    .malformed(field: "metadata", expected: "a value after its key", actual: "none")
  }

  /// A task left out of a worker's account would be taken for lost.
  private static var attemptWithoutName: CodecError {
    .malformed(field: "reported", expected: "a task's handle or its name", actual: "neither")
  }
}
