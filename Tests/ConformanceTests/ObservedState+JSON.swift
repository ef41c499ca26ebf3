import EventJSON
import EventModel

extension ObservedState {
  /// The final state as `ringctl simulate --json` prints it.
  init(json: JSONValue) throws {
    var fields = try JSONFields(json)
    let attempts = try Self.byName(&fields, "attempts") { try $0.elements(maxCount: .max).map { try $0.taskState() } }
    let counters = try Self.byName(&fields, "counters") { counts in
      try counts.elements(maxCount: 2).map { try $0.integer(in: 0...Int32.max) }
    }
    let exitCodes = try Self.byName(&fields, "exit_codes") { code in
      try code.value == .null ? nil : code.integer(in: Int32.min...Int32.max)
    }
    for (name, state) in try Self.byName(&fields, "task_states", { try $0.taskState() }) {
      guard let attempts = attempts[name], let counts = counters[name], counts.count == 2 else {
        throw EventJSONError(.missingField, field: "counters.\(name.text)", expected: "two numbers", came: "none")
      }
      tasks[name] = Task(
        state: state, attempts: attempts, failures: counts[0], preemptions: counts[1], exitCode: exitCodes[name] ?? nil)
    }
    let errors = try Self.byName(&fields, "job_errors") { try $0.value == .null ? nil : $0.text(maxBytes: .max) }
    for (name, state) in try Self.byName(&fields, "job_states", Self.jobState) {
      jobs[name] = Job(state: state, error: errors[name] ?? nil)
    }
    for (name, worker) in try Self.byName(&fields, "worker_states", Self.worker) { workers[name] = worker }
    queue = try fields.require("queue").elements(maxCount: .max).map { try $0.name(maxBytes: .max) }
    endpoints = try fields.require("endpoints").elements(maxCount: .max).map { pair in
      let parts = try pair.elements(maxCount: 2).map { try $0.name(maxBytes: .max) }
      guard parts.count == 2 else {
        throw EventJSONError(.wrongType, field: pair.path, expected: "[task, endpoint]", came: pair.value.text)
      }
      return Endpoint(task: parts[0], name: parts[1])
    }
    transactionLogLength = try fields.require("txn_log_length").integer(in: 0...Int.max)
  }

  private static func byName<Value>(
    _ fields: inout JSONFields, _ name: String, _ value: (JSONField) throws -> Value
  ) throws -> [ByteText: Value] {
    let field = try fields.require(name)
    var members = try JSONFields(field.value, path: field.path)
    return try Dictionary(uniqueKeysWithValues: members.rest().map { (ByteText($0.name), try value($0.field)) })
  }

  private static func jobState(_ field: JSONField) throws -> JobState {
    guard let state = JobState(name: try field.name()) else {
      throw EventJSONError(.unknownValue, field: field.path, expected: "a job's state", came: field.value.text)
    }
    return state
  }

  /// nil for a worker that is not registered.
  private static func worker(_ field: JSONField) throws -> Worker? {
    var fields = try JSONFields(field.value, path: field.path)
    guard try fields.require("present").boolean() else { return nil }
    return Worker(
      isHealthy: try fields.require("healthy").boolean(),
      isDraining: try fields.require("draining").boolean(),
      runningTasks: try fields.require("running_tasks").elements(maxCount: .max).map { try $0.name(maxBytes: .max) },
      stoppingTasks: try fields.require("stopping_tasks").elements(maxCount: .max).map { try $0.name(maxBytes: .max) },
      committed: Resources(
        milliCPU: try fields.require("committed_cpu").milliCPU(),
        memoryBytes: try fields.require("committed_memory_bytes").integer(in: Limits.memoryBytes),
        devices: try fields.require("committed_devices").devices()),
      lastHeartbeatMs: try fields.require("last_heartbeat_ms").integer(in: Limits.timeMs),
      consecutiveFailures: try fields.require("consecutive_failures").integer(in: 0...Int16.max))
  }
}
