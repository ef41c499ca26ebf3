import Foundation
import Testing

/// `ringctl simulate`: the conformance cases as scripts, with no daemon.
extension EndToEndTests {
  @Suite struct SimulateTests {
    private static let cases = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "ConformanceTests/Cases").path

    @Test func everyConformanceCaseEndsAsItShould() throws {
      try Workbench.run { bench in
        let names = Folder.names(in: Self.cases).filter { $0.hasSuffix(".json") }
        #expect(names.count > 40)
        let runs = try names.map { name in
          let text = try String(contentsOfFile: "\(Self.cases)/\(name)", encoding: .utf8)
          let script = ConformanceScript(try JSON(parsing: text))
          let file = try bench.write(script.lines, to: name)
          return (name, script, try bench.start("ringctl", ["simulate", "--json", file] + script.options))
        }
        for (name, script, run) in runs {
          #expect(try bench.waitForExit(run) == .code(0), "\(name): \(run.errors)")
          let lines = try run.outputLines.map { try JSON(parsing: $0) }
          let failures = script.failures(finalState: lines.last?["final_state"] ?? .null)
          #expect(failures == [], "\(name)")
          #expect(lines.count > 1, "\(name) made no transactions")
        }
      }
    }

    @Test func eachTransactionIsShownThenTheFinalState() throws {
      try Workbench.run { bench in
        let text = try String(
          contentsOfFile: "\(Self.cases)/worker_failure_cascade_two_tasks_requeued.json", encoding: .utf8)
        let script = ConformanceScript(try JSON(parsing: text))
        let file = try bench.write(script.lines, to: "script.ndjson")
        let objects = try bench.run("ringctl", ["simulate", "--json", "-"], input: .file(file))
        #expect(objects.exit == .code(0))
        let lines = try objects.outputLines.map { try JSON(parsing: $0) }
        #expect(lines.count == script.lines.count + 1)
        #expect(lines.dropLast().map { $0["txn"].int } == (1...script.lines.count).map { $0 })
        #expect(lines[6]["actions"].elements.map { $0["action"] }.first == "worker_failed")
        #expect(lines[6]["actions"].elements.count == 8)

        let plain = try bench.ringctl("simulate", file)
        #expect(plain.exit == .code(0))
        #expect(!plain.rawOutput.contains(0x1b))
        #expect(plain.outputLines.count { $0.hasPrefix("#") } == script.lines.count)
        #expect(plain.output.contains("task_requeued"))
        for title in ["Workers", "Jobs", "Tasks", "Queue"] { #expect(plain.outputLines.contains(title)) }
        #expect(try bench.ringctl("simulate", file).output == plain.output, "the same again")
      }
    }

    @Test func badLinesAreReportedAndLeftOut() throws {
      try Workbench.run { bench in
        let file = try bench.write(
          [
            #"{"type":"WORKER_REGISTERED","worker_id":"w","address":"h","metadata":{"cpu":1},"timestamp_ms":1}"#,
            "{",
            #"{"type":"WORKER_REGISTERED","worker_id":"late","address":"h","metadata":{"cpu":1}}"#,
            #"{"type":"TICK","now_ms":2}"#,
            #"{"type":"JOB_CANCELLED","job_id":"none","reason":"x"}"#,
          ], to: "script")
        let run = try bench.ringctl("simulate", "--json", file)
        #expect(run.exit == .code(1))
        #expect(run.errorLines.map { $0.prefix(7) } == ["line 2:", "line 3:"])
        #expect(run.errors.contains("timestamp_ms"), "what the third line lacks")
        #expect(run.outputLines.count == 3)
        #expect(try JSON(parsing: run.outputLines[1])["reason"] == "unknown_job")
      }
    }

    @Test func saysWhatItCannotUse() throws {
      try Workbench.run { bench in
        let missing = try bench.ringctl("simulate", bench.path("missing"))
        #expect(missing.exit == .code(1))
        #expect(missing.errorLines.count == 1)
        #expect(missing.errors.contains(bench.path("missing")))
        #expect(try bench.ringctl("simulate", bench.folder).exit == .code(1))
        let file = try bench.write([], to: "empty")
        #expect(try bench.ringctl("simulate", file).exit == .code(0))
        for setting in ["nonsense", "worker_timeout_ms", "worker_timeout_ms=-1", "no_such=1"] {
          #expect(try bench.ringctl("simulate", file, "--config", setting).exit == .code(64), "\(setting)")
        }
      }
    }
  }
}

/// A conformance case as a script for `simulate`, and what must be true at its end.
private struct ConformanceScript {
  let lines: [String]
  let options: [String]
  private let expected: [String: JSON]

  /// The keys whose values must be part of those of the final state.
  private static let compared = [
    "task_states", "job_state", "job_states", "job_error", "attempts", "counters", "exit_codes", "worker_states",
    "queue",
    "endpoints", "txn_log_length",
  ]

  init(_ conformanceCase: JSON) {
    var requests: [String: JSON] = [:]
    for job in conformanceCase["jobs"].elements {
      var request = job.members
      guard let name = request.removeValue(forKey: "job_id")?.string else { continue }
      requests[name] = .object(request)
    }
    lines = conformanceCase["events"].elements.map { event in
      guard event["type"] == "JOB_SUBMITTED", event["request"] == .null, let job = event["job_id"].string else {
        return event.text
      }
      var members = event.members
      members["request"] = requests[job] ?? [:]
      return JSON.object(members).text
    }
    options = conformanceCase["config"].members.flatMap { ["--config", "\($0)=\($1.text)"] }
    expected = conformanceCase["expect"].members
  }

  func failures(finalState: JSON) -> [String] {
    var failures: [String] = []
    for key in Self.compared {
      guard let expectation = expected[key] else { continue }
      func inAnyOrder(_ list: JSON) -> JSON { .array(list.elements.sorted { $0.text < $1.text }) }
      let isList = key == "endpoints"
      let wanted = isList ? inAnyOrder(expectation) : expectation
      let found = isList ? inAnyOrder(finalState[key]) : finalState[key]
      if !Self.isMet(wanted, by: found, isTaskState: key == "task_states") {
        failures.append("\(key): expected \(expectation.text), found \(finalState[key].text)")
      }
    }
    for task in expected["absent_tasks"]?.elements ?? [] {
      if finalState["task_states"].members.keys.contains(task.string ?? "") { failures.append("\(task.text) is there") }
    }
    return failures
  }

  /// Objects may have more members; a list of task states means any of these.
  private static func isMet(_ expectation: JSON, by found: JSON, isTaskState: Bool) -> Bool {
    switch expectation {
    // A worker that never was is not listed.
    case ["present": false]: found == .null || found["present"] == false
    case .object(let members):
      members.allSatisfy { isMet($1, by: found[$0], isTaskState: isTaskState) }
    case .array(let choices) where isTaskState: choices.contains(found)
    default: expectation == found
    }
  }
}
