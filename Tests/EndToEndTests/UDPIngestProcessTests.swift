import Glibc
import Testing

/// Workers that speak UDP to `ringmaster-ingest udp`.
extension EndToEndTests {
  @Suite struct UDPIngestProcessTests {
    private static let ingest = "ingest-udp"

    @Test func aRegistrationIsAnsweredWithAHandle() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let worker = try WorkerSocket(toPort: try bench.startUDPIngest().port)
        let first = try worker.register("w-1", request: 0xfedc_ba98_7654_3210, milliCPU: 2500)
        #expect(first.request == 0xfedc_ba98_7654_3210)
        #expect(first.worker != 0)
        #expect(first.reason == 0)
        let again = try worker.register("w-1", request: 2, milliCPU: 2500)
        #expect(again.request == 2)
        #expect(again.worker == first.worker)
        let other = try worker.register("w-2", address: "rack7:99", incarnation: "boot-1")
        #expect(other.worker != first.worker)
        let same = try worker.register("w-2", address: "rack7:99", incarnation: "boot-1")
        #expect(same.worker == other.worker)

        let rows = try bench.ringctl("workers", "--json").outputLines.map { try JSON(parsing: $0) }
        #expect(rows.count == 2)
        #expect(rows.map { $0["worker_id"] } == ["w-1", "w-2"])
        #expect(rows.map { $0["handle"].string } == [first.workerText, other.workerText])
        #expect(rows.map { $0["address"] } == [.string("127.0.0.1:\(worker.port)"), "rack7:99"])
        #expect(rows.map { $0["cpu"] } == [.number(2.5), 8])

        // A new life of the same worker: what the old one still says is refused.
        let reborn = try worker.register("w-2", address: "rack7:99", incarnation: "boot-2")
        #expect(reborn.worker != 0)
        #expect(reborn.worker != other.worker)
        try worker.send(DatagramBytes.heartbeats([other.worker]))
        #expect(try DatagramBytes.unknownHandles(#require(worker.receive())) == [other.worker])
      }
    }

    @Test func heartbeatsOneOrManyInADatagramAreApplied() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let worker = try WorkerSocket(toPort: try bench.startUDPIngest().port)
        let handles = try (0..<3).map { try worker.register("w-\($0)").worker }
        try worker.send(DatagramBytes.heartbeats([handles[0]]))
        try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: 1)
        try worker.send(DatagramBytes.heartbeats((0..<DatagramBytes.mostHeartbeats).map { handles[$0 % 3] }))
        let dispatcher = try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: 153)
        #expect(dispatcher["heartbeats_applied"] == 153)
        #expect(dispatcher["heartbeats_refused"] == 0)
        #expect(dispatcher["transactions"] == 3)
        let ingest = try bench.counters(of: Self.ingest)
        #expect(ingest["datagrams_received"] == 5)
        #expect(ingest["heartbeats_received"] == 153)
        #expect(ingest["heartbeats_published"] == 153)
        #expect(ingest["registrations_acknowledged"] == 3)
      }
    }

    @Test func aHandleThatNamesNobodyIsSentBack() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let worker = try WorkerSocket(toPort: try bench.startUDPIngest().port)
        let known = try worker.register("w").worker
        let stale = known &+ 1 << 32
        let never: UInt64 = 1 << 32 | 4095
        try worker.send(DatagramBytes.heartbeats([stale, known, never]))
        var unknown: Set<UInt64> = []
        while unknown.count < 2, let datagram = worker.receive() {
          unknown.formUnion(try DatagramBytes.unknownHandles(datagram))
        }
        #expect(unknown == [stale, never])
        let dispatcher = try bench.waitForCounter("heartbeats_refused", of: "ringmasterd", atLeast: 2)
        #expect(dispatcher["heartbeats_applied"] == 1)
        #expect(dispatcher["heartbeats_refused"] == 2)
        #expect(dispatcher["peers_quarantined"] == 0)
      }
    }

    @Test func aWorkerThatStopsIsLostAndMustRegisterAgain() throws {
      try Workbench.run { bench in
        try bench.startDispatcher(workerTimeoutMs: 1500)
        let watch = try bench.startWatch("--json", "--filter", "WORKER_FAILED", "--filter", "JOB_CANCELLED")
        let socket = try WorkerSocket(toPort: try bench.startUDPIngest().port)
        let alive = try socket.register("alive").worker
        let silent = try socket.register("silent").worker
        func losses() throws -> [JSON] {
          try watch.outputLines.map { try JSON(parsing: $0) }.filter { $0["event"]["type"] == "WORKER_FAILED" }
        }
        try bench.wait("the silent worker is lost") {
          try socket.send(DatagramBytes.heartbeats([alive]))
          return try !losses().isEmpty
        }
        let loss = try losses()[0]
        #expect(loss["entity"] == "silent")
        #expect(loss["outcome"] == "applied")
        #expect(loss["actions"].elements.map { $0["action"] } == ["worker_failed", "worker_pruned"])

        try socket.send(DatagramBytes.heartbeats([silent]))
        #expect(try DatagramBytes.unknownHandles(#require(socket.receive())) == [silent])
        let again = try socket.register("silent").worker
        #expect(again != 0)
        #expect(again != silent)
        try socket.send(DatagramBytes.heartbeats([again, alive]))
        let counters = try bench.counters(of: "ringmasterd")
        #expect(counters["worker_failures"] == 1)
        #expect(counters["heartbeats_refused"] == 1)
      }
    }

    /// While the dispatcher stands still, the ring fills: every heartbeat is applied or counted.
    @Test func heartbeatsThatFindNoRoomAreCounted() throws {
      try Workbench.run { bench in
        let dispatcher = try bench.startDispatcher()
        let worker = try WorkerSocket(toPort: try bench.startUDPIngest("--ring-capacity", "64").port)
        let handle = try worker.register("w").worker
        try dispatcher.freeze()
        let full = DatagramBytes.heartbeats([UInt64](repeating: handle, count: DatagramBytes.mostHeartbeats))
        try worker.send(full)
        try worker.send(full)
        let stopped = try bench.waitForCounter("heartbeats_shed", of: Self.ingest, atLeast: 304 - 64)
        #expect(stopped["heartbeats_received"] == 304)
        #expect(stopped["ring_full"]?.int ?? 0 >= 1)
        dispatcher.signal(SIGCONT)
        try worker.send(DatagramBytes.heartbeats([handle]))
        var published = 0
        try bench.wait("each heartbeat is published or shed") {
          let ingest = try bench.counters(of: Self.ingest)
          published = ingest["heartbeats_published"]?.int ?? 0
          return published + (ingest["heartbeats_shed"]?.int ?? 0) == 305
        }
        let applied = try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: published)
        #expect(applied["heartbeats_applied"]?.int == published)
      }
    }

    @Test func itSaysWhenItListensToOtherMachines() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let options = ["udp", "--instance", bench.instance, "--name"]
        let open = try bench.start("ringmaster-ingest", options + ["open", "--listen", "0.0.0.0:0"])
        try bench.wait("it says so") { open.errors.contains("an ingest listens to other machines") }
        let closed = try bench.startUDPIngest("--name", "closed").process
        #expect(!closed.errors.contains("listens to other machines"))
        #expect(try bench.run("ringmaster-ingest", ["udp", "--help"]).output.contains("default: 127.0.0.1:7400"))
      }
    }

    @Test func itStopsInOrderAndSaysWhenItCannotStart() throws {
      try Workbench.run { bench in
        let homeless = try bench.run(
          "ringmaster-ingest", ["udp", "--listen", "127.0.0.1:0", "--socket", bench.socketPath])
        #expect(homeless.exit == .code(1))
        #expect(homeless.errors.contains(bench.socketPath))
        let dispatcher = try bench.startDispatcher()
        let ingest = try bench.startUDPIngest()
        let taken = try bench.run(
          "ringmaster-ingest",
          ["udp", "--listen", "127.0.0.1:\(ingest.port)", "--socket", bench.socketPath, "--instance", bench.instance])
        #expect(taken.exit == .code(1))
        #expect(taken.errors.contains("\(ingest.port)"), "\(taken.errors)")
        #expect(try bench.stop(ingest.process) == .code(0))
        #expect(try bench.counters(of: Self.ingest).isEmpty)
        try bench.waitForCounter("peers_detached", of: "ringmasterd", atLeast: 1)
        #expect(try bench.stop(dispatcher) == .code(0))
      }
    }
  }
}
