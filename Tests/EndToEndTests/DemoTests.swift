import Glibc
import Testing

/// `ringctl demo`: the one command of the README.
extension EndToEndTests {
  @Suite struct DemoTests {
    private static let small = ["demo", "--workers", "20", "--tasks", "40", "--interval", "200ms"]
    private static let storyLimit = Duration.seconds(40)

    /// Two at the same time: they share nothing.
    @Test func tellsItsStoryToProgramsAndToPeople() throws {
      try Workbench.run { bench in
        let forPrograms = try bench.start("ringctl", Self.small + ["--json", "--duration", "4s"])
        let forPeople = try bench.start("ringctl", Self.small)
        #expect(try bench.waitForExit(forPrograms, upTo: Self.storyLimit) == .code(0), "\(forPrograms.errors)")
        #expect(try bench.waitForExit(forPeople, upTo: Self.storyLimit) == .code(0), "\(forPeople.errors)")
        checkReport(forPrograms)
        checkStory(forPeople)
        for demo in [forPrograms, forPeople] { checkNothingIsLeft(of: demo, bench) }
      }
    }

    private func checkReport(_ demo: ChildProcess) {
      #expect(demo.outputLines.count == 1)
      #expect(demo.errors == "")
      guard let report = try? JSON(parsing: demo.output), !report.members.isEmpty else {
        Issue.record("not one JSON object: \(demo.output)")
        return
      }
      #expect(report["workers_registered"] == 20)
      #expect(report["lost"] == 0)
      #expect(report["worker_failures"] == 1)
      #expect(report["ring_full"] == 0)
      #expect(report["jobs"] == ["batch": "SUCCEEDED", "program": "SUCCEEDED", "service": "KILLED"])
      #expect(report["ok"] == true)
      // 19 of the workers beat five times a second for four seconds: half of that on a machine that is busy otherwise.
      #expect(report["heartbeats_received"].int ?? 0 >= 19 * 4 * 5 / 2)
      #expect(report["duration_s"].double ?? 0 >= 4)
      #expect(report["heartbeats_received"] == report["heartbeats_sent"])
      // Those that the first dispatcher had applied and not given back when it was killed, the second one found again.
      let applied = (report["heartbeats_applied"].int ?? 0) - (report["heartbeats_repeated"].int ?? 0)
      #expect(applied == report["heartbeats_sent"].int)
      #expect(report["promise"] == "durable")
      #expect(report["archived"].int ?? 0 >= report["transactions"].int ?? .max)
      #expect(report["recovery_ms"].double ?? 0 > 0)
      #expect(report["tasks_requeued"].int ?? 0 >= 1)
      // Registrations, two jobs, a loss, a cancellation, and for each task of the short job its placement, start and end.
      #expect(report["transactions"].int ?? 0 >= 20 + 4 + 40 * 3)
      let timeoutMs = report["worker_timeout_ms"].double ?? .nan
      #expect(timeoutMs == 2000)
      // The last heartbeat was sent up to one interval before the worker was killed.
      #expect(report["detection_ms"].double ?? 0 >= timeoutMs - 200 - 1)
    }

    private func checkStory(_ demo: ChildProcess) {
      #expect(demo.rawOutput.allSatisfy { $0 >= 0x20 || $0 == 0x0a }, "control codes in \(demo.output)")
      #expect(demo.errors == "")
      #expect(demo.outputLines.count { $0.contains(" WORKER_FAILED ") } == 1)
      #expect(demo.output.contains("task_requeued"))
      #expect(demo.output.contains("20 workers registered over UDP"))
      #expect(demo.output.contains("took over from its journal"))
      #expect(demo.outputLines.last == "The whole story happened.")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func aSignalInTheMiddleEndsEverything(number: Int32) throws {
      try Workbench.run { bench in
        let demo = try bench.start("ringctl", Self.small)
        try bench.wait("workers are registered") { demo.output.contains("workers registered over UDP") }
        #expect(processes(of: bench) >= 3)
        demo.signal(number)
        let exit = try bench.waitForExit(demo)
        #expect(exit != .code(0))
        #expect(demo.errors.contains("interrupted"))
        #expect(!demo.output.contains("The whole story happened."))
        checkNothingIsLeft(of: demo, bench)
      }
    }

    /// Nobody is left to remove its folder and its rings but the next demo.
    @Test func itsProcessesEndWithItHoweverItEnds() throws {
      try Workbench.run { bench in
        let demo = try bench.start("ringctl", Self.small)
        try bench.wait("workers are registered") { demo.output.contains("workers registered over UDP") }
        #expect(processes(of: bench) >= 3)
        #expect(try bench.stop(demo, SIGKILL) == .signal(SIGKILL))
        try bench.wait("no process is left") { processes(of: bench) == 0 }
        let next = try bench.start("ringctl", Self.small)
        try bench.wait("the next demo runs") { next.output.contains("workers registered over UDP") }
        #expect(Workbench.sharedMemory(of: "demo-\(demo.pid)") == [])
        #expect(Folder.names(in: bench.folder).allSatisfy { $0.contains("-\(next.pid).") })
        next.signal(SIGINT)
        _ = try bench.waitForExit(next)
        checkNothingIsLeft(of: next, bench)
      }
    }

    @Test func aStoryThatDidNotHappenIsNotTold() throws {
      try Workbench.run { bench in
        let demo = try bench.start("ringctl", Self.small + ["--json", "--duration", "60s"])
        var dispatcher: pid_t?
        try bench.wait("its dispatcher counts heartbeats") {
          let pages = try bench.ringctl("counters", "--json", "--instance", "demo-\(demo.pid)")
          for page in try pages.outputLines.map({ try JSON(parsing: $0) }) where page["process"] == "ringmasterd" {
            if page["counters"]["heartbeats_applied"].int ?? 0 > 0 { dispatcher = page["pid"].int.map { pid_t($0) } }
          }
          return dispatcher != nil
        }
        kill(try #require(dispatcher), SIGKILL)
        #expect(try bench.waitForExit(demo) == .code(1))
        #expect(demo.outputLines.count == 1)
        #expect(try JSON(parsing: demo.output)["ok"] == false)
        #expect(demo.errors.contains("ringmasterd"), "\(demo.errors)")
        checkNothingIsLeft(of: demo, bench)
      }
    }

    @Test func refusesWhatItCannotShow() throws {
      try Workbench.run { bench in
        for wrong in [["--workers", "1"], ["--workers", "no"], ["--interval", "5"], ["--tasks", "0"]] {
          let demo = try bench.run("ringctl", ["demo"] + wrong)
          #expect(demo.exit == .code(64), "\(wrong)")
          #expect(demo.errors.contains(wrong[0]), "\(wrong)")
        }
      }
    }

    @Test func isAProgramBesideRingctl() throws {
      try Workbench.run { bench in
        let help = try bench.run("ringctl", ["demo", "--help"])
        #expect(help.exit == .code(0) && help.output.contains("--keep-logs"), "\(help.output)\(help.errors)")
        let copy = try bench.run("/bin/cp", ["\(Workbench.executables)/ringctl", bench.folder])
        #expect(copy.exit == .code(0), "\(copy.errors)")
        let alone = try bench.run(bench.path("ringctl"), Self.small)
        #expect(alone.exit == .code(1) && alone.output == "")
        #expect(alone.errorLines.count == 1 && alone.errors.contains(bench.path("ringmaster-demo")), "\(alone.errors)")
      }
    }

    private func checkNothingIsLeft(of demo: ChildProcess, _ bench: Workbench) {
      #expect(Workbench.sharedMemory(of: "demo-\(demo.pid)") == [])
      #expect(Folder.names(in: bench.folder) == [], "folders left")
      #expect(processes(of: bench) == 0)
    }

    /// Processes started with the demo's folder in their arguments: dispatcher, ingest and fleet.
    private func processes(of bench: Workbench) -> Int {
      Folder.names(in: "/proc").filter { Int($0) != nil }.count { pid in
        let file = open("/proc/\(pid)/cmdline", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = read(file, &bytes, bytes.count)
        return count > 0 && String(decoding: bytes[..<count], as: UTF8.self).contains(bench.folder)
      }
    }
  }
}
