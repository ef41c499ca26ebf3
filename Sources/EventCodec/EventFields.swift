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

  init(_ reader: FieldReader) throws(CodecError) {
    var reader = reader
    var attributeKey: String?
    var unnamedAttempt: UInt32?
    while let field = try reader.next() {
      switch field.tag {
      case RM_TAG_SUBJECT_NAME: subjectName = try field.name("name", limit: Limits.taskNameBytes)
      case RM_TAG_OBJECT_NAME: objectName = try field.name("worker_id")
      case RM_TAG_PARENT_NAME: parentName = try field.name("parent")
      case RM_TAG_ADDRESS: address = try field.text("address", limit: Limits.nameBytes)
      case RM_TAG_INCARNATION: incarnation = try field.text("incarnation", limit: Limits.nameBytes)
      case RM_TAG_ATTRIBUTE_KEY:
        guard attributeKey == nil else { throw Self.keyWithoutValue }
        attributeKey = try field.text("metadata", limit: Limits.metadataBytes)
      case RM_TAG_ATTRIBUTE_VALUE:
        guard let key = attributeKey else {
          throw .malformed(field: "metadata", expected: "a key before its value", actual: "none")
        }
        guard attributes.count < Limits.metadataEntries else {
          throw .malformed(field: "metadata", expected: "at most \(Limits.metadataEntries) entries", actual: "more")
        }
        attributes.append(.init(key: key, value: try field.text("metadata", limit: Limits.metadataBytes)))
        attributeKey = nil
      case RM_TAG_ERROR: error = try field.text("error", limit: Limits.errorBytes)
      case RM_TAG_REASON: reason = try field.text("reason", limit: Limits.errorBytes)
      case RM_TAG_OWNER: owner = try field.text("owner", limit: Limits.nameBytes)
      case RM_TAG_ZONE: zone = try field.text("zone", limit: Limits.metadataBytes)
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

  private static var keyWithoutValue: CodecError {
    .malformed(field: "metadata", expected: "a value after its key", actual: "none")
  }

  /// A task left out of a worker's account would be taken for lost.
  private static var attemptWithoutName: CodecError {
    .malformed(field: "reported", expected: "a task's handle or its name", actual: "neither")
  }
}
