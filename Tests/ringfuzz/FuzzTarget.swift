#if Fuzz
  import CRingmaster
  import Dispatcher
  import DispatcherSimulator
  import EventCodec
  import EventJSON
  import EventModel
  import Ingest

  /// What somebody else can send.
  enum FuzzTarget: String, CaseIterable {
    case handshake
    case records
    case requests
    case datagrams
    case ndjson

    /// - Parameter probe: makes a dispatcher.
    func take(_ bytes: [UInt8], _ probe: () throws -> DispatcherProbe) throws {
      switch self {
      case .handshake:
        let probe = try probe()
        for message in bytes.pieces(of: MemoryLayout<rm_attach_request>.size) { try probe.greet(message) }
        try probe.restart()
      case .records, .requests:
        guard let first = bytes.first, let role = PeerRole(rawValue: UInt32(first) % 3 + RM_ROLE_INGEST) else { return }
        let probe = try probe()
        try probe.attach(role)
        var heads = bytes.dropFirst().pieces(of: MemoryLayout<rm_event_head>.size).map(Self.head)
        if self == .requests {
          for index in heads.indices where UInt32(heads[index].kind) < RM_KIND_QUERY {
            heads[index].kind = UInt8(RM_KIND_QUERY) + heads[index].kind % 8
          }
        }
        try probe.publish(slots: heads)
        try probe.restart()
      case .datagrams:
        try bytes.withUnsafeBytes { bytes in
          guard let datagram = try? Datagram.decode(bytes) else { return }
          let again = datagram.encoded
          try again.withUnsafeBytes { again in
            let decoded = try Datagram.decode(again)
            precondition(decoded.encoded.elementsEqual(again), "encoded, it is another datagram")
          }
        }
      case .ndjson:
        let probe = try probe()
        let decoder = EventJSONDecoder()
        var reader = NDJSONReader<Event> { line throws(EventJSONError) in try decoder.event(from: line) }
        var events: [Event] = []
        reader.read(bytes) { line in if case .success(let event) = line.result { events.append(event) } }
        reader.finish { line in if case .success(let event) = line.result { events.append(event) } }
        for event in events { try probe.publish(event) }
        try probe.restart()
      }
    }

    private static func head(_ bytes: [UInt8]) -> rm_event_head {
      let whole = bytes + [UInt8](repeating: 0, count: MemoryLayout<rm_event_head>.size - bytes.count)
      return whole.withUnsafeBytes { $0.loadUnaligned(as: rm_event_head.self) }
    }

    /// Inputs to begin with.
    func seeds() throws -> [[UInt8]] {
      let events: [Event] = [
        .workerRegistered("w3", address: "b", metadata: WorkerMetadata(milliCPU: 1000)), .workerHeartbeat(.name("w1")),
        .workerFailed(.name("w1"), error: "gone"), .jobSubmitted("j2", request: JobRequest()),
        .jobCancelled(.name("j1"), reason: "enough"), .prune(nowMs: 5),
      ]
      switch self {
      case .handshake:
        var request = rm_attach_request()
        request.magic = RM_CONTROL_MAGIC
        request.abi_version = RM_ABI_VERSION
        request.type = RM_CONTROL_ATTACH
        request.role = RM_ROLE_CONTROL
        request.submission_capacity = 64
        request.result_capacity = 1024
        var again = request
        again.resumed_peer = 1
        again.last_transaction = .max
        return [request, again].map { withUnsafeBytes(of: $0) { [UInt8]($0) } }
      case .records, .requests:
        var writer = RecordWriter()
        var seeds = try events.map { [1] + [UInt8](try writer.encode($0)) }
        for kind in RM_KIND_QUERY..<RM_KIND_QUERY + 8 {
          var head = rm_event_head()
          (head.kind, head.slots, head.subject, head.extra) = (UInt8(kind), 1, 1, 100)
          seeds.append([0] + withUnsafeBytes(of: head) { [UInt8]($0) })
        }
        return seeds
      case .datagrams:
        let registration = Datagram.Registration(
          request: 1, name: "w1", address: "10.0.0.1:1", incarnation: "a", milliCPU: 4000)
        let handle = WorkerHandle(rawValue: 1 << 32 | 1)
        return [
          Datagram.register(registration).encoded,
          Datagram.registered(Datagram.Acknowledgement(request: 1, worker: handle)).encoded,
          Datagram.bytes { Datagram.encodeHeartbeats([handle, handle], into: $0) },
          Datagram.bytes { Datagram.encodeUnknown([handle], into: $0) },
        ]
      case .ndjson: return events.map { [UInt8](($0.json.text + "\n").utf8) }
      }
    }
  }

  extension Datagram {
    fileprivate static func bytes(_ encode: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
      [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, count in
        count = encode(UnsafeMutableRawBufferPointer(buffer))
      }
    }

    fileprivate var encoded: [UInt8] {
      Self.bytes { buffer in
        switch self {
        case .heartbeats(let workers): Self.encodeHeartbeats(workers, into: buffer)
        case .unknown(let workers): Self.encodeUnknown(workers, into: buffer)
        case .register(let registration): Self.encode(registration, into: buffer)
        case .registered(let answer): Self.encode(answer, into: buffer)
        }
      }
    }
  }

  extension Collection<UInt8> where Index == Int {
    fileprivate func pieces(of size: Int) -> [[UInt8]] {
      stride(from: startIndex, to: endIndex, by: size).map { [UInt8](self[$0..<Swift.min($0 + size, endIndex)]) }
    }
  }
#endif
