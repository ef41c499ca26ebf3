import Testing

/// The lists of `ringctl`, cut and chosen from, and what a user meets who has no dispatcher.
extension EndToEndTests {
  @Suite struct ListingTests {
    @Test func listsAreCutAndChosenFrom() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        for number in 1...3 {
          try bench.publish(
            #"{"type":"WORKER_REGISTERED","worker_id":"w\#(number)","address":"h:1","metadata":{"cpu":1}}"#)
        }
        for job in ["a", "b", "c"] { #expect(try bench.ringctl("submit", job, "--cpu", "1").exit == .code(0)) }
        #expect(try bench.ringctl("submit", "large", "--cpu", "64").exit == .code(0))
        try bench.wait("the tasks are placed") {
          try names(bench, "task_id", "tasks", "--state", "ASSIGNED").count == 3
        }

        #expect(try names(bench, "job_id", "jobs", "--limit", "2") == ["a", "b"])
        #expect(try names(bench, "job_id", "jobs", "--job", "b") == ["b"])
        #expect(try names(bench, "job_id", "jobs", "--state", "pending") == ["large"])
        #expect(try names(bench, "worker_id", "workers", "--limit", "1") == ["w1"])
        #expect(try names(bench, "worker_id", "workers", "--worker", "w2") == ["w2"])
        #expect(try names(bench, "task_id", "tasks", "--worker", "w2").count == 1)
        #expect(try names(bench, "task_id", "tasks", "--limit", "3").count == 3)
        #expect(try names(bench, "task_id", "tasks", "--job", "a", "--worker", "nobody") == [])
        #expect(try bench.ringctl("workers", "--worker", "nobody").output == "no such worker\n")
        #expect(try bench.ringctl("jobs", "--limit", "1").outputLines.count == 2)
        for command in ["workers", "jobs", "tasks"] {
          #expect(try bench.ringctl(command, "--limit", "0").exit == .code(64))
        }
      }
    }

    private func names(_ bench: Workbench, _ key: String, _ command: String...) throws -> [JSON] {
      let listed = try bench.run("ringctl", command + ["--json"])
      #expect(listed.exit == .code(0), "\(listed.errors)")
      return try listed.outputLines.map { try JSON(parsing: $0)[key] }
    }

    @Test(arguments: ["ringctl", "ringmasterd", "ringmaster-ingest", "ringmaster-archive"])
    func everyProgramTellsItsVersion(program: String) throws {
      try Workbench.run { bench in
        let told = try bench.run(program, ["--version"])
        #expect(told.exit == .code(0))
        #expect(told.output.contains(/^[0-9]+\.[0-9]+\.[0-9]+/))
        #expect(told.outputLines.count == 1)
      }
    }

    @Test func theHintForAMissingDispatcherKeepsAJournal() throws {
      try Workbench.run { bench in
        let refused = try bench.ringctl("status")
        #expect(refused.exit == .code(2))
        #expect(refused.errors.contains(#""ringmasterd --socket \#(bench.socketPath) --journal FOLDER""#))
      }
    }
  }
}
