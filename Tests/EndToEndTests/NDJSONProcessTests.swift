import Glibc
import Testing

/// `ringmaster-ingest ndjson`: text in, events out.
extension EndToEndTests {
  @Suite struct NDJSONProcessTests {
    private static func register(_ name: String) -> String {
      #"{"type":"WORKER_REGISTERED","worker_id":"\#(name)","address":"\#(name):1","metadata":{"cpu":4}}"#
    }

    @Test func badLinesAreReportedByTheirNumberAndTheRestIsApplied() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let file = try bench.write(
          [
            Self.register("w1"),  // 1
            "not json",  // 2
            "",  // 3
            #"{"type":"NO_SUCH_EVENT"}"#,  // 4
            Self.register("w2"),  // 5
            #"{"type":"WORKER_HEARTBEAT"}"#,  // 6: whose?
            #"{"type":"TICK","now_ms":1}"#,  // 7
            #"{"type":"WORKER_HEARTBEAT","worker_id":"nobody"}"#,  // 8: rejected
            #"{"type":"WORKER_HEARTBEAT","worker_id":"w1"}"#,  // 9
            #"{"type":"WORKER_HEARTBEAT","worker_id":"w1"} x"#,  // 10
            Self.register("w3"),  // 11
          ], to: "mixed.ndjson")
        let ingest = try bench.run("ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, "--json", file])
        #expect(ingest.exit == .code(1))
        let reported = ingest.errorLines.map { String($0.prefix { $0 != ":" }) }
        #expect(Set(reported) == ["line 2", "line 4", "line 6", "line 7", "line 8", "line 10"])
        #expect(reported.count == 6)
        #expect(ingest.errorLines.contains("line 8: WORKER_HEARTBEAT rejected: unknown_worker"))
        #expect(ingest.errorLines.contains { $0.hasPrefix("line 7:") && $0.contains("TICK") })
        #expect(ingest.outputLines.count == 1)
        let summary = try JSON(parsing: ingest.output)
        #expect(
          summary == [
            "lines": 10, "published": 5, "applied": 4, "ignored": 0, "rejected": ["unknown_worker": 1], "dropped": 0,
            "dead_lettered": 0, "bad_lines": 5, "unanswered": 0, "unpublished": 0,
          ])
        let workers = try bench.ringctl("workers", "--json").outputLines.map { try JSON(parsing: $0)["worker_id"] }
        #expect(workers == ["w1", "w2", "w3"])
      }
    }

    @Test func aRejectionIsAResultAndThePlainSummarySaysIt() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let file = try bench.write(
          [#"{"type":"JOB_CANCELLED","job_id":"none","reason":"x"}"#, Self.register("w")], to: "events")
        let ingest = try bench.run("ringmaster-ingest", ["ndjson", file])
        #expect(ingest.exit == .code(0))
        #expect(ingest.errorLines == ["line 1: JOB_CANCELLED rejected: unknown_job"])
        #expect(ingest.outputLines.count == 1)
        #expect(ingest.output.contains("1 applied"))
        #expect(ingest.output.contains("1 rejected (unknown_job 1)"))
      }
    }

    /// The story of a task that fails once and then succeeds, through standard input.
    @Test func aStoryThroughStandardInput() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        func report(_ attempt: Int, _ state: String, _ more: String = "") -> String {
          #"{"type":"TASK_STATE_CHANGED","task_id":"j/task-0","attempt_id":\#(attempt),"new_state":"\#(state)"\#(more)}"#
        }
        let submit = #"{"type":"JOB_SUBMITTED","job_id":"j","request":{"max_retries_failure":1}}"#
        try feed([Self.register("w"), submit], bench)
        try awaitTask("ASSIGNED", bench)
        try feed([report(0, "RUNNING"), report(0, "FAILED", #","error":"boom""#)], bench)
        try awaitTask("ASSIGNED", bench)
        try feed([report(1, "BUILDING"), report(1, "RUNNING"), report(1, "SUCCEEDED")], bench)
        // Said again, and by an attempt that is over: nothing changes.
        let late = try feed([report(1, "SUCCEEDED"), report(0, "RUNNING")], bench)
        #expect(late["ignored"] == 2)
        let job = try JSON(parsing: bench.ringctl("jobs", "--json").output)
        #expect(job["state"] == "SUCCEEDED")
        let task = try JSON(parsing: bench.ringctl("tasks", "--json").output)
        #expect(task["state"] == "SUCCEEDED")
        #expect(task["attempts"] == 2)
        #expect(task["failures"] == 1)
        #expect(task["exit_code"] == 0)
      }
    }

    /// Events are applied as they come, not at the end of the input.
    @Test func linesOfAStreamThatGoesOnAreApplied() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let file = try bench.write([Self.register("w1")], to: "growing")
        let pipe = try Pipe()
        let tail = try bench.start("/usr/bin/tail", ["-n", "+1", "-f", file], output: pipe.writer)
        let ingest = try bench.start(
          "ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, "--json"], input: .descriptor(pipe.reader))
        pipe.closeBoth()
        func workers() throws -> Int { try bench.ringctl("workers", "--json").outputLines.count }
        try bench.wait("the first line is applied") { try workers() == 1 }
        try bench.write([Self.register("w2")], to: "growing")
        try bench.wait("the next line is applied") { try workers() == 2 }
        #expect(ingest.exit == nil)
        _ = try bench.stop(tail)
        #expect(try bench.waitForExit(ingest) == .code(0))
        #expect(try JSON(parsing: ingest.output)["applied"] == 2)
      }
    }

    /// A restart of the service: the pipe is systemd's and stays.
    @Test func nothingIsLostAcrossRestarts() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let heartbeats = 20_000
        let beat = #"{"type":"WORKER_HEARTBEAT","worker_id":"w"}"#
        let file = try bench.write([Self.register("w")] + Array(repeating: beat, count: heartbeats), to: "events")
        let fifo = bench.path("fifo")
        #expect(mkfifo(fifo, 0o600) == 0)
        let pipe = open(fifo, O_RDWR | O_CLOEXEC)
        defer { close(pipe) }
        let writer = try bench.start("/usr/bin/dd", ["if=\(file)", "of=\(fifo)", "bs=1000", "status=none"])
        func applied() throws -> Int { try bench.counters(of: "ringmasterd")["heartbeats_applied"]?.int ?? 0 }
        var lines = 0
        for restart in 0..<4 {
          let before = try applied()
          let ingest = try bench.start("ringmaster-ingest", ["ndjson", "--json"], input: .descriptor(pipe))
          try bench.wait("it reads") { try restart < 3 ? applied() > before : applied() == heartbeats }
          #expect(try bench.stop(ingest) == .code(0), "\(ingest.errors)")
          #expect(ingest.errors == "")
          let summary = try JSON(parsing: ingest.output)
          #expect(summary["unpublished"] == 0 && summary["unanswered"] == 0 && summary["bad_lines"] == 0)
          lines += summary["lines"].int ?? 0
        }
        #expect(lines == heartbeats + 1)
        #expect(try bench.waitForExit(writer) == .code(0))
      }
    }

    /// As at a restart of its service: what it has taken from the pipe is published, and its results are awaited.
    @Test func aStopLosesNothingThatWasRead() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        let fifo = bench.path("events")
        guard mkfifo(fifo, 0o600) == 0 else { throw SystemCallError("mkfifo \(fifo)") }
        let pipe = open(fifo, O_RDWR | O_CLOEXEC)
        defer { close(pipe) }
        func send(_ lines: String) { #expect(write(pipe, lines, lines.utf8.count) == lines.utf8.count) }
        func isRead() -> Bool {
          var bytes: Int32 = 0
          return ioctl(pipe, UInt(FIONREAD), &bytes) == 0 && bytes == 0
        }
        let ingest = try bench.start("ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, "--json", fifo])
        // Reported when it comes, and no failure of a service that is stopped days later.
        send("no event\n" + Self.register("w") + "\n")
        try bench.wait("the first line is applied") { try bench.ringctl("workers", "--json").outputLines.count == 1 }
        try dispatcher.freeze()
        // More than it awaits results of at a time, and what one call reads.
        send(String(repeating: #"{"type":"WORKER_HEARTBEAT","worker_id":"w"}"# + "\n", count: 1400))
        try bench.wait("the pipe is empty") { isRead() }
        ingest.signal(SIGTERM)
        dispatcher.signal(SIGCONT)
        #expect(try bench.waitForExit(ingest) == .code(0))
        #expect(try JSON(parsing: ingest.output)["applied"] == 1401)
      }
    }

    /// Nobody answers for what comes through a pipe that others write to; a file is its reader's.
    @Test(arguments: [true, false]) func aNamedPipeSubmitsNoCommands(isPipe: Bool) throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let line = #"{"type":"JOB_SUBMITTED","job_id":"j","request":{"command":["id"]}}"#
        let path = isPipe ? bench.path("pipe") : try bench.write([line], to: "lines")
        if isPipe { #expect(mkfifo(path, 0o600) == 0) }
        let ingest = try bench.start("ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, "--json", path])
        if isPipe {
          let pipe = open(path, O_WRONLY | O_CLOEXEC)
          #expect(write(pipe, line + "\n", line.utf8.count + 1) == line.utf8.count + 1)
          close(pipe)
        }
        _ = try bench.waitForExit(ingest)
        let summary = try JSON(parsing: ingest.output)
        #expect(summary["bad_lines"] == (isPipe ? 1 : 0) && summary["applied"] == (isPipe ? 0 : 1), "\(ingest.errors)")
        #expect(ingest.errors.contains("no command") == isPipe)
      }
    }

    @Test func saysWhatIsMissing() throws {
      try Workbench.run { bench in
        let homeless = try bench.run("ringmaster-ingest", ["ndjson", "--socket", bench.socketPath])
        #expect(homeless.exit == .code(1))
        #expect(homeless.errors.contains(bench.socketPath))
        try bench.startDispatcher()
        let file = bench.path("missing")
        let missing = try bench.run("ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, file])
        #expect(missing.exit == .code(1))
        #expect(missing.errors.contains(file))
      }
    }

    @discardableResult
    private func feed(_ lines: [String], _ bench: Workbench) throws -> JSON {
      let file = try bench.write(lines, to: "stdin")
      defer { unlink(file) }
      let ingest = try bench.run(
        "ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, "--json", "-"], input: .file(file))
      #expect(ingest.exit == .code(0), "\(ingest.errors)")
      #expect(ingest.errors == "")
      return try JSON(parsing: ingest.output)
    }

    private func awaitTask(_ state: String, _ bench: Workbench) throws {
      try bench.wait("the task is \(state)") {
        try JSON(parsing: bench.ringctl("tasks", "--json").output)["state"].string == state
      }
    }
  }
}
