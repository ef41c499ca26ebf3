import EventModel

extension EventJSONDecoder {
  /// `JOB/task-INDEX` is longer than the job's own name by this at most.
  private static let taskSuffixBytes = "/task-".utf8.count + String(Limits.replicas.upperBound).utf8.count

  func worker(_ fields: inout JSONFields) throws(EventJSONError) -> WorkerReference {
    try fields.require("worker_id").reference(to: WorkerEntity.self)
  }

  func task(_ fields: inout JSONFields) throws(EventJSONError) -> TaskReference {
    try task(fields.require("task_id"))
  }

  private func task(_ field: JSONField) throws(EventJSONError) -> TaskReference {
    try field.reference(to: TaskEntity.self, maxBytes: Limits.nameBytes + Self.taskSuffixBytes)
  }

  func error(_ fields: inout JSONFields) throws(EventJSONError) -> String? {
    try fields.find("error")?.text(maxBytes: Limits.errorBytes)
  }

  func timestamp(_ fields: inout JSONFields) throws(EventJSONError) -> Int64? {
    try fields.find("timestamp_ms")?.integer(in: Limits.timeMs)
  }

  /// The time of an event that means something by it: a deadline or an order is reckoned from it.
  func meaningfulTimestamp(_ fields: inout JSONFields) throws(EventJSONError) -> Int64? {
    switch timestamps {
    case .requiredWhereMeaningful: try fields.require("timestamp_ms").integer(in: Limits.timeMs)
    case .optional: try timestamp(&fields)
    }
  }

  func reported(_ fields: inout JSONFields) throws(EventJSONError) -> [ReportedTask] {
    var reported: [ReportedTask] = []
    for pair in try fields.require("reported").elements(maxCount: Limits.reportedTasks) {
      guard case .array(let elements) = pair.value, elements.count == 2 else {
        throw pair.wrongType("a pair [task, attempt]")
      }
      let task = try task(JSONField(path: "\(pair.path)[0]", value: elements[0]))
      let attempt = JSONField(path: "\(pair.path)[1]", value: elements[1])
      reported.append(ReportedTask(task: task, attempt: try attempt.integer(in: UInt32.min...UInt32.max)))
    }
    return reported
  }

  func jobSubmitted(_ fields: inout JSONFields) throws(EventJSONError) -> Event {
    let name = try fields.require("job_id").newName()
    let request = try request(fields.require("request"))
    return .jobSubmitted(name, request: request, timestampMs: try meaningfulTimestamp(&fields))
  }

  private func request(_ field: JSONField) throws(EventJSONError) -> JobRequest {
    var fields = try JSONFields(field.value, path: field.path)
    var request = JobRequest()
    // Any count is let through: one out of range is answered by a failed job, not by a refusal.
    if let replicas = fields.find("replicas") { request.replicas = try replicas.integer(in: Int32.min...Int32.max) }
    if let retries = fields.find("max_retries_failure") {
      request.maxRetriesFailure = try retries.integer(in: Limits.retries)
    }
    if let retries = fields.find("max_retries_preemption") {
      request.maxRetriesPreemption = try retries.integer(in: Limits.retries)
    }
    if let failures = fields.find("max_task_failures") {
      request.maxTaskFailures = try failures.integer(in: Limits.retries)
    }
    if let coscheduled = fields.find("coscheduled") { request.coscheduled = try coscheduled.boolean() }
    if let cpu = fields.find("cpu") { request.milliCPU = try cpu.milliCPU() }
    request.schedulingTimeoutMs = try fields.find("scheduling_timeout_ms")?.integer(in: Limits.timeMs)
    request.parent = try fields.find("parent")?.reference(to: JobEntity.self)
    request.owner = try fields.find("owner")?.label(maxBytes: Limits.nameBytes)
    request.reason = try fields.find("reason")?.text(maxBytes: Limits.errorBytes)
    try fields.finish()
    return request
  }
}
