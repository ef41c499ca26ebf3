import Glibc
import Testing

/// `ringctl explain` against a live dispatcher.
extension EndToEndTests {
  @Suite struct ExplainTests {
    private func explain(_ bench: Workbench, _ arguments: String...) throws -> JSON {
      let ringctl = try bench.run("ringctl", ["explain", "--json"] + arguments)
      #expect(ringctl.exit == .code(0), "\(ringctl.errors)")
      #expect(ringctl.outputLines.count == 1)
      return try JSON(parsing: ringctl.output)
    }

    /// One worker of 4 cpus that is lost with a running task, another one that takes it over; job big fits nowhere.
    private func tellStory(_ bench: Workbench) throws {
      try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"h1:1","metadata":{"cpu":4}}"#)
      #expect(try bench.ringctl("submit", "train", "-m", "nightly run").exit == .code(0))
      try bench.wait("the task is placed") { try bench.ringctl("tasks").output.contains("ASSIGNED") }
      try bench.publish(
        #"{"type":"TASK_STATE_CHANGED","task_id":"train/task-0","attempt_id":0,"new_state":"RUNNING"}"#,
        #"{"type":"WORKER_FAILED","worker_id":"w1","error":"disk"}"#)
    }

    @Test func aChainLeadsFromThePresentBackToTheEvents() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try tellStory(bench)
        let task = try explain(bench, "train/task-0")
        #expect(task["kind"] == "task" && task["entity"] == "train/task-0" && task["reach"] == "creation")
        #expect(task["present"]["state"] == "PENDING")
        #expect(task["obstacle"]["kind"] == "no_workers")
        #expect(task["budgets"]["preemptions"]["used"] == 1)
        #expect(task["budgets"]["preemptions"]["left"] == 99)
        #expect(task["budgets"]["deliveries"]["limit"] == 20)
        #expect(task["attempts"].elements.map { $0["state"] } == ["WORKER_FAILED"])
        let steps = task["steps"].elements
        #expect(steps.first?["action"] == "task_requeued")
        // From the newest step back, by its causes, to the event that began it.
        var chain: [String] = []
        var next: Int? = 0
        while let index = next {
          chain.append(steps[index]["action"].string ?? steps[index]["event"]["type"].string ?? "?")
          next = steps[index]["cause_step"].int
        }
        #expect(chain == ["task_requeued", "task_state_changed", "worker_failed", "WORKER_FAILED"])
        #expect(
          steps.compactMap { $0["event"]["type"].string } == [
            "WORKER_FAILED", "TASK_STATE_CHANGED", "TASK_ASSIGNED", "JOB_SUBMITTED",
          ])

        let tree = try bench.ringctl("explain", "train/task-0")
        #expect(tree.exit == .code(0) && tree.errors == "")
        #expect(!tree.rawOutput.contains(0x1b))
        let lines = tree.outputLines
        #expect(lines[0] == "task train/task-0 PENDING: disk" || lines[0] == "task train/task-0 PENDING")
        #expect(lines[1] == "  waits: no worker is registered")
        #expect(lines.contains("  preemptions 1 used of 100, 99 left"))
        let effect = try #require(lines.firstIndex { $0.hasPrefix("task_requeued train/task-0") })
        #expect(lines[effect + 2] == "└ task_state_changed train/task-0 RUNNING → PENDING attempt 0 on w1")
        #expect(lines[effect + 3] == "  └ worker_failed w1")
        #expect(lines[effect + 4].hasPrefix("    └ #5 WORKER_FAILED w1 (disk) from peer "))
        #expect(lines[effect + 4].contains("Z, ") && lines[effect + 4].hasSuffix(" ago"))
        #expect(lines.last == "that is how it began")

        let list = try bench.ringctl("explain", "train/task-0", "--newest-first").outputLines
        let moments = list.compactMap { $0.contains("Z, ") && $0.contains(" #") ? $0.prefix(24) : nil }
        #expect(moments.count == steps.count)
        #expect(moments == moments.sorted(by: >))

        // Who is gone is found by name.
        let worker = try explain(bench, "w1")
        #expect(worker["kind"] == "worker" && worker["present"] == .null && worker["reach"] == "creation")
        #expect(try bench.ringctl("explain", "w1").output.contains("is gone"))
        let job = try explain(bench, "train")
        #expect(job["kind"] == "job" && job["present"]["state"] == "RUNNING" && job["budgets"] == .null)
      }
    }

    /// The cause lies more transactions back than the dispatcher keeps in memory.
    @Test func whatTheDispatcherForgotIsReadFromTheArchive() throws {
      try Workbench.run { bench in
        let (journal, database) = (bench.path("journal"), bench.path("archive.sqlite"))
        try bench.startDispatcher(settings: ["[journal]", "directory = \"\(journal)\""])
        try tellStory(bench)
        #expect(try bench.ringctl("submit", "other").exit == .code(0))
        let noise = (0..<1100).map {
          #"{"type":"WORKER_REGISTERED","worker_id":"n\#($0)","address":"h1:1","metadata":{"cpu":0}}"#
        }
        let ingest = try bench.run("ringmaster-ingest", ["ndjson", "--json", try bench.write(noise, to: "noise")])
        #expect(ingest.exit == .code(0), "\(ingest.errors)")
        let archive = ["--journal", journal, "--database", database, "--once"]
        let none = try bench.ringctl("explain", "train/task-0", "--database", database)
        #expect(none.exit == .code(0))
        #expect(none.outputLines.last?.contains("no archive can be read at \(database)") == true, "\(none.output)")

        #expect(try bench.run("ringmaster-archive", archive).exit == .code(0))
        let task = try explain(bench, "train/task-0", "--database", database)
        #expect(task["reach"] == "creation" && task["archive"]["first_step"] == 0)
        #expect(
          task["steps"].elements.compactMap { $0["event"]["type"].string } == [
            "WORKER_FAILED", "TASK_STATE_CHANGED", "TASK_ASSIGNED", "JOB_SUBMITTED",
          ])
        // One chain from both: its end is in memory, its beginning is not.
        #expect(try bench.ringctl("cancel", "train", "-m", "enough").exit == .code(0))
        let both = try explain(bench, "train/task-0", "--database", database)
        let first = try #require(both["archive"]["first_step"].int)
        let steps = both["steps"].elements
        #expect(first > 0 && steps[first - 1]["event"]["type"] == "JOB_CANCELLED")
        #expect(steps[first]["cause_step"].int ?? 0 > first)
        let tree = try bench.ringctl("explain", "train/task-0", "--database", database).outputLines
        #expect(tree.contains("from the archive:") && tree.last == "that is how it began")

        // A worker that is gone and forgotten.
        let worker = try bench.ringctl("explain", "w1", "--worker", "--database", database)
        #expect(worker.output.contains("is gone: only the archive tells of it"), "\(worker.output)\(worker.errors)")
        let nobody = try bench.ringctl("explain", "nobody", "--database", database)
        #expect(nobody.exit == .code(1) && nobody.errors.contains("or to the archive"))
      }
    }

    @Test func aTaskThatWaitsSaysForWhat() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try bench.publish(
          #"{"type":"WORKER_REGISTERED","worker_id":"small","address":"h","metadata":{"cpu":1}}"#,
          #"{"type":"WORKER_REGISTERED","worker_id":"large","address":"h","metadata":{"cpu":4}}"#)
        #expect(try bench.ringctl("submit", "huge", "--cpu", "6.5").exit == .code(0))
        let obstacle = try explain(bench, "huge/task-0")["obstacle"]
        #expect(obstacle["kind"] == "too_large" && obstacle["missing"] == "cpu")
        #expect(obstacle["needed"] == .number(6.5) && obstacle["free"] == .number(4))
        #expect(obstacle["largest_worker"] == "large" && obstacle["workers_considered"] == 2)
        let line = try bench.ringctl("explain", "huge/task-0").outputLines[1]
        #expect(line == "  waits: too large: no worker that it may use has 6.5 cpus: large has 4, the most of 2")
        let patient = try bench.ringctl("submit", "patient", "--cpu", "9", "--scheduling-timeout", "1h", "--json")
        let submittedMs = try #require(try JSON(parsing: patient.output)["timestamp_ms"].int)
        let deadline = try explain(bench, "patient/task-0")["budgets"]["scheduling_deadline_ms"]
        #expect(deadline == .number(Double(submittedMs + 3_600_000)))
        #expect(try bench.ringctl("explain", "patient/task-0").outputLines[2].hasPrefix("  waits until 2"))
        #expect(try bench.ringctl("submit", "gang", "--gang", "--replicas", "4", "--cpu", "2").exit == .code(0))
        let gang = try explain(bench, "gang/task-3")["obstacle"]
        #expect(gang["kind"] == "gang_too_large" && gang["missing_members"] == 2)
        #expect(try explain(bench, "gang")["obstacle"] == gang)
        #expect(
          try bench.ringctl("explain", "huge").outputLines.contains {
            $0.hasPrefix("  waits: too large: no worker that it may use has 6.5")
          })
        #expect(try bench.ringctl("submit", "busy", "--cpu", "4").exit == .code(0))
        try bench.wait("the task is placed") { try bench.ringctl("tasks", "--job", "busy").output.contains("ASSIGNED") }
        #expect(try bench.ringctl("submit", "later", "--cpu", "3.5").exit == .code(0))
        let passing = try bench.ringctl("explain", "later").outputLines
        #expect(passing.contains("  waits: no capacity: no worker has 3.5 cpus free: small has 1, the most of 2"))
      }
    }

    /// What a task waits for ends at a time, and what is over for the controller may not be over on its worker.
    @Test func whatIsNotOverIsShownWithItsEnd() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try bench.publish(
          #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"h","metadata":{"cpu":4,"confirms_stops":true}}"#)
        let retried = ["submit", "tried", "--max-retries-failure", "1", "--retry-delay", "1h", "--priority", "-7"]
        #expect(try bench.run("ringctl", retried + ["--scheduling-timeout", "2h"]).exit == .code(0))
        #expect(try bench.ringctl("submit", "cut").exit == .code(0))
        try bench.wait("both are placed") { try bench.ringctl("tasks", "--state", "ASSIGNED").outputLines.count == 3 }
        try bench.publish(
          #"{"type":"TASK_STATE_CHANGED","task_id":"tried/task-0","attempt_id":0,"new_state":"FAILED","exit_code":137,"end_reason":"oom"}"#
        )
        let retryMs = try #require(try explain(bench, "tried/task-0")["present"]["retry_ms"].int)
        let tried = try bench.ringctl("explain", "tried/task-0").outputLines
        #expect(tried[1].hasPrefix("  waits: it is tried again after its failure number 1 at 2"), "\(tried)")
        #expect(tried.contains { $0.hasPrefix("  attempt 0 FAILED") && $0.hasSuffix("exit code 137, oom") }, "\(tried)")
        let report = "TASK_STATE_CHANGED tried/task-0 (attempt 0 FAILED, exit code 137, oom)"
        #expect(tried.contains { $0.contains(report) }, "\(tried)")
        #expect(!tried.contains { $0.hasPrefix("  waits until") }, "a retry has no deadline")
        #expect(try explain(bench, "tried")["obstacle"]["until_ms"] == .number(Double(retryMs)))

        #expect(try bench.ringctl("worker", "drain", "w1", "--grace", "1h", "-m", "new disk").exit == .code(0))
        #expect(try bench.ringctl("cancel", "cut", "-m", "enough").exit == .code(0))
        let cut = try bench.ringctl("explain", "cut/task-0").outputLines
        #expect(cut.contains { $0.hasSuffix(", its process may still run: enough") }, "\(cut)")
        #expect(try bench.ringctl("tasks", "--job", "cut").outputLines[1].contains("KILLED, stops"))
        #expect(try bench.ringctl("workers").outputLines[1].contains("0, 1 stop "))
        let user = String(cString: getpwuid(geteuid()).pointee.pw_name)
        let worker = try bench.ringctl("explain", "w1").outputLines
        #expect(worker[0].hasSuffix("committed to 0 tasks and 1 that stop"), "\(worker)")
        #expect(worker.contains { $0.hasPrefix("  draining by \(user): new disk, its tasks end at 2") }, "\(worker)")
        let again = try bench.ringctl("submit", "cut", "--if-exists", "replace_finished")
        #expect(again.exit == .code(1) && again.errors.contains("processes of it may still run"), "\(again.errors)")
        #expect(try bench.ringctl("submit", "next").exit == .code(0))
        let next = try bench.ringctl("explain", "next/task-0").outputLines[1]
        #expect(next == "  waits: worker w1, which has room, is drained by \(user): new disk")
        try bench.publish(
          #"{"type":"JOB_SUBMITTED","job_id":"patient","request":{"scheduling_timeout_ms":253402300799999}}"#)
        let patient = try bench.ringctl("explain", "patient/task-0").outputLines
        #expect(patient.contains { $0.hasPrefix("  waits until 10") && $0.contains("Z, in ") }, "\(patient)")
      }
    }

    @Test func memoryAndDevicesAreShown() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try bench.publish(
          #"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"h","metadata":{"cpu":4,"memory_bytes":4294967296,"devices":{"gpu":3,"nic":1}}}"#
        )
        let submitted = ["submit", "held", "--memory", "1.5G", "--device", "gpu=2", "--device", "nic=1"]
        #expect(try bench.run("ringctl", submitted).exit == .code(0))
        try bench.wait("the task is placed") { try bench.ringctl("tasks").output.contains("ASSIGNED") }
        let worker = try JSON(parsing: bench.ringctl("workers", "--json").output)
        #expect(worker["memory_bytes"] == 4_294_967_296 && worker["committed_memory_bytes"] == 1_610_612_736)
        #expect(worker["devices"]["gpu"] == 3 && worker["committed_devices"]["gpu"] == 2)
        let workers = try bench.ringctl("workers").outputLines
        #expect(workers[1].contains("1.5 GiB of 4 GiB  gpu 2 of 3, nic 1 of 1"), "\(workers)")
        #expect(try bench.ringctl("jobs").output.contains("1 cpus, 1.5 GiB, gpu 2, nic 1"))
        let status = try bench.ringctl("status").output
        #expect(
          status.contains("1 of 4 cpus, 1.5 GiB of 4 GiB of memory, 2 of 3 of gpu, 1 of 1 of nic committed"),
          "\(status)")
        #expect(try bench.ringctl("submit", "waits", "--device", "gpu=2").exit == .code(0))
        let line = try bench.ringctl("explain", "waits/task-0").outputLines[1]
        #expect(
          line == "  waits: no capacity: no worker that has the rest has 2 of gpu free: w1 has 1, the most of 1")
        let refused = try bench.ringctl("submit", "typo", "--device", "gpu")
        #expect(refused.exit == .code(64) && refused.errors.contains("gpu"), "\(refused.errors)")
      }
    }

    /// The log in memory is bounded: what has left it is not made up.
    @Test func whatTheLogDoesNotReachIsSaid() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"w","address":"h","metadata":{"cpu":4}}"#)
        #expect(try bench.ringctl("submit", "old", "--cpu", "9").exit == .code(0))
        let heartbeats = Array(repeating: #"{"type":"WORKER_HEARTBEAT","worker_id":"w"}"#, count: 1100)
        let ingest = try bench.run(
          "ringmaster-ingest",
          ["ndjson", "--socket", bench.socketPath, try bench.write(heartbeats, to: "heartbeats.ndjson")])
        #expect(ingest.exit == .code(0), "\(ingest.errors)")
        let task = try explain(bench, "old/task-0")
        #expect(task["reach"] == "log" && task["steps"] == [] && task["present"]["state"] == "PENDING")
        let first = try #require(task["log_first_txn"].int)
        #expect(first > 2)
        let text = try bench.ringctl("explain", "old/task-0").outputLines
        #expect(
          text.last?.hasPrefix(
            "what was before is not known: the transaction log in memory begins at #\(first)") == true)
      }
    }

    @Test func namesAndHandlesMeanOneThing() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"twin","address":"h","metadata":{"cpu":4}}"#)
        #expect(try bench.ringctl("submit", "twin").exit == .code(0))
        for name in ["twin", "#0.1"] {
          let ambiguous = try bench.ringctl("explain", name, "--json")
          #expect(ambiguous.exit == .code(1) && ambiguous.output == "")
          #expect(ambiguous.errorLines.count == 1)
          #expect(ambiguous.errors.contains("ambiguous") && ambiguous.errors.contains("--job, --worker"))
          #expect(try explain(bench, name, "--job")["kind"] == "job")
          #expect(try explain(bench, name, "--worker")["entity"] == "twin")
        }
        #expect(try explain(bench, "#0.1", "--task")["entity"] == "twin/task-0")
        for unknown in ["nobody", "twin/task-7", "#4.9", "#", "#a.b", "#1.0"] {
          let ringctl = try bench.ringctl("explain", unknown)
          #expect(ringctl.exit == .code(1) && ringctl.output == "", "\(unknown)")
          #expect(ringctl.errorLines.count == 1 && ringctl.errors.contains("no task, job or worker"), "\(unknown)")
        }
      }
    }
  }
}
