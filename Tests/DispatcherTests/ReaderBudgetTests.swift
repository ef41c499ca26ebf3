import CRingmaster
import EventCodec
import EventModel
import EventRing
import Platform
import Testing

@testable import Dispatcher

@Suite("What readers may cost the dispatch thread", .serialized)
struct ReaderBudgetTests {
  private static let rowsPerTurn = UInt64(
    (QueryDesk.looksPerTurn + QueryDesk.looksPerSlice) / QueryDesk.looksPerRow)

  private func harness(jobs: Int) throws -> ReadersHarness {
    let harness = try ReadersHarness()
    for index in 0..<jobs { _ = harness.loop.state.handle(.jobSubmitted("j\(index)", request: JobRequest())) }
    return harness
  }

  /// Each turn writes what its budget allows, and all readers come on alike.
  @Test func manyReadersShareOneBudget() throws {
    let (readers, queries, jobs) = (24, 64, 50)
    let harness = try harness(jobs: jobs)
    let peers = try (0..<readers).map { _ in try harness.attach(.observe) }
    for peer in peers {
      for _ in 0..<queries { #expect(peer.ask(.jobs) != nil) }
    }
    var rows = [Int](repeating: 0, count: readers)
    var done = [Int](repeating: 0, count: readers)
    var written: UInt64 = 0
    var turns: UInt64 = 0
    var goesOn = true
    while goesOn {
      goesOn = harness.turn()
      turns += 1
      #expect(harness.loop.desk.rows - written <= Self.rowsPerTurn)
      written = harness.loop.desk.rows
      for (index, peer) in peers.enumerated() {
        for head in peer.read() {
          if UInt32(head.kind) == RM_KIND_ROW { rows[index] += 1 } else { done[index] += 1 }
        }
      }
      let spread = (rows.max() ?? 0) - (rows.min() ?? 0)
      #expect(spread <= QueryDesk.looksPerSlice / QueryDesk.looksPerRow, "one reader is ahead of another")
    }
    #expect(rows.allSatisfy { $0 == queries * jobs } && done.allSatisfy { $0 == queries })
    #expect(turns > UInt64(readers * queries * jobs) / Self.rowsPerTurn)
  }

  /// More of them than one group of lanes, who read what they subscribed to after a pause.
  @Test func whatWaitedIsWrittenWithOneBudgetForAll() throws {
    let (readers, budget, events) = (70, 256, 200)
    let harness = try ReadersHarness { $0.resultRecordsPerTurn = budget }
    let peers = try (0..<readers).map { _ in
      try harness.attach(.observe, resultCapacity: 64, subscription: RM_SUBSCRIBE_TRANSACTIONS)
    }
    let ingest = try harness.attach(.ingest)
    for _ in 0..<events { #expect(try ingest.reportFailedHeartbeat(wantsResult: false) != nil) }
    while harness.loop.state.transactionLog.lastNumber < events { harness.turn() }
    // What was written when it came.
    var read = peers.map { $0.read().count }
    #expect(read.allSatisfy { $0 < events })
    var turns = 0
    while read.contains(where: { $0 < events }) {
      try #require(turns < 4 * readers * events / budget)
      harness.turn()
      turns += 1
      var written = 0
      for (index, peer) in peers.enumerated() {
        let count = peer.read().count
        written += count
        read[index] += count
      }
      #expect(written <= budget)
      #expect((read.max() ?? 0) - (read.min() ?? 0) <= budget, "one reader is ahead of another")
    }
  }

  /// A table whose rows have gone is gone through as slowly.
  @Test func emptySlotsCostLooks() throws {
    let slots = 5 * QueryDesk.looksPerTurn
    let harness = try harness(jobs: slots)
    _ = harness.loop.state.handle(.jobSubmitted("kept", request: JobRequest()))
    for index in 0..<slots { _ = harness.loop.state.handle(.jobCancelled(.name("j\(index)"), reason: "")) }
    let future = harness.loop.state.nowMs + 30 * 86_400_000
    _ = harness.loop.state.handle(.prune(nowMs: future))
    #expect(harness.loop.state.totals.jobs.total == 1)
    let peer = try harness.attach(.observe)
    #expect(peer.ask(.jobs) != nil)
    var turns = 0
    var heads: [rm_result_head] = []
    while harness.turn() {
      turns += 1
      heads += peer.read()
    }
    heads += peer.read()
    #expect(heads.map { UInt32($0.kind) } == [RM_KIND_ROW, RM_KIND_QUERY_DONE] && heads.last?.object == .max)
    #expect(turns >= 5)
  }

  /// More than may wait stay in the ring, and nobody is disconnected for it.
  @Test func queriesBeyondThoseThatMayWaitAreAnsweredInTheirTurn() throws {
    let harness = try harness(jobs: 3)
    let peer = try harness.attach(.observe, resultCapacity: 64)
    let asked = try (0..<500).map { _ in try #require(peer.ask(.jobs)) }
    while harness.turn() {}
    // Nobody reads: nothing more can be done, and that is no reason to keep others waiting.
    #expect(harness.loop.lanes[0].pointee.results?.pointee.queries.count == PendingQuery.limitPerPeer)
    harness.loop.beginDraining()
    while harness.turn() {}
    let (isDrained, isPolled) = (harness.loop.lanes.isDrained, harness.loop.lanes.awake.contains(0))
    #expect(isDrained && !isPolled)
    var answered: [UInt64] = []
    while answered.count < asked.count {
      let heads = peer.read()
      try #require(!heads.isEmpty)
      answered += heads.filter { UInt32($0.kind) == RM_KIND_QUERY_DONE }.map(\.number)
      while harness.turn() {}
    }
    #expect(answered == asked && harness.loop.counters[.peersQuarantined].value == 0)
  }

  @Test func aReaderThatDoesNotReadCostsTheOthersNothing() throws {
    let harness = try harness(jobs: 300)
    let deaf = try harness.attach(.observe, resultCapacity: 64)
    let other = try harness.attach(.observe)
    for _ in 0..<64 { #expect(deaf.ask(.jobs) != nil) }
    #expect(other.ask(.jobs) != nil)
    while harness.turn() {}
    #expect(other.read().count == 301)
    let goesOn = harness.turn()
    #expect(!goesOn)
  }

  /// No transaction, no number, no place in a log; and one that reads nothing is read no further.
  @Test func whatAnObserverMayNotSendTouchesNobodyElse() throws {
    let harness = try ReadersHarness()
    let observer = try harness.attach(.observe, resultCapacity: 64)
    var sent: [UInt64] = []
    var answered: [UInt64] = []
    while sent.count < 1000 {
      let position = try #require(try observer.reportFailedHeartbeat(wantsResult: sent.count % 10 > 0))
      if sent.count % 10 > 0 { answered.append(position) }
      sent.append(position)
    }
    while harness.turn() {}
    let (isRefused, isDrained) = (harness.loop.lanes[0].pointee.refusal != nil, harness.loop.lanes.isDrained)
    #expect(isRefused && isDrained)
    var told: [UInt64] = []
    while told.count < answered.count {
      let heads = observer.read()
      try #require(!heads.isEmpty)
      told += heads.map(\.number)
      while harness.turn() {}
    }
    #expect(harness.loop.bus.counters.deadLetters(.forbidden) == 1000)
    #expect(harness.loop.state.transactionLog.lastNumber == 0 && harness.loop.delivery.log.nextNumber == 1)
    #expect(harness.loop.letters.store.count == 0)
  }

  /// The members of a gang may have room on thousands of workers.
  @Test func whyAGangWaitsIsLookedForInSlices() throws {
    let harness = try ReadersHarness()
    for index in 0..<6000 {
      _ = harness.loop.state.handle(
        .workerRegistered(
          "w\(index)", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000)), timestampMs: 1))
    }
    var gang = JobRequest()
    gang.coscheduled = true
    gang.replicas = 10_000
    _ = harness.loop.state.handle(.jobSubmitted("gang", request: gang))
    let peer = try harness.attach(.observe)
    var writer = RecordWriter()
    let query = Request.query(
      entity: QueryEntity.explanation.rawValue, cursor: 0, rows: 1024, about: .job("gang"))
    _ = try peer.submission.tryPublish(writer.encode(query))
    var turns = 0
    var heads: [rm_result_head] = []
    while heads.last.map({ UInt32($0.kind) == RM_KIND_QUERY_DONE }) != true {
      try #require(turns < 10)
      harness.turn()
      turns += 1
      heads += peer.read()
    }
    #expect(turns > 1)
  }
}
