import Testing

/// A fleet that falls silent at once, and an operator who knows better than the brake.
extension EndToEndTests {
  @Suite struct BrakeTests {
    private static let workers = 25
    private static let timeoutMs = 1000

    private func brakes(_ bench: Workbench) throws -> [JSON] {
      let status = try bench.ringctl("brake", "status", "--json")
      #expect(status.exit == .code(0), "\(status.errors)")
      return try status.outputLines.map { try JSON(parsing: $0) }
    }

    /// Registers a fleet that says nothing more.
    private func registerFleet(_ bench: Workbench, zone: String) throws {
      let lines = (0..<Self.workers).map {
        #"{"type":"WORKER_REGISTERED","worker_id":"\#(zone)-\#($0)","address":"h","metadata":{"cpu":4,"zone":"\#(zone)"}}"#
      }
      let ingest = try bench.run(
        "ringmaster-ingest",
        ["ndjson", "--socket", bench.socketPath, "--json", try bench.write(lines, to: "\(zone).ndjson")])
      #expect(ingest.exit == .code(0), "\(ingest.errors)")
    }

    @Test func anOperatorOverridesTheBrake() throws {
      try Workbench.run { bench in
        try bench.startDispatcher(workerTimeoutMs: Self.timeoutMs)
        let none = try bench.ringctl("brake", "status")
        #expect(none.exit == .code(0) && none.outputLines == ["no brake is engaged"])
        let early = try bench.ringctl("brake", "override", "-m", "x")
        #expect(early.exit == .code(1) && early.errors.contains("no brake is engaged"))
        let watch = try bench.startWatch(
          "--json", "--filter", "BRAKE_ENGAGED", "--filter", "BRAKE_OVERRIDDEN", "--filter", "BRAKE_RELEASED",
          "--filter",
          "WORKER_FAILED", "--filter", "JOB_CANCELLED")
        try registerFleet(bench, zone: "east")
        try bench.wait("the brake is on") { try !brakes(bench).isEmpty }
        let brake = try #require(try brakes(bench).first)
        #expect(brake["zone"] == "east" && brake["silent_workers"] == 25 && brake["workers"] == 25)
        #expect(brake["overridden"] == false && brake["expired_workers"] == 0)
        #expect(try bench.ringctl("brake").output.contains("east"))

        // Long after the timeout, all of them are still there.
        let registered = try workers(bench)
        #expect(registered.count == Self.workers)
        let first = registered.compactMap { $0["last_heartbeat_ms"].int }.min() ?? 0
        #expect(try bench.ringctl("submit", "job").exit == .code(0))
        try bench.wait("three timeouts have passed") { try now(bench) > first + 3 * Self.timeoutMs }
        #expect(try workers(bench).count == Self.workers)
        #expect(try bench.counters(of: "ringmasterd")["worker_failures"] == 0)
        let status = try JSON(parsing: bench.ringctl("status", "--json").output)
        #expect(status["brakes"].elements.map { $0["zone"] } == ["east"])
        #expect(try bench.ringctl("status").outputLines.contains { $0.hasPrefix("brake    engaged in east since ") })
        let waits = try JSON(parsing: bench.ringctl("explain", "job/task-0", "--json").output)["obstacle"]
        #expect(waits["kind"] == "brake_engaged" && waits["zone"] == "east")

        let override = try bench.ringctl("brake", "override", "-m", "the hall burnt down", "--json")
        #expect(override.exit == .code(0), "\(override.errors)")
        let transaction = try JSON(parsing: override.output)
        #expect(transaction["outcome"] == "applied" && transaction["event"]["zone"] == "east")
        #expect(transaction["event"]["type"] == "BRAKE_OVERRIDDEN")
        #expect(transaction["event"]["reason"] == "the hall burnt down")
        try bench.waitForCounter("worker_failures", of: "ringmasterd", atLeast: Self.workers)
        #expect(try workers(bench) == [])
        try bench.wait("the brake is released") { try brakes(bench).isEmpty }

        var seen: [JSON] = []
        try bench.wait("the watch shows it all") {
          seen = try watch.outputLines.map { try JSON(parsing: $0) }.filter { $0["event"]["type"] != "JOB_CANCELLED" }
          return seen.last?["event"]["type"] == "BRAKE_RELEASED"
        }
        let kinds = seen.compactMap { $0["event"]["type"].string }
        let lost = Array(repeating: "WORKER_FAILED", count: Self.workers)
        #expect(kinds == ["BRAKE_ENGAGED", "BRAKE_OVERRIDDEN"] + lost + ["BRAKE_RELEASED"])
        #expect(seen[1]["txn"] == transaction["txn"])
        let explained = try JSON(parsing: bench.ringctl("explain", "east-7", "--json").output)
        #expect(explained["present"] == .null)
        #expect(explained["steps"].elements.compactMap { $0["event"]["timeout_ms"].int } == [Self.timeoutMs])
      }
    }

    @Test func anOverrideMeansOneBrake() throws {
      try Workbench.run { bench in
        try bench.startDispatcher(workerTimeoutMs: Self.timeoutMs)
        try registerFleet(bench, zone: "east")
        try registerFleet(bench, zone: "west")
        try bench.wait("both brakes are on") { try brakes(bench).count == 2 }
        let ambiguous = try bench.ringctl("brake", "override", "-m", "x")
        #expect(ambiguous.exit == .code(1) && ambiguous.output == "")
        #expect(ambiguous.errors.contains("east, west") && ambiguous.errors.contains("--zone"))
        let elsewhere = try bench.ringctl("brake", "override", "--zone", "north", "-m", "x", "--json")
        #expect(elsewhere.exit == .code(0))
        #expect(try JSON(parsing: elsewhere.output)["outcome"] == "ignored")
        #expect(try bench.ringctl("brake", "override", "--zone", "west", "-m", "x").exit == .code(0))
        try bench.wait("the west is lost") { try workers(bench).count == Self.workers }
        #expect(try workers(bench).allSatisfy { $0["worker_id"].string?.hasPrefix("east") == true })
        #expect(try brakes(bench).contains { $0["zone"] == "east" && $0["overridden"] == false })
        #expect(try bench.ringctl("brake", "override").exit == .code(64))
      }
    }

    private func workers(_ bench: Workbench) throws -> [JSON] {
      try bench.ringctl("workers", "--json").outputLines.map { try JSON(parsing: $0) }
    }

    /// The controller's clock.
    private func now(_ bench: Workbench) throws -> Int {
      try JSON(parsing: bench.ringctl("explain", "job", "--json").output)["now_ms"].int ?? 0
    }
  }
}
