import Glibc
import Testing

/// A dispatcher that did not run for longer than workers may be silent blames none of them.
extension EndToEndTests {
  @Suite struct StalledDispatcherTests {
    private struct Scale {
      var workers = 300
      var workerTimeoutMs = 2000
      var frozen = Duration.milliseconds(3000)

      /// What the project promises: ten thousand workers, half a minute.
      static let full = Scale(workers: 10_000, workerTimeoutMs: 10_000, frozen: .seconds(30))
    }

    /// Workers that are well: each is heard of some ten times in the span that it may be silent.
    private struct Fleet {
      private static let unanswered = 64
      let socket: WorkerSocket
      private let periodMs: Int
      private(set) var handles: [UInt64] = []
      private var next = ContinuousClock.now
      /// The longest that they were silent.
      private(set) var longestSilence = Duration.zero

      init(_ count: Int, timeoutMs: Int, _ socket: WorkerSocket) throws {
        self.socket = socket
        periodMs = timeoutMs / 10
        var asked = 0
        while handles.count < count {
          while asked < count, asked - handles.count < Self.unanswered {
            try socket.send(DatagramBytes.registration(request: UInt64(asked), name: "w\(asked)"))
            asked += 1
          }
          guard let answer = socket.receive() else { throw InVain(what: "w\(asked) is known", limit: .seconds(15)) }
          handles.append(try DatagramBytes.Registered(answer).worker)
          try beat()
        }
      }

      /// Sends a heartbeat of each when it is time.
      mutating func beat() throws {
        let now = ContinuousClock.now
        guard now >= next else { return }
        longestSilence = max(longestSilence, now - next + .milliseconds(periodMs))
        next = now + .milliseconds(periodMs)
        for start in stride(from: 0, to: handles.count, by: DatagramBytes.mostHeartbeats) {
          let end = min(start + DatagramBytes.mostHeartbeats, handles.count)
          try socket.send(DatagramBytes.heartbeats(Array(handles[start..<end])))
        }
      }

      mutating func removeLast() { handles.removeLast() }
    }

    @Test func nobodyIsLostWhileItStandsStill() throws { try freeze(Scale()) }

    @Test(.enabled(if: getenv("RINGMASTER_SOAK").map { String(cString: $0) } == "1"))
    func tenThousandWorkersAndHalfAMinute() throws { try freeze(.full) }

    /// Who brings in the heartbeats hangs: that is not the workers' silence.
    @Test func nobodyIsLostWhileTheIngestStandsStill() throws {
      try Workbench.run { bench in
        let timeoutMs = 1500
        let dispatcher = try bench.startDispatcher(
          settings: ["[liveness]", "worker_timeout_ms = \(timeoutMs)", "[brake]", "minimum_workers = 1000000"])
        let (ingest, port) = try bench.startUDPIngest()
        var fleet = try Fleet(10, timeoutMs: timeoutMs, try WorkerSocket(toPort: port))
        try ingest.freeze()
        let start = ContinuousClock.now
        try bench.wait("it stood still for longer than workers may, and the log has it") {
          try fleet.beat()
          return ContinuousClock.now - start > .milliseconds(2 * timeoutMs)
            && dispatcher.errors.contains("an ingest is silent")
            && dispatcher.errors.contains("ingest-udp: all that came")
        }
        ingest.signal(SIGCONT)
        let heard = try bench.counters(of: "ringmasterd")["heartbeats_applied"]?.int ?? 0
        try bench.wait("it is back, and all are heard") {
          try fleet.beat()
          return try dispatcher.errors.contains("an ingest is back")
            && bench.counters(of: "ringmasterd")["heartbeats_applied"]?.int ?? 0 > heard + 30
        }
        #expect(try bench.counters(of: "ringmasterd")["worker_failures"] == 0)
      }
    }

    private func freeze(_ scale: Scale) throws {
      try Workbench.run { bench in
        // Without the brake, which would hold back the loss of them all.
        let dispatcher = try bench.startDispatcher(
          settings: [
            "[liveness]", "worker_timeout_ms = \(scale.workerTimeoutMs)", "[brake]", "minimum_workers = 1000000",
          ])
        let socket = try WorkerSocket(toPort: try bench.startUDPIngest().port)
        var fleet = try Fleet(scale.workers, timeoutMs: scale.workerTimeoutMs, socket)
        let watch = try bench.startWatch("--json", "--filter", "CONTROLLER_STALLED", "--filter", "JOB_CANCELLED")
        func heartbeats() throws -> Int {
          try bench.counters(of: "ringmasterd")["heartbeats_applied"]?.int ?? 0
        }
        let before = try heartbeats()
        try bench.wait("all were heard of") {
          try fleet.beat()
          return try heartbeats() >= before + 2 * scale.workers
        }

        try dispatcher.freeze()
        let start = ContinuousClock.now
        try bench.wait("it stood still for \(scale.frozen)", upTo: scale.frozen * 2) {
          try fleet.beat()
          return ContinuousClock.now - start >= scale.frozen
        }
        let frozenMs = Int((ContinuousClock.now - start) / .milliseconds(1))
        dispatcher.signal(SIGCONT)
        func longStalls() throws -> [Int] {
          try watch.outputLines.map { try JSON(parsing: $0) }.filter { $0["event"]["type"] == "CONTROLLER_STALLED" }
            .compactMap { $0["event"]["stalled_ms"].int }.filter { $0 >= frozenMs }
        }
        let after = try heartbeats()
        let resumed = ContinuousClock.now
        try bench.wait("all were heard of again, for longer than they may be silent") {
          try fleet.beat()
          return try heartbeats() >= after + 2 * scale.workers && !longStalls().isEmpty
            && ContinuousClock.now - resumed > .milliseconds(scale.workerTimeoutMs * 3 / 2)
        }
        // On a machine that let the workers themselves stand still for so long, they would be lost with good reason.
        let counters = try bench.counters(of: "ringmasterd")
        #expect(
          counters["worker_failures"] == 0 || fleet.longestSilence > .milliseconds(scale.workerTimeoutMs / 2),
          "the workers were silent for \(fleet.longestSilence)")
        let stalls = try longStalls()
        #expect(stalls.count == 1, "\(watch.output)")
        #expect(stalls[0] < frozenMs + scale.workerTimeoutMs)

        // A worker that is silent indeed is lost.
        fleet.removeLast()
        try bench.wait("the silent one is lost") {
          try fleet.beat()
          return try bench.counters(of: "ringmasterd")["worker_failures"]?.int ?? 0 >= 1
        }
      }
    }
  }
}
