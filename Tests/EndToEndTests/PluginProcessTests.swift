import Testing

/// A dispatcher with parts of its own, switched on by name.
extension EndToEndTests {
  @Suite struct PluginProcessTests {
    private static let program = "example-ringmasterd"

    private func register(_ bench: Workbench, _ names: String...) throws {
      for name in names {
        try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"\#(name)","address":"h","metadata":{"cpu":4}}"#)
      }
    }

    @Test func partsThatAFileNamesAreAtWork() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher(
          Self.program,
          settings: [
            "[plugins]", "policy = \"last-fit\"", "middleware = [\"owner-required\"]",
            "observers = [{ name = \"job-register\", priority = 5 }, \"log\"]", "dead_letter_sink = \"notice\"",
          ])
        try register(bench, "w1", "w2", "w3")

        let orphan = try bench.ringctl("submit", "orphan")
        #expect(orphan.exit == .code(1))
        #expect(orphan.errors == "ringctl: JOB_SUBMITTED was dropped by owner-required\n")
        let json = try JSON(parsing: bench.ringctl("submit", "orphan", "--json").output)
        #expect(json["dropped_by"] == "owner-required", "\(json)")
        let watch = try bench.startWatch("--filter", "JOB_SUBMITTED", "--filter", "JOB_CANCELLED")
        let mine = try bench.ringctl("submit", "mine", "--owner", "ann")
        #expect(mine.exit == .code(0) && mine.output.contains("  observer job-register: entry "), "\(mine.output)")
        #expect(try bench.ringctl("submit", "lost", "--owner", "nemo").output.contains("nemo is in no book"))

        try bench.wait("the watch shows what the observer says") {
          watch.outputLines.contains { $0.hasPrefix("  observer job-register: entry ") }
            && watch.outputLines.contains("  observer job-register failed: nemo is in no book")
        }

        try bench.wait("both tasks are placed") {
          try bench.ringctl("tasks", "--json", "--state", "ASSIGNED").outputLines.count == 2
        }
        let workers = try bench.ringctl("workers", "--json").outputLines.map { try JSON(parsing: $0) }
        let busy = workers.filter { $0["running_tasks"] != 0 }.map { $0["worker_id"] }
        #expect(busy == ["w3"], "the policy takes the last worker")

        #expect(try bench.ringctl("cancel", "nothing", "-m", "x").exit == .code(1))
        let status = try JSON(parsing: bench.ringctl("status", "--json").output)
        #expect(status["counters"]["dropped_by_owner-required"] == 2, "\(status["counters"])")
        #expect(status["counters"]["failures_of_job-register"] == 1)
        #expect(status["counters"]["failures_of_log"] == 0)
        #expect(status["counters"]["events_dropped"] == 2)
        try bench.wait("the log tells of it") {
          dispatcher.errors.contains("undeliverable") && dispatcher.errors.contains("event refused")
        }
        #expect(dispatcher.errorLines.contains { $0.contains("job entered") && $0.contains("owner=ann") })
        #expect(dispatcher.errorLines.contains { $0.contains("undeliverable") && $0.contains("unknownEntity") })
        #expect(dispatcher.errorLines.contains { $0.contains("undeliverable") && $0.contains("nemo is in no book") })
      }
    }

    @Test func withoutAFileTheyDoNothing() throws {
      try Workbench.run { bench in
        try bench.startDispatcher(Self.program)
        try register(bench, "w1")
        #expect(try bench.ringctl("submit", "orphan").exit == .code(0))
      }
      try Workbench.run { bench in
        let path = try bench.write(["[plugins]", "middleware = [\"owner-required\"]"], to: "ringmaster.toml")
        let check = try bench.run(Self.program, ["--check-config", "--config", path])
        #expect(check.exit == .code(0))
        let other = try bench.run("ringmasterd", ["--check-config", "--config", path])
        #expect(other.exit == .code(78) && other.errors.contains(":2: plugins.middleware: expected no name"))
      }
    }

    /// A policy that answers with nonsense costs placements and nothing else: heartbeats and queries go on.
    @Test func aHostilePolicyHoldsNobodyUp() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher(Self.program, settings: ["[plugins]", "policy = \"hostile\""])
        try register(bench, "w1", "w2", "w3")
        for index in 0..<5 {
          #expect(try bench.ringctl("submit", "j\(index)", "--replicas", "1000", "--cpu", "0.001").exit == .code(0))
        }
        try bench.publish(#"{"type":"WORKER_FAILED","worker_id":"w1"}"#)
        #expect(try bench.ringctl("submit", "huge", "--replicas", "10000", "--cpu", "64", "--gang").exit == .code(0))
        let worker = try WorkerSocket(toPort: try bench.startUDPIngest().port)
        let handle = try worker.register("w4", milliCPU: 1000).worker
        try worker.send(DatagramBytes.heartbeats([handle]))
        try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: 1)
        try bench.waitForCounter("placements", of: "ringmasterd", atLeast: 1)
        let status = try JSON(parsing: bench.ringctl("status", "--json").output)
        #expect((status["committed_cpu"].double ?? .infinity) <= (status["cpu"].double ?? 0))
        #expect(dispatcher.exit == nil)
      }
    }
  }
}
