import Glibc
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
        let nowhere = try bench.ringctl("tasks", "--job", "nope")
        #expect(nowhere.exit == .code(1) && nowhere.errors.contains(#"there is no job "nope""#), "\(nowhere.errors)")
        #expect(try bench.ringctl("workers", "--worker", "nobody").output == "no such worker\n")
        #expect(try bench.ringctl("jobs", "--limit", "1").outputLines.count == 2)
        for command in ["workers", "jobs", "tasks"] {
          #expect(try bench.ringctl(command, "--limit", "0").exit == .code(64))
        }
      }
    }

    @Test func aWorkerIsShownWithItsTasks() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try bench.publish(
          #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"h:1","metadata":{"cpu":4,"zone":"east"}}"#)
        #expect(try bench.ringctl("submit", "a", "--cpu", "1").exit == .code(0))
        try bench.wait("the task is placed") {
          try names(bench, "task_id", "tasks", "--state", "ASSIGNED").count == 1
        }
        let shown = try JSON(parsing: try bench.ringctl("worker", "show", "w1", "--json").output)
        #expect(shown["attributes"]["zone"] == "east" && shown["committed_cpu"] == 1)
        #expect(shown["tasks"][0]["task_id"] == "a/task-0")
        let text = try bench.ringctl("worker", "show", "w1").output
        for words in ["holds           1 of 4 cpus", "zone            east", "a/task-0"] {
          #expect(text.contains(words))
        }
        let unknown = try bench.ringctl("worker", "show", "w2")
        #expect(unknown.exit == .code(1) && unknown.errors.contains("ringctl worker list"), "\(unknown.errors)")
      }
    }

    @Test func jobsThatEndedLongAgoArePruned() throws {
      try Workbench.run { bench in
        try bench.startDispatcher(settings: ["[controller]", "job_retention_ms = 1"])
        #expect(try bench.ringctl("submit", "a").exit == .code(0))
        #expect(try bench.ringctl("cancel", "a", "-m", "enough").exit == .code(0))
        try bench.wait("the job is pruned") {
          let pruned = try bench.ringctl("prune", "--json")
          #expect(pruned.exit == .code(0), "\(pruned.errors)")
          return try names(bench, "job_id", "jobs").isEmpty
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

    @Test func theVersionIsAnObjectToo() throws {
      try Workbench.run { bench in
        let plain = try bench.ringctl("--version").outputLines
        let told = try bench.ringctl("--version", "--json")
        #expect(told.exit == .code(0))
        #expect(try JSON(parsing: told.output)["version"].string == plain.first)
      }
    }

    /// Who may not read a file is not told that there is none, nor to remove what is another's.
    @Test(.enabled(if: geteuid() == 0))
    func whatIsForbiddenIsSaidToBe() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let journal = bench.path("journal")
        for arguments in [
          ["journal", "verify", "--journal", journal], ["journal", "dump", "--journal", journal],
          ["replay", "--journal", journal], ["history", "--database", bench.path("archive.sqlite")],
          ["query", "--database", bench.path("archive.sqlite"), "SELECT 1"],
          ["journal", "backup", "--journal", journal, bench.path("backup")],
          ["counters", "--instance", bench.instance],
        ] {
          let asked = try bench.run(
            "/usr/bin/setpriv",
            ["--reuid=65534", "--regid=65534", "--clear-groups", "\(Workbench.executables)/ringctl"] + arguments)
          #expect(asked.exit == .code(1))
          #expect(asked.errors.contains("may not read"), "\(arguments): \(asked.errors)")
        }
        let pages = bench.sharedMemory.filter { $0.hasSuffix(".counters") }
        for page in pages { chown("/dev/shm/\(page)", 65534, 65534) }
        defer { for page in pages { chown("/dev/shm/\(page)", 0, 0) } }
        let others = try bench.ringctl("counters", "--instance", bench.instance)
        #expect(others.exit == .code(2))
        #expect(others.errors.contains("run as that user") && !others.errors.contains("remove"), "\(others.errors)")
      }
    }

    @Test func aQueryKeepsItsTime() throws {
      try Workbench.run { bench in
        let journal = bench.path("journal")
        let database = bench.path("archive.sqlite")
        let dispatcher = try bench.startDispatcher(settings: ["[journal]", "directory = \"\(journal)\""])
        #expect(try bench.ringctl("submit", "a", "--cpu", "1").exit == .code(0))
        #expect(try bench.stop(dispatcher) == .code(0))
        let archive = try bench.run("ringmaster-archive", ["--journal", journal, "--database", database, "--once"])
        #expect(archive.exit == .code(0), "\(archive.errors)")
        for sql in ["SELECT zeroblob(100000000)", "SELECT hex(zeroblob(400000000))"] {
          let long = try bench.ringctl("query", "--database", database, sql)
          #expect(long.exit == .code(1) && long.errors.contains("longer than 67108864 bytes"), "\(long.errors)")
        }
        // SQLite does not look at the time in there.
        let call = "printf('%.*c', 2147483647, 'x')"
        let stuck = try bench.ringctl(
          "query", "--database", database, "--timeout", "50ms", "SELECT \(call), \(call), \(call), \(call), \(call)")
        #expect(stuck.exit == .code(1) && stuck.errors.contains("took longer than"), "\(stuck.errors)")
        // Each row is soon there, and takes its time to be taken.
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(100000) FROM n"
        let late = try bench.ringctl("query", "--json", "--database", database, "--timeout", "50ms", rows)
        #expect(late.exit == .code(1) && late.errors.contains("took longer than"), "\(late.errors)")
        let short = try bench.ringctl("query", "--json", "--database", database, "SELECT x'00ff' AS b")
        #expect(short.output == "{\"b\":\"00ff\"}\n")
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
