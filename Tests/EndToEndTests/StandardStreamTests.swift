import Glibc
import Testing

/// Standard input, output and error that are closed, that nobody reads, and that say what comes from outside.
extension EndToEndTests {
  @Suite struct StandardStreamTests {
    /// A pipe that is full keeps the log, and not the end of the dispatcher.
    @Test func aDispatcherEndsThoughNobodyReadsItsLog() throws {
      try Workbench.run { bench in
        let pipe = try fullPipe()
        defer { pipe.closeBoth() }
        let program = "\(Workbench.executables)/ringmasterd"
        let dispatcher = try bench.start(
          "/bin/sh", ["-c", "exec \(program) --socket \(bench.socketPath) --instance \(bench.instance) 2>&1"],
          output: pipe.writer)
        try bench.wait("it answers") { try bench.ringctl("status").exit == .code(0) }
        #expect(try bench.stop(dispatcher) == .code(0))
      }
    }

    @Test func anIngestEndsThoughNobodyReadsItsReports() throws {
      try Workbench.run { bench in
        let pipe = try fullPipe()
        defer { pipe.closeBoth() }
        let input = try Pipe()
        defer { input.closeBoth() }
        try bench.startDispatcher()
        let lines = #"{"type":"WORKER_REGISTERED","worker_id":"w","address":"a","metadata":{"cpu":4}}"# + "\nbad\nbad\n"
        let ingest = try bench.start(
          "/bin/sh", ["-c", "exec \(Workbench.executables)/ringmaster-ingest ndjson 2>&1"],
          input: .descriptor(input.reader), output: pipe.writer)
        let bytes = Array(lines.utf8)
        #expect(write(input.writer, bytes, bytes.count) == bytes.count)
        try bench.wait("the line is applied") { try bench.ringctl("workers", "--json").outputLines.count == 1 }
        #expect(try bench.stop(ingest) == .code(0))
      }
    }

    /// One that takes nothing more.
    private func fullPipe() throws -> Pipe {
      let pipe = try Pipe()
      _ = fcntl(pipe.writer, F_SETFL, O_NONBLOCK)
      let filler = [UInt8](repeating: 0, count: 4096)
      while write(pipe.writer, filler, filler.count) > 0 {}
      _ = fcntl(pipe.writer, F_SETFL, 0)
      return pipe
    }

    /// What comes from outside forges no line of the log.
    @Test func anEntryIsOneLine() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher(settings: ["[plugins]", "observers = [\"log\"]"])
        let forged = #"boom\n2026-11-29T10:00:00+0000 critical ringmasterd: forged\u001b[2J\u202e"#
        try bench.publish(
          #"{"type":"WORKER_REGISTERED","worker_id":"w","address":"w:1","metadata":{"cpu":4}}"#,
          #"{"type":"JOB_SUBMITTED","job_id":"j","request":{"replicas":1}}"#)
        try bench.wait("the task is assigned") {
          try JSON(parsing: bench.ringctl("tasks", "--json").output)["state"] == "ASSIGNED"
        }
        let report = #"{"type":"TASK_STATE_CHANGED","task_id":"j/task-0","attempt_id":0,"new_state":"#
        try bench.publish(report + #""RUNNING"}"#, report + #""FAILED","error":"\#(forged)"}"#)
        try bench.wait("the log has it") { dispatcher.errors.contains("forged") }
        let bad = try bench.run(
          "ringmaster-ingest", ["ndjson", try bench.write([#"{"type":"\#(forged)"}"#], to: "bad")])
        #expect(bad.exit == .code(1))
        for errors in [dispatcher.errors, bad.errors] {
          #expect(!errors.contains("\u{1B}") && !errors.contains("\u{202E}"))
          #expect(!errors.contains("\n2026-11-29T10:00:00"))
        }
        #expect(dispatcher.errors.contains(#"boom\u{A}2026-11-29T10:00:00+0000"#), "\(dispatcher.errors)")
      }
    }

    /// What is opened in the place of a closed one is taken for it by whoever writes to it.
    @Test func closedOnesLeadNowhere() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        let file = try bench.write(
          [
            #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"a","metadata":{"cpu":4}}"#, "bad line",
            #"{"type":"WORKER_REGISTERED","worker_id":"w2","address":"a","metadata":{"cpu":4}}"#,
          ], to: "events")
        for closed in ["<&-", "2>&-", "<&- 2>&-", "<&- >&- 2>&-"] {
          let ingest = try bench.run(
            "/bin/sh", ["-c", "exec \(Workbench.executables)/ringmaster-ingest ndjson \(file) \(closed)"])
          #expect(ingest.exit == .code(1), "\(closed): \(ingest.errors)")
        }
        let workers = try bench.run("/bin/sh", ["-c", "exec \(Workbench.executables)/ringctl workers <&- >&- 2>&-"])
        #expect(workers.exit == .code(0))
        #expect(try bench.ringctl("workers", "--json").outputLines.count == 2)
        #expect(!dispatcher.errors.contains("disconnected"), "\(dispatcher.errors)")
      }
    }
  }
}
