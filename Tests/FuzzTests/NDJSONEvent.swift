import EventJSON
import EventModel
import Testing

/// An event with every field that its kind may have, and what each of them may hold.
struct NDJSONEvent: Sendable, CustomTestStringConvertible {
  let text: String
  let fields: [NDJSONField]

  var testDescription: String {
    fields.isEmpty ? text : String(text.split(separator: "\"")[3])
  }

  init(_ text: String, _ fields: [NDJSONField]) {
    self.text = text
    self.fields = fields
  }

  private static let worker = NDJSONField("worker_id", form: .name(maxBytes: Limits.nameBytes), isRequired: true)
  private static let job = NDJSONField("job_id", form: .name(maxBytes: Limits.nameBytes), isRequired: true)
  private static let task = NDJSONField("task_id", form: .name(maxBytes: Limits.taskNameBytes), isRequired: true)
  private static let error = NDJSONField("error", form: .text(maxBytes: Limits.errorBytes))
  private static let reason = NDJSONField("reason", form: .text(maxBytes: Limits.errorBytes))
  private static let time = NDJSONField("timestamp_ms", form: .integer(Limits.timeMs))
  private static let meantTime = NDJSONField("timestamp_ms", form: .integer(Limits.timeMs), isRequired: true)
  private static let now = NDJSONField("now_ms", form: .integer(Limits.timeMs), isRequired: true)
  private static let attempts = 0...Int64(UInt32.max)
  private static let anyInt32 = Int64(Int32.min)...Int64(Int32.max)
  private static let retries = Int64(Limits.retries.lowerBound)...Int64(Limits.retries.upperBound)

  private static let census = [
    NDJSONField("zone", form: .label(maxBytes: Limits.metadataBytes), isRequired: true),
    NDJSONField("silent_workers", form: .integer(0...Int64(Int32.max)), isRequired: true),
    NDJSONField("workers", form: .integer(0...Int64(Int32.max)), isRequired: true),
  ]

  static let all: [NDJSONEvent] = [
    NDJSONEvent(
      #"{"type":"WORKER_REGISTERED","worker_id":"w","address":"a","metadata":{"cpu":1,"memory_bytes":2,"devices":{"gpu":1},"zone":"z"},"incarnation":"i","timestamp_ms":1}"#,
      [
        NDJSONField("worker_id", form: .newName, isRequired: true),
        NDJSONField("address", form: .label(maxBytes: Limits.nameBytes), isRequired: true),
        NDJSONField("metadata", form: .object, isRequired: true),
        NDJSONField("metadata", "cpu", form: .cpus, isRequired: true),
        NDJSONField("metadata", "memory_bytes", form: .integer(Limits.memoryBytes)),
        NDJSONField("metadata", "devices", form: .object),
        NDJSONField("metadata", "devices", "gpu", form: .integer(Limits.deviceCount)),
        NDJSONField("metadata", "zone", form: .label(maxBytes: Limits.metadataBytes)),
        NDJSONField("incarnation", form: .label(maxBytes: Limits.nameBytes)), meantTime,
      ]),
    NDJSONEvent(#"{"type":"WORKER_HEARTBEAT","worker_id":"w","timestamp_ms":1}"#, [worker, meantTime]),
    NDJSONEvent(
      #"{"type":"WORKER_HEARTBEAT_FAILED","worker_id":"w","error":"e","timestamp_ms":1}"#, [worker, error, time]),
    NDJSONEvent(#"{"type":"WORKER_FAILED","worker_id":"w","error":"e","timestamp_ms":1}"#, [worker, error, time]),
    NDJSONEvent(
      #"{"type":"WORKER_RECONCILED","worker_id":"w","reported":[["j/task-0",0],["j/task-1",1]],"timestamp_ms":1}"#,
      [
        worker, NDJSONField("reported", form: .array, isRequired: true), NDJSONField("reported", 1, form: .array), time,
        NDJSONField("reported", 1, 0, form: .name(maxBytes: Limits.taskNameBytes)),
        NDJSONField("reported", 1, 1, form: .integer(attempts)),
      ]),
    NDJSONEvent(
      #"{"type":"JOB_SUBMITTED","job_id":"j","request":{"replicas":1,"max_retries_failure":0,"max_retries_preemption":0,"max_task_failures":0,"coscheduled":true,"cpu":1,"memory_bytes":2,"devices":{"gpu":1},"scheduling_timeout_ms":5,"parent":"p","owner":"o","reason":"r"},"timestamp_ms":1}"#,
      [
        NDJSONField("job_id", form: .newName, isRequired: true), meantTime,
        NDJSONField("request", form: .object, isRequired: true),
        // Any number that fits is let through, and answered by a job that fails.
        NDJSONField("request", "replicas", form: .integer(anyInt32)),
        NDJSONField("request", "max_retries_failure", form: .integer(retries)),
        NDJSONField("request", "max_retries_preemption", form: .integer(retries)),
        NDJSONField("request", "max_task_failures", form: .integer(retries)),
        NDJSONField("request", "coscheduled", form: .flag),
        NDJSONField("request", "cpu", form: .cpus),
        NDJSONField("request", "memory_bytes", form: .integer(Limits.memoryBytes)),
        NDJSONField("request", "devices", form: .object),
        NDJSONField("request", "devices", "gpu", form: .integer(Limits.deviceCount)),
        NDJSONField("request", "scheduling_timeout_ms", form: .integer(Limits.timeMs)),
        NDJSONField("request", "parent", form: .name(maxBytes: Limits.nameBytes)),
        NDJSONField("request", "owner", form: .label(maxBytes: Limits.nameBytes)),
        NDJSONField("request", "reason", form: .text(maxBytes: Limits.errorBytes)),
      ]),
    NDJSONEvent(
      #"{"type":"JOB_CANCELLED","job_id":"j","reason":"r","timestamp_ms":1}"#,
      [job, NDJSONField("reason", form: .text(maxBytes: Limits.errorBytes), isRequired: true), time]),
    NDJSONEvent(
      #"{"type":"TASK_ASSIGNED","task_id":"j/task-0","worker_id":"w","timestamp_ms":1}"#, [task, worker, time]),
    NDJSONEvent(
      #"{"type":"TASK_STATE_CHANGED","task_id":"j/task-0","attempt_id":0,"new_state":"FAILED","error":"e","exit_code":1,"timestamp_ms":1}"#,
      [
        task, NDJSONField("attempt_id", form: .integer(attempts), isRequired: true),
        NDJSONField("new_state", form: .taskState, isRequired: true), error,
        NDJSONField("exit_code", form: .integer(anyInt32)), time,
      ]),
    NDJSONEvent(
      #"{"type":"TASK_PREEMPTED","task_id":"j/task-0","reason":"r","timestamp_ms":1}"#, [task, reason, time]),
    NDJSONEvent(
      #"{"type":"ENDPOINT_REGISTERED","task_id":"j/task-0","endpoint":"e","timestamp_ms":1}"#,
      [task, NDJSONField("endpoint", form: .label(maxBytes: Limits.nameBytes), isRequired: true), time]),
    NDJSONEvent(
      #"{"type":"BRAKE_OVERRIDDEN","zone":"z","reason":"r","timestamp_ms":1}"#,
      [NDJSONField("zone", form: .label(maxBytes: Limits.metadataBytes), isRequired: true), reason, time]),
    NDJSONEvent(#"{"type":"PRUNE","now_ms":1}"#, [now]),
    NDJSONEvent(#"{"type":"TICK","now_ms":1}"#, [now]),
    NDJSONEvent(#"{"type":"SWEEP","now_ms":1}"#, [now]),
    NDJSONEvent(
      #"{"type":"CONTROLLER_STALLED","stalled_ms":1,"timestamp_ms":1}"#,
      [NDJSONField("stalled_ms", form: .integer(Limits.timeMs), isRequired: true), meantTime]),
    NDJSONEvent(
      #"{"type":"CLOCK_CORRECTED","ahead_ms":1,"timestamp_ms":1}"#,
      [NDJSONField("ahead_ms", form: .integer(Limits.timeMs), isRequired: true), meantTime]),
    NDJSONEvent(#"{"type":"RESTART","timestamp_ms":1}"#, [meantTime]),
    NDJSONEvent(
      #"{"type":"WORKER_FAILED","worker_id":"w","error":"e","last_heartbeat_ms":1,"timeout_ms":2,"timestamp_ms":3}"#,
      [
        worker, error, meantTime, NDJSONField("last_heartbeat_ms", form: .integer(Limits.timeMs), isRequired: true),
        NDJSONField("timeout_ms", form: .integer(Limits.timeMs), isRequired: true),
      ]),
    NDJSONEvent(
      #"{"type":"SCHEDULING_DEADLINE_PASSED","task_id":"j/task-0","timestamp_ms":1}"#, [task, meantTime]),
    NDJSONEvent(
      #"{"type":"BRAKE_ENGAGED","zone":"z","silent_workers":1,"workers":2,"timestamp_ms":1}"#, census + [meantTime]),
    NDJSONEvent(
      #"{"type":"BRAKE_RELEASED","zone":"z","silent_workers":1,"workers":2,"timestamp_ms":1}"#, census + [meantTime]),
    NDJSONEvent(
      #"{"type":"CONFIGURED"}"#.replacing(
        "}", with: ControllerSetting.allCases.map { #","\#($0.name)":\#($0.range.lowerBound)"# }.joined() + "}"),
      ControllerSetting.allCases.map { NDJSONField(.name($0.name), form: .integer($0.range)) }),
  ]
}
