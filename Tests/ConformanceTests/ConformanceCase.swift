import Controller
import EventJSON
import EventModel

/// One case file: what to feed a fresh controller, and what must come of it. A key that nobody here knows is an error, so
/// that nothing in a file goes unchecked.
struct ConformanceCase {
  let name: String
  let configuration: ControllerConfiguration
  let steps: [ScriptStep]
  /// The settings of the case, as `ringctl simulate --config` takes them.
  let settings: [String]
  /// The steps as lines of NDJSON, word for word as the case has them but for the requests put in their place.
  let lines: [String]
  let checks: [TransactionCheck]
  let expectation: Expectation

  init(parsing bytes: [UInt8]) throws {
    var fields = try JSONFields(JSONValue(parsing: bytes))
    name = try fields.require("name").name()
    for remark in ["tier", "note"] { _ = try fields.find(remark)?.text(maxBytes: .max) }
    let config = fields.find("config")
    configuration = try config.map(Self.configuration) ?? ControllerConfiguration()
    settings = try config.map(Self.settings) ?? []
    let jobs = try Jobs(fields.require("jobs"))
    let events = try fields.require("events").elements(maxCount: .max).map(jobs.completed)
    let steps = try events.map { try ScriptStep(from: $0) }
    self.steps = steps
    lines = events.map(\.text)
    checks =
      try fields.find("transactions")?.elements(maxCount: .max)
      .map { try TransactionCheck($0, eventCount: steps.count) } ?? []
    expectation = try Expectation(fields.require("expect"), firstJob: jobs.requests.first?.job)
    try fields.finish()
  }

  private static func settings(_ field: JSONField) throws -> [String] {
    var fields = try JSONFields(field.value, path: field.path)
    return fields.rest().map { "\(settingName($0.name))=\($0.field.value.text)" }
  }

  private static func configuration(_ field: JSONField) throws -> ControllerConfiguration {
    var fields = try JSONFields(field.value, path: field.path)
    var configuration = ControllerConfiguration()
    for (name, value) in fields.rest() {
      guard known.contains(name), let setting = ControllerSetting(name: settingName(name)) else {
        throw EventJSONError(
          .unknownField, field: value.path, expected: known.joined(separator: ", "), came: "another setting")
      }
      configuration[setting] = try value.integer(in: setting.range)
    }
    return configuration
  }

  /// The settings that a case may name.
  private static let known = [
    "heartbeat_failure_threshold", "worker_timeout_ms", "job_retention_ms", "txn_log_capacity", "delivery_retries",
    "assignment_timeout_ms", "reservation_after_ms",
  ]

  private static func settingName(_ name: String) -> String {
    name == "txn_log_capacity" ? ControllerSetting.transactionLogCapacity.name : name
  }
}

/// The requests of a case, which its JOB_SUBMITTED events leave out.
private struct Jobs {
  let requests: [(job: String, request: JSONValue)]

  init(_ field: JSONField) throws {
    requests = try field.elements(maxCount: .max).map { job in
      var fields = try JSONFields(job.value, path: job.path)
      let name = try fields.require("job_id").newName()
      let members = fields.rest().map { JSONValue.Member($0.name, $0.field.value) }
      return (name, .object(members))
    }
    guard Set(requests.map { ByteText($0.job) }).count == requests.count else {
      throw EventJSONError(.unknownValue, field: field.path, expected: "each job_id once", came: "one of them again")
    }
    // Those that no event submits must be well formed all the same.
    for (job, _) in requests {
      let submission: [JSONValue.Member] = [
        .init("type", .string("JOB_SUBMITTED")), .init("job_id", .string(job)), .init("timestamp_ms", .integer(0)),
      ]
      _ = try ScriptStep(from: completed(JSONField(path: job, value: .object(submission))))
    }
  }

  /// The event with its request, if it is a submission of one of these and has none of its own.
  func completed(_ field: JSONField) -> JSONValue {
    guard case .object(let members) = field.value, field.value["type"] == .string("JOB_SUBMITTED"),
      case .string(let job) = field.value["job_id"], let request = requests.first(where: { $0.job.isSame(as: job) }),
      field.value["request"] == nil
    else { return field.value }
    return .object(members + [.init("request", request.request)])
  }
}
