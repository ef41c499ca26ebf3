import CRingmaster
import EventModel
import Testing

/// What a field of a record's text may hold.
enum RecordForm: Sendable {
  /// UTF-8 of 1 to so many bytes without control characters.
  case name(Int)
  /// The same, and not like a handle.
  case newName
  /// The same of something that there is, of so many bytes.
  case reference(Int)
  /// The same as a name, but it may be empty.
  case label(Int)
  /// A label that is no member of its own beside the attributes.
  case key(Int)
  /// Any UTF-8 of at most so many bytes.
  case text(Int)
  /// So many bytes of anything, but for the numbers in it.
  case value(bytes: Int)
  /// A count and the name of a kind of device.
  case device
  /// A value of an attribute.
  case constraint
  /// Fields for workers.
  case specification

  /// Contents that do not belong there.
  var wrong: [[UInt8]] {
    let notUTF8: [[UInt8]] = [[0xFF], [0x61, 0xC3], [0xED, 0xA0, 0x80]]
    let controls: [[UInt8]] = [[0x61, 0x0A], [0x1B, 0x5B], [0], [0x7F], [0xC2, 0x80], [0x61, 0xC2, 0x9F]]
    func long(_ limit: Int) -> [[UInt8]] { [Array(repeating: 0x78, count: limit + 1)] }
    switch self {
    case .name(let limit): return notUTF8 + controls + long(limit) + [[]]
    case .newName: return Self.reference(Limits.nameBytes).wrong
    case .reference(let limit):
      return notUTF8 + controls + long(limit) + [[], Array("#1.1".utf8), Array("#".utf8)]
    case .label(let limit): return notUTF8 + controls + long(limit)
    case .key(let limit):
      return notUTF8 + controls + long(limit)
        + ["cpu", "memory_bytes", "devices", "confirms_stops"].map { Array($0.utf8) }
    case .text(let limit): return notUTF8 + long(limit)
    case .device:
      let counts: [Int64] = [-1, .min, .max, Limits.deviceCount.upperBound + 1]
      func device(_ count: Int64, _ name: [UInt8]) -> [UInt8] { withUnsafeBytes(of: count) { Array($0) } + name }
      return Self.name(Limits.deviceBytes).wrong.map { device(1, $0) } + counts.map { device($0, [0x67]) }
        + [[], [0], [1, 0, 0, 0, 0, 0, 0]]
    case .constraint:
      let controls = controls.map { [1, 1, 0x61] + $0 }
      return notUTF8.map { [1, UInt8($0.count)] + $0 } + controls + [[], [1], [0, 0], [3, 0], [1, 1]]
        + [[1, 0] + Array(repeating: 0x78, count: Limits.metadataBytes + 1)]
    case .specification: return long(Limits.specificationBytes) + [[99, 0, 0, 0], [2, 0, 0, 0, 2, 0, 0, 0]]
    case .value(let bytes): return [[], Array(repeating: 0, count: bytes - 1), Array(repeating: 0, count: bytes + 1)]
    }
  }
}

/// A field of a record's text.
struct TextField: Sendable {
  let tag: UInt32
  /// As errors name it.
  let name: String
  let form: RecordForm
  var isRequired = false

  init(_ tag: UInt32, _ name: String, _ form: RecordForm, isRequired: Bool = false) {
    self.tag = tag
    self.name = name
    self.form = form
    self.isRequired = isRequired
  }
}

/// A number at a fixed place: in the head, or in a field that holds a struct.
struct NumberField: Sendable {
  let offset: Int
  let size: Int
  let name: String
  let wrong: [Int64]

  init<Parent, Number: FixedWidthInteger>(
    _ path: KeyPath<Parent, Number> & Sendable, _ name: String, outside range: ClosedRange<Int64>? = nil,
    wrong: [Int64] = []
  ) {
    offset = MemoryLayout<Parent>.offset(of: path)!
    size = MemoryLayout<Number>.size
    self.name = name
    let beyond = range.map { [$0.lowerBound - 1, $0.upperBound + 1] } ?? []
    let extremes = range == nil ? [] : [Int64(truncatingIfNeeded: Number.min), Int64(truncatingIfNeeded: Number.max)]
    self.wrong = (beyond + extremes + wrong).filter { Number(exactly: $0) != nil && range?.contains($0) != true }
  }
}

/// An event with every field that its kind may have, and what each of them may hold.
struct RecordEvent: Sendable, CustomTestStringConvertible {
  let event: Event
  let flags: UInt32
  let head: [NumberField]
  let fields: [TextField]

  var testDescription: String { flags & RM_FLAG_TIMED_OUT == 0 ? event.kind.name : "\(event.kind.name), timed out" }

  private init(_ event: Event, flags: UInt32 = 0, head: [NumberField] = [], _ fields: [TextField] = []) {
    self.event = event
    self.flags = flags | RM_FLAG_WANTS_RESULT
    self.head = head
    self.fields = fields
  }

  /// The numbers of a job in their field.
  static let jobNumbers: [NumberField] = [
    NumberField(\rm_job_numbers.milli_cpu, "cpu", outside: Limits.milliCPU),
    NumberField(\rm_job_numbers.memory_bytes, "memory_bytes", outside: Limits.memoryBytes),
    NumberField(\rm_job_numbers.scheduling_timeout_ms, "scheduling_timeout_ms", outside: Limits.timeMs),
    // Any count is let through, and answered by a job that fails.
    NumberField(\rm_job_numbers.replicas, "replicas"),
    NumberField(\rm_job_numbers.max_retries_failure, "max_retries_failure", outside: retries),
    NumberField(\rm_job_numbers.max_retries_preemption, "max_retries_preemption", outside: retries),
    NumberField(\rm_job_numbers.max_task_failures, "max_task_failures", outside: retries),
    NumberField(\rm_job_numbers.run_timeout_ms, "run_timeout_ms", outside: Limits.timeMs),
    NumberField(\rm_job_numbers.retry_delay_ms, "retry_delay_ms", outside: Limits.timeMs),
    NumberField(\rm_job_numbers.retry_delay_max_ms, "retry_delay_max_ms", outside: Limits.timeMs),
    NumberField(\rm_job_numbers.submitter_uid, "submitter_uid", outside: Limits.uid),
    NumberField(\rm_job_numbers.priority, "priority", outside: -100...100),
    NumberField(\rm_job_numbers.if_exists, "if_exists", outside: 0...2),
  ]

  private static let retries = Int64(Limits.retries.lowerBound)...Int64(Limits.retries.upperBound)
  private static let noHandles: [Int64] = [1, 0xFFFF_FFFF]
  private static let attempt = NumberField(\rm_event_head.attempt, "attempt_id")
  private static let ending = [
    taskHandle, attempt, NumberField(\rm_event_head.exit_code, "exit_code"),
    NumberField(\rm_event_head.end_reason, "end_reason", wrong: [10, 11, 128, 255]),
    // 0 says that there is none.
    NumberField(\rm_event_head.value, "cpu_ms", outside: 0...Limits.usage.upperBound),
    NumberField(\rm_event_head.extra, "peak_memory_bytes", outside: 0...Limits.usage.upperBound),
  ]
  private static let worker = NumberField(\rm_event_head.subject, "worker_id", wrong: noHandles)
  private static let job = NumberField(\rm_event_head.subject, "job_id", wrong: noHandles)
  private static let taskHandle = NumberField(\rm_event_head.subject, "task_id", wrong: noHandles)
  private static let error = TextField(RM_TAG_ERROR, "error", .text(Limits.errorBytes))
  private static let reason = TextField(RM_TAG_REASON, "reason", .text(Limits.errorBytes))
  private static let zone = TextField(RM_TAG_ZONE, "zone", .label(Limits.metadataBytes), isRequired: true)
  private static let task = TextField(
    RM_TAG_SUBJECT_NAME, "task_id", .reference(Limits.taskNameBytes), isRequired: true)

  private static func named(_ name: String, _ form: RecordForm = .reference(Limits.nameBytes)) -> TextField {
    TextField(RM_TAG_SUBJECT_NAME, name, form, isRequired: true)
  }

  private static var request: JobRequest {
    var request = JobRequest()
    request.schedulingTimeoutMs = 5
    request.resources.devices = ["gpu": 1]
    request.constraints.require = ["zone": ["a"]]
    request.specification.command = ["true"]
    request.parent = "p"
    request.owner = "o"
    request.submitter = "s"
    request.reason = "r"
    return request
  }

  private static let census = ZoneCensus(zone: "z", silentWorkers: 1, workers: 2)
  private static let censusHead = [
    NumberField(\rm_event_head.value, "silent_workers", wrong: [-1, 3, .min, .max]),
    NumberField(\rm_event_head.extra, "workers", wrong: [-1, .min, .max, Int64(Int32.max) + 1]),
  ]

  static let all: [RecordEvent] = [
    RecordEvent(
      .workerRegistered(
        "w", address: "a",
        metadata: WorkerMetadata(
          capacity: Resources(milliCPU: 1, devices: ["gpu": 1]), attributes: [.init(key: "k", value: "v")]),
        incarnation: "i"), flags: RM_FLAG_CONFIRMS_STOPS,
      head: [
        NumberField(\rm_event_head.value, "metadata.cpu", outside: Limits.milliCPU),
        NumberField(\rm_event_head.extra, "metadata.memory_bytes", outside: Limits.memoryBytes),
      ],
      [
        named("worker_id", .newName), TextField(RM_TAG_ADDRESS, "address", .label(Limits.nameBytes)),
        TextField(RM_TAG_INCARNATION, "incarnation", .label(Limits.nameBytes)),
        TextField(RM_TAG_DEVICE, "devices", .device),
        TextField(RM_TAG_ATTRIBUTE_KEY, "metadata", .key(Limits.metadataBytes), isRequired: true),
        TextField(RM_TAG_ATTRIBUTE_VALUE, "metadata", .label(Limits.metadataBytes), isRequired: true),
      ]),
    RecordEvent(.workerHeartbeat("w"), head: [worker], [named("worker_id")]),
    RecordEvent(.workerHeartbeatFailed("w", error: "e"), head: [worker], [named("worker_id"), error]),
    RecordEvent(
      .workerFailed("w", error: "e"), flags: RM_FLAG_TIMED_OUT, head: [worker], [named("worker_id"), error]),
    RecordEvent(
      .workerTimedOut("w", lastHeartbeatMs: 1, timeoutMs: 2, timestampMs: 3), flags: RM_FLAG_TIMED_OUT,
      head: [
        worker, NumberField(\rm_event_head.value, "last_heartbeat_ms", outside: Limits.timeMs),
        NumberField(\rm_event_head.extra, "timeout_ms", outside: Limits.timeMs),
      ], [named("worker_id"), error]),
    RecordEvent(
      .workerReconciled("w", reported: [ReportedTask(task: "j/task-0", attempt: 1)]), head: [worker],
      [
        named("worker_id"),
        TextField(
          RM_TAG_REPORTED_TASK, "reported", .value(bytes: MemoryLayout<rm_reported_task>.size), isRequired: true),
        TextField(RM_TAG_REPORTED_NAME, "reported", .reference(Limits.taskNameBytes), isRequired: true),
      ]),
    RecordEvent(
      .jobSubmitted("j", request: request), flags: RM_FLAG_COSCHEDULED | RM_FLAG_HAS_DEADLINE,
      head: [NumberField(\rm_event_head.object, "parent", wrong: noHandles)],
      [
        named("job_id", .newName),
        TextField(
          RM_TAG_JOB_NUMBERS, "request", .value(bytes: MemoryLayout<rm_job_numbers>.size), isRequired: true),
        TextField(RM_TAG_DEVICE, "devices", .device),
        TextField(RM_TAG_PARENT_NAME, "parent", .reference(Limits.nameBytes)),
        TextField(RM_TAG_OWNER, "owner", .label(Limits.nameBytes)),
        TextField(RM_TAG_SUBMITTER, "submitter", .label(Limits.nameBytes)), reason,
        TextField(RM_TAG_CONSTRAINT, "require", .constraint),
        TextField(RM_TAG_SPECIFICATION, "specification", .specification),
      ]),
    RecordEvent(.jobCancelled("j", reason: "r"), head: [job], [named("job_id"), reason]),
    RecordEvent(
      .taskAssigned("j/task-0", worker: "w"),
      head: [taskHandle, NumberField(\rm_event_head.object, "worker_id", wrong: noHandles)],
      [task, TextField(RM_TAG_OBJECT_NAME, "worker_id", .reference(Limits.nameBytes), isRequired: true)]),
    RecordEvent(
      .taskStateChanged("j/task-0", attempt: 0, state: .failed, error: "e", exitCode: 1), flags: RM_FLAG_HAS_EXIT_CODE,
      head: ending + [NumberField(\rm_event_head.state, "new_state", wrong: [11, 12, 128, 255])], [task, error]),
    RecordEvent(
      .taskStopped("j/task-0", attempt: 0, error: "e", exitCode: 1, endReason: .exited), flags: RM_FLAG_HAS_EXIT_CODE,
      head: ending, [task, error]),
    RecordEvent(.taskTimedOut("j/task-0", attempt: 0, timestampMs: 1), head: [taskHandle, attempt], [task]),
    RecordEvent(.assignmentTimedOut("j/task-0", attempt: 0, timestampMs: 1), head: [taskHandle, attempt], [task]),
    RecordEvent(
      .workerDrain("w", reason: "r", submitter: "s", graceMs: 1), flags: RM_FLAG_HAS_GRACE,
      head: [worker, NumberField(\rm_event_head.value, "grace_ms", outside: Limits.timeMs)],
      [named("worker_id"), reason, TextField(RM_TAG_SUBMITTER, "submitter", .label(Limits.nameBytes))]),
    RecordEvent(.workerResumed("w", reason: "r"), head: [worker], [named("worker_id"), reason]),
    RecordEvent(.workerDrainPassed("w", timestampMs: 1), head: [worker], [named("worker_id")]),
    RecordEvent(.taskPreempted("j/task-0", reason: "r"), head: [taskHandle], [task, reason]),
    RecordEvent(
      .endpointRegistered("j/task-0", endpoint: "e"), head: [taskHandle],
      [task, TextField(RM_TAG_ENDPOINT, "endpoint", .name(Limits.nameBytes), isRequired: true)]),
    RecordEvent(.tick(nowMs: 1)),
    RecordEvent(.prune(nowMs: 1)),
    RecordEvent(.schedulingDeadlinePassed("j/task-0", timestampMs: 1), head: [taskHandle], [task]),
    RecordEvent(
      .controllerStalled(stalledMs: 1, timestampMs: 1),
      head: [NumberField(\rm_event_head.value, "stalled_ms", outside: Limits.timeMs)]),
    RecordEvent(
      .clockCorrected(aheadMs: 1, timestampMs: 1),
      head: [NumberField(\rm_event_head.value, "ahead_ms", outside: Limits.timeMs)]),
    RecordEvent(.brakeEngaged(census, timestampMs: 1), head: censusHead, [zone]),
    RecordEvent(.brakeReleased(census, timestampMs: 1), head: censusHead, [zone]),
    RecordEvent(.brakeOverridden(zone: "z", reason: "r"), [zone, reason]),
  ]
}
