import EventJSON
import EventModel
import Testing

@Suite struct EventJSONDecoderRefusalTests {
  struct Refusal: Sendable, CustomTestStringConvertible {
    let text: String
    let problem: EventJSONError.Problem
    let field: String

    init(_ text: String, _ problem: EventJSONError.Problem, _ field: String) {
      self.text = text
      self.problem = problem
      self.field = field
    }

    var testDescription: String {
      "\(field) \(problem)"
    }
  }

  static let long = String(repeating: "x", count: Limits.nameBytes + 1)
  static let longError = String(repeating: "x", count: Limits.errorBytes + 1)

  static func heartbeat(_ worker: String, _ timestamp: String) -> String {
    #"{"type":"WORKER_HEARTBEAT","worker_id":\#(worker),"timestamp_ms":\#(timestamp)}"#
  }

  static func submission(_ request: String) -> String {
    #"{"type":"JOB_SUBMITTED","job_id":"j1","request":\#(request),"timestamp_ms":1}"#
  }

  static func registration(_ metadata: String) -> String {
    #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"a","metadata":\#(metadata),"timestamp_ms":1}"#
  }

  static func report(_ attempt: String, _ state: String, _ extra: String = "") -> String {
    #"{"type":"TASK_STATE_CHANGED","task_id":"j/task-0","attempt_id":\#(attempt),"new_state":\#(state)\#(extra)}"#
  }

  static func reconciliation(_ reported: String) -> String {
    #"{"type":"WORKER_RECONCILED","worker_id":"w1","reported":\#(reported)}"#
  }

  static let records: [Refusal] = [
    Refusal("[]", .wrongType, ""),
    Refusal("{}", .missingField, "type"),
    Refusal(#"{"type":7}"#, .wrongType, "type"),
    Refusal(#"{"type":"WORKER_EXPLODED"}"#, .unknownValue, "type"),
    Refusal(#"{"type":"RESTART","timestamp_ms":1}"#, .unknownValue, "type"),
    Refusal(#"{"type":"WORKER_FAILED"}"#, .missingField, "worker_id"),
    Refusal(#"{"type":"WORKER_FAILED","worker_id":"w","colour":"red"}"#, .unknownField, "colour"),
    Refusal(#"{"type":"WORKER_FAILED","worker_id":"w","error":null}"#, .wrongType, "error"),
    Refusal(#"{"type":"WORKER_FAILED","worker_id":"w","error":"\#(longError)"}"#, .badLength, "error"),
    Refusal(#"{"type":"WORKER_FAILED","worker_id":"w","timeout_ms":4}"#, .unknownField, "timeout_ms"),
    Refusal(#"{"type":"JOB_CANCELLED","job_id":"j1"}"#, .missingField, "reason"),
    Refusal(#"{"type":"PRUNE"}"#, .missingField, "now_ms"),
    Refusal(heartbeat("7", "1"), .wrongType, "worker_id"),
    Refusal(heartbeat(#""""#, "1"), .badLength, "worker_id"),
    Refusal(heartbeat("\"\(long)\"", "1"), .badLength, "worker_id"),
    Refusal(heartbeat(#""w1""#, "true"), .wrongType, "timestamp_ms"),
    Refusal(heartbeat(#""w1""#, "1.5"), .wrongType, "timestamp_ms"),
    Refusal(heartbeat(#""w1""#, "1e3"), .wrongType, "timestamp_ms"),
    Refusal(heartbeat(#""w1""#, #""5""#), .wrongType, "timestamp_ms"),
    Refusal(heartbeat(#""w1""#, "-1"), .outOfRange, "timestamp_ms"),
    Refusal(heartbeat(#""w1""#, "9223372036854775808"), .outOfRange, "timestamp_ms"),
    Refusal(heartbeat(#""w1""#, "\(Limits.timeMs.upperBound + 1)"), .outOfRange, "timestamp_ms"),
  ]

  static let handles: [Refusal] = ["#", "#1", "#1.0", "#1.", "#.1", "#a.1", "#1.1.1", "#-1.1", "#4294967296.1"].map {
    Refusal(heartbeat("\"\($0)\"", "1"), .unknownValue, "worker_id")
  }

  private static let kinds = (0...Limits.deviceKinds).map { #""kind-\#($0)":1"# }.joined(separator: ",")

  static let parts: [Refusal] = [
    Refusal(submission("[]"), .wrongType, "request"),
    Refusal(submission(#"{"replicas":2147483648}"#), .outOfRange, "request.replicas"),
    Refusal(submission(#"{"replicas":true}"#), .wrongType, "request.replicas"),
    Refusal(submission(#"{"max_retries_failure":-1}"#), .outOfRange, "request.max_retries_failure"),
    Refusal(submission(#"{"max_retries_preemption":1000001}"#), .outOfRange, "request.max_retries_preemption"),
    Refusal(submission(#"{"coscheduled":1}"#), .wrongType, "request.coscheduled"),
    Refusal(submission(#"{"cpu":true}"#), .wrongType, "request.cpu"),
    Refusal(submission(#"{"cpu":-1}"#), .outOfRange, "request.cpu"),
    Refusal(submission(#"{"cpu":0.0005}"#), .outOfRange, "request.cpu"),
    Refusal(submission(#"{"cpu":1e300}"#), .outOfRange, "request.cpu"),
    Refusal(submission(#"{"cpu":1e999}"#), .outOfRange, "request.cpu"),
    Refusal(submission(#"{"memory_bytes":1.5}"#), .wrongType, "request.memory_bytes"),
    Refusal(submission(#"{"memory_bytes":-1}"#), .outOfRange, "request.memory_bytes"),
    Refusal(submission(#"{"devices":[]}"#), .wrongType, "request.devices"),
    Refusal(submission(#"{"devices":{"gpu":-1}}"#), .outOfRange, "request.devices.gpu"),
    Refusal(submission(#"{"devices":{"":1}}"#), .badLength, "request.devices"),
    Refusal(submission(#"{"devices":{"\#(long)":1}}"#), .badLength, "request.devices"),
    Refusal(submission(#"{"devices":{\#(kinds)}}"#), .outOfRange, "request.devices"),
    Refusal(submission(#"{"scheduling_timeout_ms":-1}"#), .outOfRange, "request.scheduling_timeout_ms"),
    Refusal(submission(#"{"replica":1}"#), .unknownField, "request.replica"),
    Refusal(submission(#"{"job_id":"j1"}"#), .unknownField, "request.job_id"),
    Refusal(registration("{}"), .missingField, "metadata.cpu"),
    Refusal(registration(#"{"cpu":1,"zone":4}"#), .wrongType, "metadata.zone"),
    Refusal(registration(#"{"cpu":1,"zone":"\#(long)"}"#), .badLength, "metadata.zone"),
    Refusal(registration(#"{"cpu":1,"\#(long)":""}"#), .badLength, "metadata"),
    Refusal(report("-1", #""RUNNING""#), .outOfRange, "attempt_id"),
    Refusal(report("4294967296", #""RUNNING""#), .outOfRange, "attempt_id"),
    Refusal(report("0", #""running""#), .unknownValue, "new_state"),
    Refusal(report("0", "3"), .wrongType, "new_state"),
    Refusal(report("0", #""FAILED""#, #","exit_code":2147483648"#), .outOfRange, "exit_code"),
    Refusal(reconciliation("{}"), .wrongType, "reported"),
    Refusal(reconciliation(#"[["j/task-0"]]"#), .wrongType, "reported[0]"),
    Refusal(reconciliation(#"[["j/task-0",0],["j/task-1","0"]]"#), .wrongType, "reported[1][1]"),
    Refusal(reconciliation(#"[[0,0]]"#), .wrongType, "reported[0][0]"),
  ]

  @Test(arguments: records + handles + parts)
  func namesTheFieldAndTheProblem(_ refusal: Refusal) throws {
    let error = try #require(
      #expect(throws: EventJSONError.self) { try EventJSONDecoder().event(from: Array(refusal.text.utf8)) })
    #expect(error.problem == refusal.problem)
    #expect(error.field == refusal.field)
    #expect(!error.expected.isEmpty && !error.came.isEmpty)
  }

  @Test func saysWhatWasExpectedAndWhatCame() {
    let error = #expect(throws: EventJSONError.self) {
      try EventJSONDecoder().event(from: Array(Self.submission(#"{"replicas":"many"}"#).utf8))
    }
    #expect(error?.description == #"request.replicas: expected an integer, got the string "many""#)
  }

  @Test func countsAreLimited() {
    let tasks = (0...Limits.reportedTasks).map { "[\"j/task-\($0)\",0]" }.joined(separator: ",")
    let labels = (0...Limits.metadataEntries).map { "\"k\($0)\":\"v\"" }.joined(separator: ",")
    for (text, field) in [
      (Self.reconciliation("[\(tasks)]"), "reported"), (Self.registration("{\"cpu\":1,\(labels)}"), "metadata.k32"),
    ] {
      let error = #expect(throws: EventJSONError.self) { try EventJSONDecoder().event(from: Array(text.utf8)) }
      #expect(error?.problem == .outOfRange)
      #expect(error?.field == field)
    }
  }

  @Test func newNamesCannotLookLikeHandles() {
    for text in [
      ##"{"type":"JOB_SUBMITTED","job_id":"#1.1","request":{},"timestamp_ms":1}"##,
      ##"{"type":"WORKER_REGISTERED","worker_id":"#w","address":"a","metadata":{"cpu":1},"timestamp_ms":1}"##,
    ] {
      let error = #expect(throws: EventJSONError.self) { try EventJSONDecoder().event(from: Array(text.utf8)) }
      #expect(error?.problem == .unknownValue)
    }
  }
}
