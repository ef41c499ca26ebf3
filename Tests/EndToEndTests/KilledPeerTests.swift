import Glibc
import Testing

/// Peers that die with no time to say so.
extension EndToEndTests {
  @Suite struct KilledPeerTests {
    @Test func aClientKilledWhilePublishingIsForgotten() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        #expect(bench.rings == [])
        let line = #"{"type":"WORKER_REGISTERED","worker_id":"w","address":"h:1","metadata":{"cpu":4}}"#
        let pipe = try Pipe()
        let endless = try bench.start("/usr/bin/yes", [line], output: pipe.writer)
        let client = try bench.start(
          "ringmaster-ingest", ["ndjson", "--socket", bench.socketPath], input: .descriptor(pipe.reader))
        pipe.closeBoth()
        try bench.waitForCounter("events_received", of: "ringmasterd", atLeast: 2000)
        #expect(bench.rings.count == 2)
        let before = try bench.counters(of: "ringmasterd")["peers_detached"]?.int ?? 0
        #expect(try bench.stop(client, SIGKILL) == .signal(SIGKILL))
        #expect(try bench.waitForExit(endless) == .signal(SIGPIPE))

        let counters = try bench.waitForCounter("peers_detached", of: "ringmasterd", atLeast: before + 1)
        #expect(counters["peers_quarantined"] == 0)
        #expect(counters["records_malformed"] == 0)
        #expect(counters["events_applied"] == counters["events_received"], "each that arrived was handled")
        #expect(counters["transactions"] == counters["events_applied"])
        try bench.wait("its rings are removed") { bench.rings == [] }
        let status = try JSON(parsing: bench.ringctl("status", "--json").output)
        #expect(status["workers"] == 1)
        #expect(status["peers"].elements.count == 1)
        #expect(try bench.ringctl("submit", "j").exit == .code(0))
      }
    }

    /// Another one takes the place of an ingest that was killed, its counters too.
    @Test func anIngestThatWasKilledIsReplaced() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let first = try bench.startUDPIngest()
        let handle = try WorkerSocket(toPort: first.port).register("w").worker
        #expect(try bench.stop(first.process, SIGKILL) == .signal(SIGKILL))
        try bench.wait("its rings are removed") { bench.rings == [] }

        let second = try bench.startUDPIngest()
        let worker = try WorkerSocket(toPort: second.port)
        #expect(try worker.register("w").worker == handle)
        try worker.send(DatagramBytes.heartbeats([handle]))
        try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: 1)
        let counters = try bench.counters(of: "ingest-udp")
        #expect(counters["heartbeats_received"] == 1)
        #expect(counters["registrations_received"] == 1)
      }
    }

    @Test func aReaderThatStandsStillHoldsNobodyUp() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let watch = try bench.startWatch("--json", "--filter", "JOB_SUBMITTED", "--filter", "JOB_CANCELLED")
        try watch.freeze()
        // More than its ring and what may wait for it hold together.
        let count = 40_000
        let address = String(repeating: "a", count: 250)
        let line = #"{"type":"WORKER_REGISTERED","worker_id":"w","address":"\#(address)","metadata":{"cpu":4}}"#
        let file = try bench.write([String](repeating: line, count: count), to: "many")
        let ingest = try bench.start("ringmaster-ingest", ["ndjson", "--socket", bench.socketPath, "--json", file])
        #expect(try bench.waitForExit(ingest, upTo: .seconds(40)) == .code(0))
        #expect(try JSON(parsing: ingest.output)["applied"] == .number(Double(count)))
        watch.signal(SIGCONT)
        try bench.wait("the reader hears what it missed") { watch.output.contains(#"{"overrun":{"from":"#) }
        #expect(try bench.ringctl("submit", "after").exit == .code(0))
        try bench.wait("the reader goes on") { watch.output.contains("JOB_SUBMITTED") }
        #expect(watch.exit == nil)
      }
    }
  }
}
