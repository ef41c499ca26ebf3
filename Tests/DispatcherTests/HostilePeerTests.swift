import CRingmaster
import Dispatcher
import EventCodec
import EventModel
import Foundation
import Platform
import RawPeers
import RingmasterClient
import Testing

@Suite("Peers that break the protocol", .serialized)
struct HostilePeerTests {
  /// A dispatcher with a well-behaved client, which must not notice what the other does.
  private func withBystander(
    _ body: (RunningDispatcher, RingmasterClient) async throws -> Void
  ) async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let bystander = try dispatcher.client(name: "bystander")
    _ = try await bystander.dispatch(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1))))
    try await body(dispatcher, bystander)
    let after = try await bystander.dispatch(.workerHeartbeat("w"))
    #expect(after.transaction?.outcome == .applied)
  }

  /// The peer is disconnected for `words`, and its rings go.
  private func expectPutOut(_ peer: RawPeer, _ dispatcher: RunningDispatcher, because words: String) throws {
    let reason = try #require(try peer.closedReason())
    #expect(reason.contains(words), "the reason was: \(reason)")
    #expect(try dispatcher.counter(.peersQuarantined) == 1)
    #expect(eventually { !dispatcher.rings.contains { $0.contains(".\(peer.peer).") } })
  }

  @Test(arguments: [UInt32(1), 99])
  func anotherABIVersionIsRefusedWithBothNamed(_ version: UInt32) async throws {
    try await withBystander { dispatcher, _ in
      let socket = try PacketSocket.connect(path: dispatcher.socketPath)
      var request = RawPeer.request()
      request.abi_version = version
      try socket.send(request)
      var reply = rm_attach_reply()
      _ = try socket.receive(into: &reply)
      #expect(reply.type == RM_CONTROL_REFUSED && reply.code == RM_REFUSED_ABI)
      let text = withUnsafeBytes(of: reply.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      #expect(text.contains("version \(version)") && text.contains("version \(RM_ABI_VERSION)"))
      #expect(text.contains(version == 99 ? "newer" : "older") && text.hasSuffix("programs of one release"))
      #expect(try dispatcher.controlCounter(.attachRefusedABI) == 1)
    }
  }

  /// Whatever number the ABIs before version 2 bear.
  @Test func anEarlierABIIsOlderByItsMagic() async throws {
    try await withBystander { dispatcher, _ in
      let socket = try PacketSocket.connect(path: dispatcher.socketPath)
      var request = RawPeer.request()
      request.magic = RM_CONTROL_MAGIC_1
      request.abi_version = 3
      try socket.send(request)
      var reply = rm_attach_reply()
      _ = try socket.receive(into: &reply)
      let text = withUnsafeBytes(of: reply.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      #expect(reply.code == RM_REFUSED_ABI && text.contains("older"), "\(text)")
    }
  }

  @Test(arguments: ["garbage", "short", "role", "capacity", "result capacity", "long"])
  func aMalformedRequestIsRefused(_ fault: String) async throws {
    try await withBystander { dispatcher, _ in
      let socket = try PacketSocket.connect(path: dispatcher.socketPath)
      var request = RawPeer.request()
      switch fault {
      case "garbage":
        request.magic = 0xdead_beef
        try socket.send(request)
      case "short": try socket.send(rm_field(tag: 1, length: 2))
      case "role":
        request.role = 9
        try socket.send(request)
      case "capacity":
        request.submission_capacity = 1000
        try socket.send(request)
      case "result capacity":
        request.result_capacity = 64
        try socket.send(request)
      default: try socket.send(rm_attach_reply())
      }
      var reply = rm_attach_reply()
      _ = try socket.receive(into: &reply)
      #expect(reply.type == RM_CONTROL_REFUSED && reply.code == RM_REFUSED_MALFORMED)
      #expect(try dispatcher.controlCounter(.attachRefusedMalformed) == 1)
    }
  }

  /// It is in logs and on terminals.
  @Test func aPeersNameIsPlain() async throws {
    try await withBystander { dispatcher, bystander in
      let odd = try dispatcher.client(name: "a\u{202E}b\u{2028}c\u{7}\u{200B}d")
      let names = try await bystander.query(.peers).compactMap { if case .peer(let row) = $0 { row.name } else { nil } }
      #expect(names.sorted() == ["abcd", "bystander"])
      withExtendedLifetime(odd) {}
    }
  }

  @Test func anImpossibleKindPutsThePeerOut() async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      peer.publish(RawPeer.head(kind: 99))
      try expectPutOut(peer, dispatcher, because: "kind 99")
    }
  }

  @Test(arguments: [0, 65, 513, 65535])
  func anImpossibleLengthPutsThePeerOut(_ slots: Int) async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      peer.publish(RawPeer.head(kind: EventKind.jobCancelled.rawValue, slots: UInt16(slots)))
      try expectPutOut(peer, dispatcher, because: "\(slots) slots")
    }
  }

  @Test func aContinuationThatWasNeverWrittenPutsThePeerOut() async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      peer.writeContinuation(1, bytes: [1, 2, 3])
      peer.writeContinuation(2, bytes: [1, 2, 3], sequenced: false)
      peer.publish(RawPeer.head(kind: EventKind.jobCancelled.rawValue, slots: 3))
      try expectPutOut(peer, dispatcher, because: "slot 2")
    }
  }

  @Test func aTruncatedRingPutsThePeerOut() async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      #expect(ftruncate(peer.submissionDescriptor.raw, 0) == 0)
      peer.bell.ring()
      try expectPutOut(peer, dispatcher, because: "truncated")
    }
  }

  @Test func anAttachedPeerThatTalksOnTheSocketIsPutOut() async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      try peer.socket.send(RawPeer.request())
      #expect(try peer.closedReason()?.contains("control socket") == true)
      #expect(eventually { !dispatcher.rings.contains { $0.contains(".\(peer.peer).") } })
    }
  }

  @Test(arguments: [UInt64.max, 1 << 40, RawPeer.capacity + 1])
  func aPublishedPositionBeyondTheRingPutsThePeerOut(_ claim: UInt64) async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      peer.claimPublished(claim)
      try expectPutOut(peer, dispatcher, because: "claims to be published up to \(claim)")
    }
  }

  @Test func aPublishedPositionThatGoesBackPutsThePeerOut() async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      peer.socket.setReceiveTimeout(ms: 1)
      var claims: [UInt64] = [100, 3]
      var reason: String?
      // It is looked at now and then only.
      let isOut = try eventually {
        peer.claimPublished(claims[0])
        claims.reverse()
        reason = try peer.closedReason()
        return reason != nil
      }
      #expect(isOut && reason?.contains("claims to be published up to 3; 100 to") == true, "\(reason ?? "none")")
    }
  }

  @Test(arguments: [2, RawPeer.capacity, 1 << 40])
  func aSequenceThatJumpsPutsThePeerOut(_ sequence: UInt64) async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      rm_store_release_u64(peer.slot(), sequence)
      try expectPutOut(peer, dispatcher, because: "has sequence \(sequence)")
    }
  }

  @Test func aFalsePublishedPositionDelaysNoDeadline() async throws {
    let dispatcher = try RunningDispatcher { $0.controller.workerTimeoutMs = 300 }
    defer { dispatcher.stop() }
    let liar = try RawPeer(dispatcher)
    liar.claimPublished(200)
    // Deadlines wait for rings to be drained up to what was published: a claim must not stop them.
    let client = try dispatcher.client()
    _ = try await client.dispatch(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1))))
    #expect(try eventually { try dispatcher.counter(.workerFailures) == 1 })
    #expect(try dispatcher.counter(.peersQuarantined) == 0)
  }

  @Test func aBadFieldIsRefusedByNameAndThePeerStays() async throws {
    try await withBystander { dispatcher, _ in
      let peer = try RawPeer(dispatcher)
      // A field of tag SUBJECT_NAME and three bytes that are no UTF-8.
      peer.writeContinuation(1, bytes: [UInt8(RM_TAG_SUBJECT_NAME), 0, 3, 0, 0xff, 0xfe, 0xfd])
      var head = RawPeer.head(kind: EventKind.jobCancelled.rawValue, slots: 2)
      head.text_bytes = 7
      peer.publish(head)
      #expect(try eventually { try dispatcher.counter(.recordsMalformed) == 1 })
      #expect(try dispatcher.counter(.peersQuarantined) == 0)
      peer.publish(RawPeer.head(kind: EventKind.prune.rawValue))
      #expect(try eventually { try dispatcher.counter(.eventsReceived) >= 3 })
    }
  }

  /// What would be refused in any other record is refused in a heartbeat, which has a way of its own.
  @Test func aHeartbeatOfOneSlotHasNoText() async throws {
    try await withBystander { dispatcher, bystander in
      let handle = try #require(
        try await bystander.query(.workers).compactMap { if case .worker(let row) = $0 { row.handle } else { nil } }
          .first)
      let peer = try RawPeer(dispatcher)
      let applied = try dispatcher.counter(.heartbeatsApplied)
      var head = RawPeer.head(kind: EventKind.workerHeartbeat.rawValue)
      head.subject = handle.rawValue
      head.text_bytes = 9
      peer.publish(head)
      #expect(try eventually { try dispatcher.counter(.recordsMalformed) == 1 })
      #expect(try dispatcher.counter(.heartbeatsApplied) == applied)
    }
  }

  @Test func aClientThatDiesMidWriteHasPublishedNothing() async throws {
    try await withBystander { dispatcher, bystander in
      let before = try dispatcher.counter(.transactions)
      var peer: RawPeer? = try RawPeer(dispatcher)
      let id = try #require(peer?.peer)
      peer?.writeContinuation(1, bytes: [UInt8(RM_TAG_SUBJECT_NAME), 0, 1, 0, 0x6a])
      peer = nil
      #expect(try eventually { try dispatcher.counter(.peersDetached) == 1 })
      #expect(eventually { !dispatcher.rings.contains { $0.contains(".\(id).") } })
      #expect(try dispatcher.counter(.transactions) == before)
    }
  }

  @Test func whatWasPublishedBeforeAPeerLeftIsApplied() async throws {
    try await withBystander { dispatcher, bystander in
      let leaver = try dispatcher.client(name: "leaver")
      for index in 0..<500 { try leaver.publish(.jobSubmitted("job\(index)", request: JobRequest())) }
      leaver.close()
      #expect(try eventually { try dispatcher.counter(.peersDetached) == 1 })
      let jobs = try await bystander.query(.jobs)
      #expect(jobs.count == 500)
      var pages: [Int] = []
      try await bystander.query(.jobs) { page in
        pages.append(page.count)
        return false
      }
      #expect(pages.count == 1 && pages[0] < 500, "a reader that has enough asks for no more: \(pages)")
    }
  }

  @Test func heartbeatsOfUnknownHandlesAreCountedAndRefused() async throws {
    try await withBystander { dispatcher, _ in
      var ingest = try dispatcher.attachment(role: .ingest)
      let ghost = WorkerHandle(index: 4_000_000, generation: 7)
      let stale = WorkerHandle(index: 0, generation: 99)
      for handle in [ghost, stale] {
        let published = ingest.submission.publishHeartbeat(handle, timestampNs: handle == stale ? .max : 0)
        #expect(published)
      }
      ingest.submission.flush()
      var refused: [WorkerHandle] = []
      let bothCame = try eventually {
        if case .heartbeatRefused(let handle) = try ingest.results.next() { refused.append(handle) }
        return refused.count == 2
      }
      #expect(bothCame)
      #expect(refused == [ghost, stale])
      #expect(try dispatcher.counter(.heartbeatsRefused) == 2)
    }
  }

  @Test func aFullRingIsCountedAndNothingIsLost() async throws {
    try await withBystander { dispatcher, bystander in
      var ingest = try dispatcher.attachment(role: .ingest, submissionCapacity: 64)
      let workers = try await bystander.query(.workers)
      guard case .worker(let worker) = workers.first else {
        Issue.record("no worker")
        return
      }
      let before = try dispatcher.counter(.heartbeatsApplied)
      var published: UInt64 = 0
      var full = false
      // Without a doorbell the dispatcher comes by every sweep only, so 64 slots fill up.
      while !full || published < 10_000 {
        if ingest.submission.publishHeartbeat(worker.handle, timestampNs: 0) {
          published += 1
        } else {
          full = true
          ingest.submission.flush()
        }
      }
      ingest.submission.flush()
      #expect(try eventually { try dispatcher.counter(.heartbeatsApplied) == before + published })
      let peers = try await bystander.query(.peers)
      let row = peers.compactMap { if case .peer(let row) = $0, row.peer == ingest.peer { row } else { nil } }.first
      #expect((row?.full ?? 0) > 0)
    }
  }

  @Test func aClientThatReadsNothingIsOverrunAlone() async throws {
    let dispatcher = try RunningDispatcher { $0.resultBacklogBytes = 65_536 }
    defer { dispatcher.stop() }
    var sleeper = try dispatcher.attachment(role: .observe, resultCapacity: 1024)
    _ = sleeper.subscribe(.transactions)
    sleeper.submission.flush()
    let client = try dispatcher.client()
    // The subscription is in force once its confirmation is in the ring.
    let confirmed = try eventually {
      if case .queryDone = try sleeper.results.next() { true } else { false }
    }
    #expect(confirmed)
    for index in 0..<4000 {
      let result = try await client.dispatch(.jobCancelled(.name("nothing\(index)"), reason: ""))
      #expect(result.transaction?.outcome == .rejected(.unknownJob))
    }
    var told: ClosedRange<UInt64>?
    var seen: [UInt64] = []
    _ = try eventually {
      while let message = try sleeper.results.next() {
        switch message {
        case .overrun(let from, let to, _): told = min(told?.lowerBound ?? from, from)...max(told?.upperBound ?? to, to)
        case .result(let result): seen.append(result.transaction?.number ?? 0)
        default: break
        }
      }
      return seen.last == 4000
    }
    let lost = try #require(told)
    #expect(Set(seen).union(lost) == Set(1...4000), "every transaction is either seen or told of as lost")
    #expect(Set(seen).isDisjoint(with: lost))
    #expect(try dispatcher.counter(.resultOverruns) >= 1)
  }

  @Test func aSecondDispatcherIsRefused() async throws {
    try await withBystander { dispatcher, _ in
      #expect(throws: RunningDispatcher.StartFailure.self) {
        _ = try RunningDispatcher { $0.instance = dispatcher.instance }
      }
      #expect(throws: RunningDispatcher.StartFailure.self) {
        _ = try RunningDispatcher { $0.socketPath = dispatcher.socketPath }
      }
    }
  }

  @Test func moreStrangersThanMayGreetDoNotKeepOthersOut() async throws {
    try await withBystander { dispatcher, _ in
      var strangers: [Stranger] = []
      for _ in 0..<100 { strangers.append(try Stranger(dispatcher.socketPath)) }
      strangers.removeAll()
      #expect(
        eventually { (try? dispatcher.client(name: "late")) != nil }
      )
    }
  }

  /// Connects and says nothing.
  private final class Stranger {
    private let socket: PacketSocket

    init(_ path: String) throws {
      socket = try PacketSocket.connect(path: path)
    }
  }
}
