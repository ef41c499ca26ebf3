import Testing

/// Datagrams that are none of ours: each is counted by its fault, and nothing else happens.
extension EndToEndTests {
  @Suite struct BadDatagramTests {
    @Test func eachFaultHasItsCounterAndNothingStops() throws {
      try Workbench.run { bench in
        try bench.startDispatcher()
        let worker = try WorkerSocket(toPort: try bench.startUDPIngest().port)
        let handle = try worker.register("w").worker
        let wrong = Self.datagrams(handle)
        for (_, datagrams) in wrong {
          for datagram in datagrams { try worker.send(datagram) }
        }
        let count = wrong.values.reduce(0) { $0 + $1.count }
        let ingest = try bench.waitForCounter("datagrams_received", of: "ingest-udp", atLeast: 1 + count)
        for (counter, datagrams) in wrong {
          #expect(ingest[counter]?.int == datagrams.count, "\(counter)")
        }
        #expect(ingest["heartbeats_received"] == 0)
        #expect(ingest["registrations_received"] == 1)

        try worker.send(DatagramBytes.heartbeats([handle]))
        let dispatcher = try bench.waitForCounter("heartbeats_applied", of: "ringmasterd", atLeast: 1)
        #expect(dispatcher["records_malformed"] == 0)
        #expect(dispatcher["peers_quarantined"] == 0)
        #expect(dispatcher["transactions"] == 1)
        #expect(try worker.register("w").worker == handle)
        #expect(worker.receive(upToMs: 0) == nil, "an answer to a bad datagram")
      }
    }

    /// By the counter each belongs to.
    private static func datagrams(_ handle: UInt64) -> [String: [[UInt8]]] {
      let good = DatagramBytes.heartbeats([handle])
      let registration = DatagramBytes.registration(request: 1, name: "x")
      func replacing(_ offset: Int, _ bytes: [UInt8], in datagram: [UInt8]) -> [UInt8] {
        var changed = datagram
        changed.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        return changed
      }
      let name = 16 + 32
      return [
        "datagrams_bad_size": [
          [], [1], Array(good.prefix(15)), Array(good.dropLast()), good + [0],
          DatagramBytes.header(kind: DatagramBytes.heartbeatsKind, count: 2) + good[16...],
          Array(registration.dropLast()),
        ],
        "datagrams_bad_magic": [replacing(0, [0], in: good), replacing(0, [0], in: registration)],
        "datagrams_bad_version": [replacing(4, [0], in: good), replacing(4, [1], in: registration)],
        "datagrams_bad_kind": [
          replacing(5, [0], in: good), replacing(5, [255], in: good),
          // What an ingest says to workers.
          replacing(5, [DatagramBytes.unknownKind], in: good),
          DatagramBytes.header(kind: DatagramBytes.registeredKind, count: 1) + [UInt8](repeating: 0, count: 24),
        ],
        "datagrams_bad_count": [
          replacing(6, [0, 0], in: good), replacing(6, [153, 0], in: good),
          replacing(6, [2, 0], in: registration), DatagramBytes.header(kind: DatagramBytes.heartbeatsKind, count: 0),
        ],
        "datagrams_truncated": [
          DatagramBytes.heartbeats([UInt64](repeating: handle, count: DatagramBytes.mostHeartbeats + 1)),
          good + [UInt8](repeating: 0, count: 2048), [UInt8](repeating: 0x42, count: 9000),
        ],
        "datagrams_bad_registration": [
          DatagramBytes.registration(request: 1, name: ""), registration + [0],
          DatagramBytes.registration(request: 1, name: "#1.1"),
          DatagramBytes.registration(request: 1, name: "\u{1b}[2J"),
          DatagramBytes.registration(request: 1, name: "x", milliCPU: -1),
          DatagramBytes.registration(request: 1, name: "x", milliCPU: .max),
          // More memory and more kinds of devices than there may be.
          replacing(32, [UInt8](repeating: 0x7f, count: 8), in: registration), replacing(40, [255], in: registration),
          // Not UTF-8, and a name without its NUL.
          replacing(name, [0xc3, 0x28], in: registration),
          replacing(name, [UInt8](repeating: 0x61, count: 256), in: registration),
        ],
      ]
    }
  }
}
