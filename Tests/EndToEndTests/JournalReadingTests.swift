import Testing

/// The journal of a living dispatcher, read back by `ringctl`.
extension EndToEndTests {
  @Suite struct JournalReadingTests {
    private static func worker(_ name: String, cpus: Int = 4) -> String {
      #"{"type":"WORKER_REGISTERED","worker_id":"\#(name)","address":"h:1","metadata":{"cpu":\#(cpus)}}"#
    }

    @Test func aReplayShowsWhatTheDispatcherShows() throws {
      try Workbench.run { bench in
        let journal = bench.path("journal")
        let dispatcher = try bench.startDispatcher(settings: ["[journal]", "directory = \"\(journal)\""])
        try bench.publish(Self.worker("w1"), Self.worker("w2"))
        #expect(try bench.ringctl("submit", "train", "--replicas", "3", "-m", "test").exit == .code(0))
        try bench.wait("all tasks are placed") {
          let tasks = try bench.ringctl("tasks", "--state", "ASSIGNED", "--json")
          return tasks.outputLines.count == 3
        }
        func matches(_ view: String) throws -> Bool {
          let then = try bench.ringctl("replay", view, "--journal", journal, "--json")
          #expect(then.exit == .code(0), "\(then.errors)")
          return try then.output == bench.ringctl(view, "--json").output
        }
        // What was shown may be ahead of the journal by a commit.
        try bench.wait("the replay has come to the same") { try matches("tasks") && matches("jobs") }
        let configured = try bench.ringctl("journal", "verify", "--json", "--config", bench.path("ringmaster.toml"))
        #expect(configured.exit == .code(0))
        let verified = try JSON(parsing: configured.output)
        #expect(verified["whole"] == true && verified["writer"].int == Int(dispatcher.pid))
        try bench.publish(#"{"type":"WORKER_FAILED","worker_id":"w1","error":"disk"}"#)
        let before = try bench.ringctl(
          "replay", "--until", "\(verified["last_transaction"].int ?? 0)", "--journal", journal, "--json")
        #expect(try JSON(parsing: before.output)["state_hash"] == verified["state_hash"])
        #expect(try JSON(parsing: before.output)["workers"] == 2)
        #expect(try bench.stop(dispatcher) == .code(0))

        // The whole story again, by a simulation and in another dispatcher.
        let dump = try bench.ringctl("journal", "dump", "--journal", journal)
        #expect(dump.exit == .code(0) && dump.errors.isEmpty)
        let simulated = try bench.ringctl("simulate", "--json", try bench.write(dump.outputLines, to: "dump.ndjson"))
        #expect(simulated.exit == .code(0))
        let ended = try JSON(parsing: try #require(simulated.outputLines.last))["final_state"]
        let workers = ended["worker_states"].members.filter { $0.value["present"] == true }
        #expect(workers.keys.sorted() == ["w2"])
        let said = try bench.ringctl("journal", "dump", "--peers-only", "--journal", journal)
        #expect(said.exit == .code(0) && said.errors.contains("the dispatcher's own"))
        let other = try bench.startDispatcher()
        let lines = try bench.write(said.outputLines, to: "said.ndjson")
        let ingest = try bench.run("ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, "--json", lines])
        let summary = try JSON(parsing: ingest.output)
        #expect(summary["bad_lines"] == 0 && summary["applied"].int == said.outputLines.count, "\(ingest.output)")
        #expect(try bench.ringctl("workers", "--json").outputLines.count == 1)
        #expect(try bench.stop(other) == .code(0))
      }
    }
  }
}
