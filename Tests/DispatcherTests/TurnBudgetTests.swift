import CRingmaster
import EventCodec
import EventModel
import EventRing
import Platform
import Testing

@testable import Dispatcher

/// Whoever floods the dispatcher, a turn is short, and all others have their share of it or of the next.
@Suite("What one turn handles", .serialized)
struct TurnBudgetTests {
  private static let slotsPerTurn = 256
  private static let capacity = 256
  /// More than one group of lanes.
  private static let peers = 70

  private static func harness() throws -> ReadersHarness {
    try ReadersHarness {
      $0.slotsPerTurn = slotsPerTurn
      $0.sweepIntervalMs = 50
    }
  }

  /// Fills a ring with long records.
  private static func fill(_ peer: ReadersHarness.Peer) throws {
    var writer = RecordWriter()
    let text = String(repeating: "x", count: 1000)
    while try peer.submission.tryPublish(
      writer.encode(.workerHeartbeatFailed("w", error: text), wantsResult: false, timestampNs: 0)) != nil
    {}
  }

  private static func positions(_ harness: ReadersHarness) -> [UInt64] {
    (0..<peers).map { harness.loop.lanes[$0].pointee.consumer.position }
  }

  @Test(arguments: [Role.observe, .ingest])
  func itIsSoManySlotsOfAllRingsTogether(role: Role) throws {
    let harness = try Self.harness()
    for peer in try (0..<Self.peers).map({ _ in try harness.attach(role, capacity: Self.capacity) }) {
      try Self.fill(peer)
    }
    var before: UInt64 = 0
    var turns = 0
    while true {
      harness.turn()
      let handled = Self.positions(harness).reduce(0, +)
      if handled == before { break }
      #expect(handled - before < UInt64(Self.slotsPerTurn + Self.capacity / 4))
      before = handled
      turns += 1
    }
    #expect(turns <= Self.peers)
    #expect(Self.positions(harness).allSatisfy { $0 > UInt64(Self.capacity) * 3 / 4 }, "nothing is left out")
  }

  @Test func thoseBehindAFloodHaveTheirTurn() throws {
    let harness = try Self.harness()
    let peers = try (0..<Self.peers).map { _ in try harness.attach(.observe, capacity: Self.capacity) }
    for _ in 0..<(2 * Self.peers) {
      for peer in peers { try Self.fill(peer) }
      harness.turn()
    }
    #expect(Self.positions(harness).allSatisfy { $0 >= UInt64(Self.capacity) })
  }

  @Test func heartbeatsPassAFlood() throws {
    let harness = try Self.harness()
    let flood = try (0..<4).map { _ in try harness.attach(.observe, capacity: Self.capacity) }
    let ingest = try harness.attach(.ingest)
    let transaction = harness.loop.state.handle(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)), timestampMs: 1)
    )
    guard case .worker(let worker, _)? = transaction.subject else { throw SystemError("register", code: 0) }
    for round in 1...10 {
      for peer in flood { try Self.fill(peer) }
      var head = rm_event_head()
      head.kind = EventKind.workerHeartbeat.rawValue
      head.slots = 1
      head.subject = worker.rawValue
      for _ in 0..<100 { #expect(ingest.submission.tryPublish(head) != nil) }
      harness.turn()
      #expect(harness.loop.counters[.heartbeatsApplied].value == UInt64(100 * round))
    }
  }

  @Test func aFloodEndsNoRoundOfDraining() throws {
    let harness = try Self.harness()
    let peers = try (0..<Self.peers).map { _ in try harness.attach(.observe, capacity: Self.capacity) }
    var nowNs = Clock.bootNs()
    // A sweep may have begun while the peers came.
    while harness.loop.liveness.napUs(nowNs: nowNs) == 0 { _ = harness.loop.turn(nowNs: nowNs) }
    for _ in 0..<3 {
      nowNs += 60_000_000
      let isDue = harness.loop.liveness.isDue(nowNs: nowNs)
      #expect(isDue)
      var turns = 0
      repeat {
        for peer in peers { try Self.fill(peer) }
        _ = harness.loop.turn(nowNs: nowNs)
        turns += 1
        try #require(turns < 3 * Self.peers, "the sweep waits for what came after it began")
      } while harness.loop.liveness.napUs(nowNs: nowNs) == 0
    }
  }

  @Test func whatIsForbiddenIsNotRead() throws {
    let harness = try ReadersHarness()
    let observer = try harness.attach(.observe)
    var head = rm_event_head()
    head.kind = EventKind.workerReconciled.rawValue
    head.slots = 1
    head.text_bytes = 5000
    #expect(observer.submission.tryPublish(head) != nil)
    harness.turn()
    #expect(harness.loop.bus.counters.deadLetters(.forbidden) == 1)
    #expect(harness.loop.bus.counters.deadLetters(.malformed) == 0)
  }
}
