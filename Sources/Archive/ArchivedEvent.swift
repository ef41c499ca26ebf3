import EventJSON
import EventModel

extension Event {
  /// The event whose `json` was archived: all of it, also what only the dispatcher says, and as it was, for it has been
  /// checked when it came in.
  ///
  /// - Throws: `ArchivedEventError` when it is of a kind or a form that this version does not know.
  init(archived text: String, id: EventID) throws {
    let fields = ArchivedFields(value: try JSONValue(parsing: Array(text.utf8)))
    guard let kind = EventKind(name: try fields.text("type")) else { throw fields.unknown("type") }
    let time = try fields.optionalInteger("timestamp_ms", as: Int64.self)
    self.init(
      id: id, timestampMs: try time ?? fields.optionalInteger("now_ms", as: Int64.self),
      body: try Event.body(of: kind, fields))
  }

  private static func body(of kind: EventKind, _ fields: ArchivedFields) throws -> Body {
    switch kind {
    case .workerRegistered:
      .workerRegistered(
        WorkerRegistration(
          name: try fields.text("worker_id"), address: try fields.text("address"), metadata: try fields.metadata(),
          incarnation: try fields.optionalText("incarnation")))
    case .workerHeartbeat: .workerHeartbeat(try fields.reference("worker_id"))
    case .workerHeartbeatFailed:
      .workerHeartbeatFailed(try fields.reference("worker_id"), error: try fields.optionalText("error"))
    case .workerFailed: .workerFailed(try fields.reference("worker_id"), cause: try fields.failureCause())
    case .workerReconciled: .workerReconciled(try fields.reference("worker_id"), reported: try fields.reported())
    case .jobSubmitted: .jobSubmitted(name: try fields.text("job_id"), request: try fields.request())
    case .jobCancelled: .jobCancelled(try fields.reference("job_id"), reason: try fields.text("reason"))
    case .taskAssigned: .taskAssigned(try fields.reference("task_id"), worker: try fields.reference("worker_id"))
    case .taskStateChanged: .taskStateChanged(try fields.report())
    case .taskPreempted: .taskPreempted(try fields.reference("task_id"), reason: try fields.optionalText("reason"))
    case .endpointRegistered:
      .endpointRegistered(try fields.reference("task_id"), endpoint: try fields.text("endpoint"))
    case .tick: .tick
    case .prune: .prune
    case .schedulingDeadlinePassed: .schedulingDeadlinePassed(try fields.reference("task_id"))
    case .controllerStalled: .controllerStalled(stalledMs: try fields.integer("stalled_ms"))
    case .clockCorrected: .clockCorrected(aheadMs: try fields.integer("ahead_ms"))
    case .brakeEngaged: .brakeEngaged(try fields.census())
    case .brakeReleased: .brakeReleased(try fields.census())
    case .brakeOverridden:
      .brakeOverridden(zone: try fields.text("zone"), reason: try fields.optionalText("reason"))
    }
  }
}

/// An archived event that cannot be understood.
struct ArchivedEventError: Error, CustomStringConvertible {
  let field: String
  let text: String

  var description: String {
    "expected an archived event with a \(field) that this version knows, found \(text); use the newer program"
  }
}

/// The members of an archived JSON object.
private struct ArchivedFields {
  let value: JSONValue

  func unknown(_ name: String) -> ArchivedEventError {
    ArchivedEventError(field: name, text: value.text)
  }

  func optionalText(_ name: String) throws -> String? {
    switch value[name] {
    case nil: return nil
    case .string(let text)?: return text
    default: throw unknown(name)
    }
  }

  func text(_ name: String) throws -> String {
    guard let text = try optionalText(name) else { throw unknown(name) }
    return text
  }

  func optionalInteger<Number: FixedWidthInteger>(_ name: String, as type: Number.Type) throws -> Number? {
    switch value[name] {
    case nil: return nil
    case .number(let text)?:
      guard let number = Number(text) else { throw unknown(name) }
      return number
    default: throw unknown(name)
    }
  }

  func integer<Number: FixedWidthInteger>(_ name: String) throws -> Number {
    guard let number = try optionalInteger(name, as: Number.self) else { throw unknown(name) }
    return number
  }

  func reference<Entity>(_ name: String) throws -> Reference<Entity> {
    Reference(archived: try text(name))
  }

  func object(_ name: String) throws -> ArchivedFields {
    guard let inner = value[name], case .object = inner else { throw unknown(name) }
    return ArchivedFields(value: inner)
  }

  func milliCPU(_ name: String) throws -> Int64 {
    guard case .number(let text)? = value[name], let cpus = Double(text) else { throw unknown(name) }
    return Int64((cpus * 1000).rounded())
  }

  func metadata() throws -> WorkerMetadata {
    let inner = try object("metadata")
    guard case .object(let members) = inner.value else { throw unknown("metadata") }
    let attributes = try members.filter { $0.name != "cpu" }.map {
      WorkerMetadata.Attribute(key: $0.name, value: try inner.text($0.name))
    }
    return WorkerMetadata(milliCPU: try inner.milliCPU("cpu"), attributes: attributes)
  }

  func failureCause() throws -> WorkerFailureCause {
    guard let lastMs = try optionalInteger("last_heartbeat_ms", as: Int64.self) else {
      return .reported(error: try optionalText("error"))
    }
    return .timedOut(lastHeartbeatMs: lastMs, timeoutMs: try integer("timeout_ms"))
  }

  func reported() throws -> [ReportedTask] {
    guard case .array(let pairs)? = value["reported"] else { throw unknown("reported") }
    return try pairs.map { pair in
      guard case .array(let elements) = pair, elements.count == 2, case .string(let task) = elements[0],
        case .number(let number) = elements[1], let attempt = UInt32(number)
      else { throw unknown("reported") }
      return ReportedTask(task: Reference(archived: task), attempt: attempt)
    }
  }

  func report() throws -> TaskReport {
    guard let state = TaskState(name: try text("new_state")) else { throw unknown("new_state") }
    return TaskReport(
      task: try reference("task_id"), attempt: try integer("attempt_id"), state: state,
      error: try optionalText("error"), exitCode: try optionalInteger("exit_code", as: Int32.self))
  }

  func census() throws -> ZoneCensus {
    ZoneCensus(
      zone: try text("zone"), silentWorkers: try integer("silent_workers"), workers: try integer("workers"))
  }

  func request() throws -> JobRequest {
    let fields = try object("request")
    var request = JobRequest()
    request.replicas = try fields.integer("replicas")
    request.maxRetriesFailure = try fields.integer("max_retries_failure")
    request.maxRetriesPreemption = try fields.integer("max_retries_preemption")
    request.maxTaskFailures = try fields.integer("max_task_failures")
    request.coscheduled = fields.value["coscheduled"] == .boolean(true)
    request.milliCPU = try fields.milliCPU("cpu")
    request.schedulingTimeoutMs = try fields.optionalInteger("scheduling_timeout_ms", as: Int64.self)
    request.parent = try fields.optionalText("parent").map { Reference(archived: $0) }
    request.owner = try fields.optionalText("owner")
    request.reason = try fields.optionalText("reason")
    return request
  }
}

extension Reference {
  /// What `jsonText` wrote.
  fileprivate init(archived text: String) {
    let parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map { UInt32($0) }
    if text.hasPrefix("#"), parts.count == 2, let index = parts[0], let generation = parts[1], generation > 0 {
      self = .handle(Handle(index: index, generation: generation))
    } else {
      self = .name(text)
    }
  }
}
