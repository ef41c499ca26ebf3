import Glibc
import Testing

/// `ringctl` against a live dispatcher: what a user types and what a program reads.
extension EndToEndTests {
  @Suite struct RingctlTests {
    /// Two workers of 4 cpus; job a of three tasks, the first done and the second running; job b that fits nowhere.
    private func tellStory(_ bench: Workbench) throws {
      try bench.publish(
        #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"h1:1","metadata":{"cpu":4}}"#,
        #"{"type":"WORKER_REGISTERED","worker_id":"w2","address":"h2:1","metadata":{"cpu":4}}"#)
      #expect(try bench.ringctl("submit", "a", "--replicas", "3", "--owner", "ann").exit == .code(0))
      #expect(try bench.ringctl("submit", "b", "--cpu", "64.5", "--parent", "a").exit == .code(0))
      try bench.wait("the tasks of a are placed") { try tasks(bench, "--state", "ASSIGNED").count == 3 }
      try bench.publish(
        #"{"type":"TASK_STATE_CHANGED","task_id":"a/task-0","attempt_id":0,"new_state":"RUNNING"}"#,
        #"{"type":"TASK_STATE_CHANGED","task_id":"a/task-0","attempt_id":0,"new_state":"SUCCEEDED","exit_code":0}"#,
        #"{"type":"TASK_STATE_CHANGED","task_id":"a/task-1","attempt_id":0,"new_state":"RUNNING"}"#)
    }

    /// Its name may be another job's by the time that it is looked for.
    @Test func whoWaitsForAJobDoesNotFollowItsSuccessor() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let submit = try bench.start("ringctl", ["submit", "j", "--wait"])
        try bench.wait("it is submitted") { submit.output.contains("job_submitted j") }
        submit.signal(SIGSTOP)
        #expect(try bench.ringctl("cancel", "j", "-m", "wrong data").exit == .code(0))
        #expect(try bench.ringctl("submit", "j", "--if-exists", "replace_finished").exit == .code(0))
        submit.signal(SIGCONT)
        #expect(try bench.waitForExit(submit) == .code(1))
        #expect(submit.errors.contains("job j is no longer known: it was pruned or replaced"), "\(submit.errors)")
      }
    }

    /// A refusal that is not the record's fault says whose it is.
    @Test func aRefusedSubmissionSaysWhatToLookAt() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let kinds = (1...12).flatMap { ["--device", "kind\($0)=1"] }
        #expect(try bench.run("ringctl", ["submit", "all"] + kinds).exit == .code(0))
        let more = try bench.ringctl("submit", "more", "--device", "another=1")
        #expect(more.exit == .code(1) && more.errors.contains("more than 12 kinds of devices"), "\(more.errors)")
        let orphan = try bench.ringctl("submit", "orphan", "--parent", "nobody")
        #expect(orphan.errors == "ringctl: JOB_SUBMITTED was rejected: unknown_job: its parent is not known\n")
        #expect(try bench.ringctl("submit", "low", "--priority", "-100").exit == .code(0))
        // Another program than was meant would run.
        let ringctl = "\(Workbench.executables)/ringctl"
        let bytes = try bench.run("/bin/sh", ["-c", "exec \(ringctl) submit bytes -- \"$(printf 'a\\377')\""])
        #expect(bytes.exit == .code(64) && bytes.errors == "ringctl: argument 4: expected UTF-8, got other bytes\n")
      }
    }

    @Test func theStoryIsShownToProgramsAndToPeople() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try tellStory(bench)

        let status = try JSON(parsing: bench.ringctl("status", "--json").output)
        #expect(status["alive"] == true)
        #expect(status["workers"] == 2)
        #expect(status["cpu"] == 8)
        #expect(status["committed_cpu"] == 2)
        #expect(status["queue_length"] == 1)
        #expect(status["jobs"]["RUNNING"] == 1)
        #expect(status["jobs"]["PENDING"] == 1)
        #expect(status["tasks"]["SUCCEEDED"] == 1)
        #expect(status["tasks"]["RUNNING"] == 1)
        #expect(status["tasks"]["ASSIGNED"] == 1)
        #expect(status["tasks"]["PENDING"] == 1)
        #expect(status["counters"]["placements"] == 3)
        #expect(status["peers"].elements.map { $0["name"] } == ["ringctl status"])

        let jobs = try objects(bench, "jobs")
        #expect(jobs.map { $0["job_id"] } == ["a", "b"])
        #expect(jobs.map { $0["state"] } == ["RUNNING", "PENDING"])
        #expect(jobs.map { $0["tasks"] } == [3, 1])
        #expect(jobs.map { $0["owner"] } == ["ann", .null])
        #expect(jobs.map { $0["parent"] } == [.null, "a"])
        #expect(jobs.map { $0["cpu"] } == [1, .number(64.5)])
        let tasks = try tasks(bench, "--job", "a")
        #expect(tasks.map { $0["task_id"] } == ["a/task-0", "a/task-1", "a/task-2"])
        #expect(tasks.map { $0["state"] } == ["SUCCEEDED", "RUNNING", "ASSIGNED"])
        #expect(tasks.map { $0["exit_code"] } == [0, .null, .null])
        #expect(try self.tasks(bench).count == 4)
        let workers = try objects(bench, "workers")
        #expect(workers.map { $0["worker_id"] } == ["w1", "w2"])
        #expect(workers.reduce(0) { $0 + ($1["running_tasks"].int ?? 0) } == 2)

        for command in [["status"], ["workers"], ["jobs"], ["tasks"], ["counters", "--instance", bench.instance]] {
          let plain = try bench.run("ringctl", command)
          #expect(plain.exit == .code(0))
          #expect(plain.errors == "")
          #expect(!plain.rawOutput.contains(0x1b), "colours in a pipe: \(command)")
          #expect(!plain.output.hasPrefix("{"))
        }
        #expect(try bench.ringctl("status").output.contains("dispatcher alive"))
        #expect(try bench.ringctl("workers").outputLines.count { $0.hasPrefix("w") } == 2)
        #expect(try bench.ringctl("jobs").outputLines.contains { $0.hasPrefix("a ") && $0.contains("RUNNING") })
        #expect(try bench.ringctl("tasks").outputLines.contains { $0.hasPrefix("b/task-0 ") && $0.contains("PENDING") })
        #expect(try bench.ringctl("counters", "--instance", bench.instance).output.contains("heartbeats_applied"))
      }
    }

    @Test func anEmptyClusterIsShownToo() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        for list in ["workers", "jobs", "tasks"] {
          let objects = try bench.ringctl(list, "--json")
          #expect(objects.exit == .code(0))
          #expect(objects.output == "")
          let table = try bench.ringctl(list)
          #expect(table.exit == .code(0))
          #expect(table.outputLines.count == 1)
        }
      }
    }

    @Test func aJobIsSubmittedOnce() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let first = try bench.ringctl("submit", "nightly", "--replicas", "2", "--json")
        #expect(first.exit == .code(0))
        #expect(first.errors == "")
        let applied = try JSON(parsing: first.output)
        #expect(applied["outcome"] == "applied")
        #expect(applied["event"]["type"] == "JOB_SUBMITTED")
        #expect(applied["entity"] == "nightly")
        #expect(applied["actions"].elements.map { $0["action"] } == ["task_created", "task_created", "job_submitted"])
        #expect(["volatile", "accepted", "durable"].contains(applied["promise"]))

        let second = try bench.ringctl("submit", "nightly", "--json")
        #expect(second.exit == .code(1))
        #expect(second.errorLines.count == 1)
        #expect(second.errors.contains("duplicate_job"))
        let rejected = try JSON(parsing: second.output)
        #expect(rejected["outcome"] == "rejected")
        #expect(rejected["reason"] == "duplicate_job")
        #expect(rejected["actions"] == [])
        #expect((rejected["txn"].int ?? 0) > (applied["txn"].int ?? .max - 1))

        let plain = try bench.ringctl("submit", "nightly")
        #expect(plain.exit == .code(1))
        #expect(plain.output.contains("rejected: duplicate_job"))

        let huge = try bench.ringctl("submit", "huge", "--replicas", "10001", "--json")
        #expect(huge.exit == .code(1))
        #expect(try JSON(parsing: huge.output)["actions"][0]["action"] == "job_validation_failed")
        #expect(try objects(bench, "jobs").map { $0["state"] } == ["PENDING", "FAILED"])
      }
    }

    @Test func aJobIsCancelledWithItsDescendants() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try tellStory(bench)
        let cancel = try bench.ringctl("cancel", "a", "-m", "no longer needed", "--json")
        #expect(cancel.exit == .code(0))
        let transaction = try JSON(parsing: cancel.output)
        #expect(transaction["outcome"] == "applied")
        let actions = transaction["actions"].elements.map {
          "\($0["action"].string ?? "") \($0["entity"].string ?? "")"
        }
        #expect(
          actions == [
            "task_state_changed a/task-1", "task_unassigned a/task-1", "task_state_changed a/task-2",
            "task_unassigned a/task-2", "job_cancelled a", "task_state_changed b/task-0", "job_cancelled b",
          ])
        let kills = transaction["tasks_to_kill"].elements.compactMap { $0["task"].string }
        #expect(Set(kills) == ["a/task-1", "a/task-2"])
        #expect(try objects(bench, "jobs").map { $0["state"] } == ["KILLED", "KILLED"])
        #expect(try objects(bench, "jobs")[0]["error"] == "no longer needed")
        #expect(try tasks(bench, "--job", "a").map { $0["state"] } == ["SUCCEEDED", "KILLED", "KILLED"])

        let again = try bench.ringctl("cancel", "a", "-m", "again")
        #expect(again.exit == .code(0))
        #expect(again.output.contains("ignored"))
        let unknown = try bench.ringctl("cancel", "nobody", "-m", "x", "--json")
        #expect(unknown.exit == .code(1))
        #expect(unknown.errorLines.count == 1)
        #expect(try JSON(parsing: unknown.output)["reason"] == "unknown_job")
      }
    }

    @Test func submitWaitsForTheEnd() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let ends = try bench.start("ringctl", ["submit", "late", "--scheduling-timeout", "100ms", "--wait", "--json"])
        #expect(try bench.waitForExit(ends) == .code(1))
        #expect(ends.outputLines.count == 2)
        #expect(try JSON(parsing: ends.outputLines[1])["state"] == "UNSCHEDULABLE")
        #expect(ends.errors.contains("UNSCHEDULABLE"))
      }
    }

    @Test func wrongUsageIsSaid() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let wrong = [
          ["cancel", "a"], ["cancel", "-m", "x"], ["submit"], ["submit", "a", "--replicas", "many"],
          ["submit", "a", "--cpu", "-1"], ["submit", "a", "--scheduling-timeout", "5"], ["tasks", "--state", "HAPPY"],
          ["watch", "--filter", "NO_SUCH_EVENT"], ["dance"], ["status", "--no-such-option"],
        ]
        for arguments in wrong {
          let ringctl = try bench.run("ringctl", arguments)
          #expect(ringctl.exit == .code(64), "\(arguments)")
          #expect(ringctl.errors.contains("Usage:"), "\(arguments)")
          #expect(ringctl.output == "", "\(arguments)")
        }
        #expect(try objects(bench, "jobs") == [])
      }
    }

    @Test func withoutADispatcherItSaysWhatToDo() throws {
      try Workbench.run { bench in
        let commands = [
          ["status"], ["workers"], ["jobs"], ["tasks"], ["submit", "a"], ["cancel", "a", "-m", "x"], ["watch"],
          ["explain", "a"], ["brake"], ["dead-letters", "list"], ["dead-letters", "drop", "1", "-m", "x"],
        ]
        for command in commands {
          for arguments in [command, command + ["--json"]] {
            let ringctl = try bench.run("ringctl", arguments)
            #expect(ringctl.exit == .code(2), "\(arguments)")
            #expect(ringctl.output == "", "\(arguments)")
            #expect(ringctl.errorLines.count == 1, "\(ringctl.errors)")
            #expect(ringctl.errors.contains("ringmasterd --socket \(bench.socketPath)"), "\(ringctl.errors)")
          }
        }
        let elsewhere = try bench.ringctl("status", "--socket", bench.path("elsewhere"))
        #expect(elsewhere.errors.contains(bench.path("elsewhere")))
        let counters = try bench.ringctl("counters", "--instance", bench.instance)
        #expect(counters.exit == .code(2))
        #expect(counters.errors.contains(bench.instance))
      }
    }

    /// A dispatcher that hangs is told from one that is not there, and its counters can be read all the same.
    @Test func aDispatcherThatHangsIsNoticed() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        #expect(try bench.ringctl("submit", "j").exit == .code(0))
        try dispatcher.freeze()
        let status = try bench.ringctl("status", "--json")
        #expect(status.exit == .code(2))
        #expect(status.output == "")
        #expect(status.errorLines.count == 1)
        #expect(status.errors.contains("ringctl counters"), "\(status.errors)")
        #expect(try bench.counters(of: "ringmasterd")["transactions"] == 1)
        dispatcher.signal(SIGCONT)
        #expect(try bench.ringctl("status").exit == .code(0))
      }
    }

    /// The simulated fleet runs the job: assignments by its result ring, heartbeats by UDP.
    @Test func aFleetRunsWhatIsSubmitted() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let ingest = try bench.startUDPIngest()
        // The end of its input would end it.
        let commands = try Pipe()
        defer { commands.closeBoth() }
        let fleet = try bench.start(
          "ringmaster-demo",
          [
            "fleet", "--socket", bench.socketPath, "--workers", "3", "--interval", "100ms", "--ingest",
            "127.0.0.1:\(ingest.port)",
            "--task-duration-min", "10ms", "--task-duration-max", "50ms",
          ], input: .descriptor(commands.reader))
        let submit = try bench.start("ringctl", ["submit", "j", "--replicas", "6", "--wait", "--json"])
        #expect(try bench.waitForExit(submit) == .code(0), "\(submit.errors)")
        #expect(submit.outputLines.count == 2)
        let job = try JSON(parsing: submit.outputLines[1])
        #expect(job["state"] == "SUCCEEDED")
        #expect(job["tasks_by_state"]["SUCCEEDED"] == 6)
        try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: 3)
        #expect(try bench.stop(fleet) == .code(0), "\(fleet.errors)")
      }
    }

    @Test(arguments: ["", "#1.1", String(repeating: "x", count: 256)]) func aNameThatCannotBeUsedIsRefused(
      name: String
    ) throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let submit = try bench.ringctl("submit", "--json", name)
        #expect(submit.exit == .code(1))
        #expect(submit.errorLines.count == 1)
        #expect(submit.errors.contains("name") || submit.errors.contains("bytes"), "\(submit.errors)")
        #expect(try objects(bench, "jobs") == [])
        #expect(try bench.ringctl("submit", String(repeating: "x", count: 255)).exit == .code(0))
      }
    }

    private func objects(_ bench: Workbench, _ list: String) throws -> [JSON] {
      let list = try bench.ringctl(list, "--json")
      #expect(list.exit == .code(0), "\(list.errors)")
      return try list.outputLines.map { try JSON(parsing: $0) }
    }

    private func tasks(_ bench: Workbench, _ options: String...) throws -> [JSON] {
      try bench.run("ringctl", ["tasks", "--json"] + options).outputLines.map { try JSON(parsing: $0) }
    }
  }
}
