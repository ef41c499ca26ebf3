// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import CRingmaster
import EventModel

/// The fields of an event's text, each checked by itself. Unknown tags are refused, but for those that may be skipped.
struct EventFields {
  private(set) var subjectName: String?
  private(set) var objectName: String?
  private(set) var address: String?
  private(set) var incarnation: String?
  private(set) var error: String?
  private(set) var reason: String?
  private(set) var endpoint: String?
  private(set) var owner: String?
  private(set) var submitter: String?
  private(set) var jobNumbers: rm_job_numbers?
  private(set) var parentName: String?
  private(set) var zone: String?
  private(set) var specification: Specification?
  private(set) var attributes = AttributeFields()
  private(set) var devices = DeviceFields()
  private(set) var constraints = ConstraintFields()
  private(set) var reported = ReportedFields()
  /// Which tags there are: the bit of each.
  private(set) var tags: UInt64 = 0

  init(_ reader: FieldReader, of kind: EventKind) throws(CodecError) {
    var reader = reader
    while let field = try reader.next() {
      try note(field.tag, &tags)
      switch field.tag {
      case RM_TAG_SUBJECT_NAME: subjectName = try field.name(kind.subjectField, limit: Limits.taskNameBytes)
      case RM_TAG_OBJECT_NAME: objectName = try field.name("worker_id", limit: Limits.nameBytes)
      case RM_TAG_ADDRESS: address = try field.label("address", limit: Limits.nameBytes)
      case RM_TAG_INCARNATION: incarnation = try field.label("incarnation", limit: Limits.nameBytes)
      case RM_TAG_ATTRIBUTE_KEY: try attributes.take(key: field)
      case RM_TAG_ATTRIBUTE_VALUE: try attributes.take(value: field)
      case RM_TAG_ERROR: error = try field.text("error", limit: Limits.errorBytes)
      case RM_TAG_REASON: reason = try field.text("reason", limit: Limits.errorBytes)
      case RM_TAG_ENDPOINT: endpoint = try field.name("endpoint", limit: Limits.nameBytes)
      case RM_TAG_OWNER: owner = try field.label("owner", limit: Limits.nameBytes)
      case RM_TAG_SUBMITTER: submitter = try field.label("submitter", limit: Limits.nameBytes)
      case RM_TAG_JOB_NUMBERS: jobNumbers = try field.value("request", as: rm_job_numbers.self)
      case RM_TAG_REPORTED_TASK: try reported.take(task: field)
      case RM_TAG_REPORTED_NAME: try reported.take(name: field)
      case RM_TAG_CONSTRAINT: try constraints.take(field)
      case RM_TAG_PARENT_NAME: parentName = try field.name("parent", limit: Limits.nameBytes)
      case RM_TAG_ZONE: zone = try field.label("zone", limit: Limits.metadataBytes)
      case RM_TAG_DEVICE: try devices.take(field)
      case RM_TAG_SPECIFICATION: specification = try field.specification()
      case RM_TAG_SKIPPABLE...: break
      default: throw .malformed(field: "text", expected: "a known field", actual: "tag \(field.tag)")
      }
    }
    try attributes.finish()
    try reported.finish()
  }
}

extension EventKind {
  /// Fields of any event that may not come more than once, as bits.
  static let singleFields: UInt64 = EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_OBJECT_NAME) |
    EventFields.bit(of: RM_TAG_ADDRESS) | EventFields.bit(of: RM_TAG_INCARNATION) | EventFields.bit(of: RM_TAG_ERROR) |
    EventFields.bit(of: RM_TAG_REASON) | EventFields.bit(of: RM_TAG_ENDPOINT) | EventFields.bit(of: RM_TAG_OWNER) |
    EventFields.bit(of: RM_TAG_SUBMITTER) | EventFields.bit(of: RM_TAG_JOB_NUMBERS) | EventFields.bit(of:
    RM_TAG_PARENT_NAME) | EventFields.bit(of: RM_TAG_ZONE) | EventFields.bit(of: RM_TAG_SPECIFICATION)

  /// The fields that an event of this kind may have, as bits.
  var fields: UInt64 {
    switch self {
    case .workerRegistered: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_ADDRESS) |
      EventFields.bit(of: RM_TAG_DEVICE) | EventFields.bit(of: RM_TAG_ATTRIBUTE_KEY) | EventFields.bit(of:
      RM_TAG_ATTRIBUTE_VALUE) | EventFields.bit(of: RM_TAG_INCARNATION)
    case .workerHeartbeat: EventFields.bit(of: RM_TAG_SUBJECT_NAME)
    case .workerHeartbeatFailed: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_ERROR)
    case .workerFailed: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_ERROR)
    case .workerReconciled: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_REPORTED_TASK) |
      EventFields.bit(of: RM_TAG_REPORTED_NAME)
    case .jobSubmitted: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_JOB_NUMBERS) |
      EventFields.bit(of: RM_TAG_DEVICE) | EventFields.bit(of: RM_TAG_CONSTRAINT) | EventFields.bit(of:
      RM_TAG_PARENT_NAME) | EventFields.bit(of: RM_TAG_OWNER) | EventFields.bit(of: RM_TAG_SUBMITTER) |
      EventFields.bit(of: RM_TAG_REASON) | EventFields.bit(of: RM_TAG_SPECIFICATION)
    case .jobCancelled: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_REASON)
    case .taskAssigned: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_OBJECT_NAME)
    case .taskStateChanged: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_ERROR)
    case .taskPreempted: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_REASON)
    case .endpointRegistered: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_ENDPOINT)
    case .tick: 0
    case .prune: 0
    case .schedulingDeadlinePassed: EventFields.bit(of: RM_TAG_SUBJECT_NAME)
    case .controllerStalled: 0
    case .brakeEngaged: EventFields.bit(of: RM_TAG_ZONE)
    case .brakeReleased: EventFields.bit(of: RM_TAG_ZONE)
    case .brakeOverridden: EventFields.bit(of: RM_TAG_ZONE) | EventFields.bit(of: RM_TAG_REASON)
    case .clockCorrected: 0
    case .workerDrain: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_REASON) |
      EventFields.bit(of: RM_TAG_SUBMITTER)
    case .workerResumed: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_REASON)
    case .workerDrainPassed: EventFields.bit(of: RM_TAG_SUBJECT_NAME)
    case .taskStopped: EventFields.bit(of: RM_TAG_SUBJECT_NAME) | EventFields.bit(of: RM_TAG_ERROR)
    case .taskTimedOut: EventFields.bit(of: RM_TAG_SUBJECT_NAME)
    case .assignmentTimedOut: EventFields.bit(of: RM_TAG_SUBJECT_NAME)
    }
  }

  /// The flags that its head may have.
  var flags: UInt32 {
    switch self {
    case .workerRegistered: RM_FLAG_WANTS_RESULT | RM_FLAG_CONFIRMS_STOPS
    case .workerFailed: RM_FLAG_WANTS_RESULT | RM_FLAG_TIMED_OUT
    case .jobSubmitted: RM_FLAG_WANTS_RESULT | RM_FLAG_COSCHEDULED | RM_FLAG_HAS_DEADLINE
    case .taskStateChanged: RM_FLAG_WANTS_RESULT | RM_FLAG_HAS_EXIT_CODE
    case .workerDrain: RM_FLAG_WANTS_RESULT | RM_FLAG_HAS_GRACE
    case .taskStopped: RM_FLAG_WANTS_RESULT | RM_FLAG_HAS_EXIT_CODE
    default: RM_FLAG_WANTS_RESULT
    }
  }

  /// What errors call the entity that the record is about.
  var subjectField: String {
    switch self {
    case .workerRegistered: "worker_id"
    case .workerHeartbeat: "worker_id"
    case .workerHeartbeatFailed: "worker_id"
    case .workerFailed: "worker_id"
    case .workerReconciled: "worker_id"
    case .jobSubmitted: "job_id"
    case .jobCancelled: "job_id"
    case .taskAssigned: "task_id"
    case .taskStateChanged: "task_id"
    case .taskPreempted: "task_id"
    case .endpointRegistered: "task_id"
    case .schedulingDeadlinePassed: "task_id"
    case .workerDrain: "worker_id"
    case .workerResumed: "worker_id"
    case .workerDrainPassed: "worker_id"
    case .taskStopped: "task_id"
    case .taskTimedOut: "task_id"
    case .assignmentTimedOut: "task_id"
    default: "name"
    }
  }
}
