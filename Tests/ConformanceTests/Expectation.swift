import EventJSON
import EventModel

/// What must hold of the state after the last event.
struct Expectation {
  struct Worker {
    let name: String
    let isPresent: Bool
    let isHealthy: Bool?
    let isDraining: Bool?
    let runningTasks: [String]?
    let stoppingTasks: [String]?
    let committedCPU: Int64?
    let committedMemoryBytes: Int64?
    let committedDevices: DeviceCounts?
    let lastHeartbeatMs: Int64?
    let consecutiveFailures: Int16?
  }

  struct Counters: Equatable {
    let failures: Int32
    let preemptions: Int32
  }

  typealias Named<Value> = (name: String, value: Value)

  /// The states a task may be in.
  let taskStates: [Named<[TaskState]>]
  /// nil for a job that must not be there.
  let jobStates: [Named<JobState?>]
  /// Of the first job; nil when it must have none.
  let jobError: Named<String?>?
  let attempts: [Named<[TaskState]>]
  let counters: [Named<Counters>]
  /// nil for a task that must have none.
  let exitCodes: [Named<Int32?>]
  let workers: [Worker]
  let queue: [String]?
  /// Pairs of task and endpoint, or endpoints alone.
  let endpoints: [String]?
  let absentTasks: [String]
  let transactionLogLength: Int?

  init(_ field: JSONField, firstJob: String?) throws {
    var fields = try JSONFields(field.value, path: field.path)
    taskStates = try Self.named(fields.find("task_states"), Self.allowedStates)
    var jobStates = try Self.named(fields.find("job_states"), Self.jobState)
    if let state = fields.find("job_state") {
      jobStates.append((try Self.job(firstJob, for: state), try Self.jobState(state)))
    }
    self.jobStates = jobStates
    jobError = try fields.find("job_error").map { error in
      (try Self.job(firstJob, for: error), try error.value == .null ? nil : error.text(maxBytes: .max))
    }
    attempts = try Self.named(fields.find("attempts")) { try $0.elements(maxCount: .max).map { try $0.taskState() } }
    counters = try Self.named(fields.find("counters"), Self.counters)
    exitCodes = try Self.named(fields.find("exit_codes")) {
      try $0.value == .null ? nil : $0.integer(in: Int32.min...Int32.max)
    }
    workers = try Self.named(fields.find("worker_states")) { $0 }.map(Self.worker)
    queue = try fields.find("queue").map(Self.names)
    endpoints = try fields.find("endpoints").map(Self.endpoints)
    absentTasks = try fields.find("absent_tasks").map(Self.names) ?? []
    transactionLogLength = try fields.find("txn_log_length")?.integer(in: 0...Int.max)
    try fields.finish()
  }

  private static func named<Value>(_ field: JSONField?, _ value: (JSONField) throws -> Value) throws -> [Named<Value>] {
    guard let field else { return [] }
    var fields = try JSONFields(field.value, path: field.path)
    return try fields.rest().map { ($0.name, try value($0.field)) }
  }

  private static func job(_ firstJob: String?, for field: JSONField) throws -> String {
    guard let firstJob else {
      throw EventJSONError(.unknownField, field: field.path, expected: "a case with a job", came: "one without")
    }
    return firstJob
  }

  private static func names(_ field: JSONField) throws -> [String] {
    try field.elements(maxCount: .max).map { try $0.name() }
  }

  private static func allowedStates(_ field: JSONField) throws -> [TaskState] {
    guard case .array = field.value else { return [try field.taskState()] }
    return try field.elements(maxCount: .max).map { try $0.taskState() }
  }

  private static func jobState(_ field: JSONField) throws -> JobState? {
    if field.value == .null { return nil }
    let name = try field.name()
    guard let state = JobState(name: name) else {
      throw EventJSONError(.unknownValue, field: field.path, expected: "a job's state", came: name)
    }
    return state
  }

  private static func counters(_ field: JSONField) throws -> Counters {
    let counts = try field.elements(maxCount: 2).map { try $0.integer(in: 0...Int32.max) }
    guard counts.count == 2 else {
      throw EventJSONError(
        .outOfRange, field: field.path, expected: "[failures, preemptions]", came: field.value.description)
    }
    return Counters(failures: counts[0], preemptions: counts[1])
  }

  private static func endpoints(_ field: JSONField) throws -> [String] {
    try field.elements(maxCount: .max).map { endpoint in
      guard case .array = endpoint.value else { return try endpoint.name() }
      return try names(endpoint).joined(separator: " ")
    }
  }

  private static func worker(_ named: Named<JSONField>) throws -> Worker {
    var fields = try JSONFields(named.value.value, path: named.value.path)
    let worker = Worker(
      name: named.name,
      isPresent: try fields.find("present")?.boolean() ?? true,
      isHealthy: try fields.find("healthy")?.boolean(),
      isDraining: try fields.find("draining")?.boolean(),
      runningTasks: try fields.find("running_tasks").map(names),
      stoppingTasks: try fields.find("stopping_tasks").map(names),
      committedCPU: try fields.find("committed_cpu")?.milliCPU(),
      committedMemoryBytes: try fields.find("committed_memory_bytes")?.integer(in: Limits.memoryBytes),
      committedDevices: try fields.find("committed_devices")?.devices(),
      lastHeartbeatMs: try fields.find("last_heartbeat_ms")?.integer(in: Limits.timeMs),
      consecutiveFailures: try fields.find("consecutive_failures")?.integer(in: 0...Int16.max))
    try fields.finish()
    return worker
  }
}
