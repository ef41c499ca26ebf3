import Glibc
import Testing

/// `ringmasterd` as a process: its socket, its end, and those who come after it.
extension EndToEndTests {
  @Suite struct DispatcherProcessTests {
    @Test(arguments: [SIGTERM, SIGINT]) func bindsItsSocketAndStopsInOrder(number: Int32) throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        var info = stat()
        #expect(lstat(bench.socketPath, &info) == 0 && info.st_mode & S_IFMT == S_IFSOCK)
        #expect(info.st_mode & 0o007 == 0, "others may not connect")
        #expect(try bench.ringctl("status").exit == .code(0))
        #expect(try bench.stop(dispatcher, number) == .code(0))
        #expect(bench.sharedMemory == [])
        #expect(dispatcher.output == "")
      }
    }

    /// What was accepted before the signal is handled after it, and its results go out.
    @Test func drainsTheRingsBeforeItEnds() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        let ingest = try bench.startUDPIngest()
        let worker = try WorkerSocket(toPort: ingest.port)
        let count: UInt64 = 20
        try dispatcher.freeze()
        for request in 1...count {
          try worker.send(DatagramBytes.registration(request: request, name: "w-\(request)"))
        }
        try bench.waitForCounter("registrations_received", of: "ingest-udp", atLeast: Int(count))
        dispatcher.signal(SIGTERM)
        dispatcher.signal(SIGCONT)
        #expect(try bench.waitForExit(dispatcher) == .code(0))
        var answered: Set<UInt64> = []
        for _ in 1...count {
          let answer = try DatagramBytes.Registered(#require(worker.receive()))
          #expect(answer.worker != 0)
          answered.insert(answer.request)
        }
        #expect(answered == Set(1...count))
        #expect(try bench.waitForExit(ingest.process) == .code(1))
        #expect(ingest.process.errors.contains("the dispatcher is gone"))
      }
    }

    @Test(arguments: [true, false]) func aSecondOneIsRefusedAndTheFirstGoesOn(sharesSocket: Bool) throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let second = try bench.run(
          "ringmasterd",
          [
            "--socket", sharesSocket ? bench.socketPath : bench.path("other.sock"),
            "--instance", sharesSocket ? "\(bench.instance)-second" : bench.instance,
          ])
        #expect(second.exit != .code(0))
        #expect(second.errorLines.count == 1, "\(second.errors)")
        #expect(second.errors.contains("another dispatcher"), "\(second.errors)")
        #expect(Workbench.sharedMemory(of: "\(bench.instance)-second") == [])
        let status = try bench.ringctl("status", "--json")
        #expect(status.exit == .code(0))
        #expect(try JSON(parsing: status.output)["alive"] == true)
      }
    }

    /// A dispatcher that was killed leaves its socket and its shared memory; the next one takes both over.
    @Test func startsAfterOneThatWasKilled() throws {
      try Workbench.run { bench in
        let first = try bench.startDispatcher()
        let watch = try bench.startWatch("--json")
        #expect(try bench.stop(first, SIGKILL) == .signal(SIGKILL))
        #expect(try bench.waitForExit(watch) == .code(2))
        var info = stat()
        #expect(lstat(bench.socketPath, &info) == 0)
        let stale = bench.rings
        #expect(!stale.isEmpty)
        #expect(try bench.ringctl("status").exit == .code(2))
        let dead = try bench.ringctl("counters", "--json", "--instance", bench.instance)
        #expect(try JSON(parsing: dead.outputLines.first ?? "")["alive"] == false)

        let second = try bench.startDispatcher()
        try bench.wait("the rings of those it served are removed") {
          second.errors.contains("removed \(stale.count) rings of an earlier run")
        }
        #expect(bench.rings == [])
        try bench.publish(#"{"type":"WORKER_REGISTERED","worker_id":"w1","address":"w1:1","metadata":{"cpu":1}}"#)
        let status = try JSON(parsing: bench.ringctl("status", "--json").output)
        #expect(status["workers"] == 1)
        #expect(try bench.stop(second) == .code(0))
        #expect(bench.sharedMemory == [])
      }
    }

    /// A peer takes two descriptors: a usual limit is raised as far as may be, and one that is too low is named.
    @Test(arguments: [(soft: 200, hard: 4000), (soft: 200, hard: 300)])
    func opensAsManyFilesAsItMay(soft: Int, hard: Int) throws {
      try Workbench.run { bench in
        let dispatcher = try bench.start(
          "/bin/sh",
          [
            "-c", "ulimit -Sn \(soft) && ulimit -Hn \(hard) && exec \"$@\"", "sh",
            "\(Workbench.executables)/ringmasterd", "--socket", bench.socketPath, "--instance", bench.instance,
          ])
        try bench.wait("it listens") { dispatcher.errors.contains("listening") }
        let limits = try String(contentsOfFile: "/proc/\(dispatcher.pid)/limits", encoding: .utf8)
        let line = limits.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        #expect(line?.split(separator: " ").filter { Int($0) != nil } == ["\(hard)", "\(hard)"])
        #expect(try bench.stop(dispatcher) == .code(0))
        #expect(dispatcher.errors.contains("too few open files are allowed") == (hard == 300), "\(dispatcher.errors)")
      }
    }

    @Test(arguments: ["", "a.b", "../a", "a b", String(repeating: "x", count: 65)])
    func refusesAnInstanceThatCannotNameSharedMemory(name: String) throws {
      try Workbench.run { bench in
        let dispatcher = try bench.run("ringmasterd", ["--socket", bench.socketPath, "--instance", name])
        #expect(dispatcher.exit != .code(0))
        #expect(dispatcher.errorLines.count == 1, "\(dispatcher.errors)")
        #expect(dispatcher.errors.contains("instance name"), "\(dispatcher.errors)")
        #expect(access(bench.socketPath, F_OK) != 0)
      }
    }

    @Test func refusesASocketPathItCannotUse() throws {
      try Workbench.run { bench in
        try bench.write(["precious"], to: "file")
        let wrong = ["file", "no/such/folder.sock", String(repeating: "x", count: 120)]
        for path in wrong.map({ bench.path($0) }) {
          let dispatcher = try bench.run("ringmasterd", ["--socket", path, "--instance", bench.instance])
          #expect(dispatcher.exit != .code(0))
          #expect(dispatcher.errorLines.count == 1, "\(dispatcher.errors)")
          #expect(dispatcher.errors.contains(path))
          #expect(bench.sharedMemory == [])
        }
        #expect(access(bench.path("file"), F_OK) == 0)
      }
    }
  }
}
