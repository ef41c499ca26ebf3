import CAllocationCounter
import CRingmaster
import EventModel
import EventRing
import Platform
import Telemetry
import Testing

@testable import Dispatcher

@Suite("The dispatch thread's hot path", .serialized)
struct HotPathTests {
  @Test func aHeartbeatAllocatesNothing() throws {
    let workers = 1000
    let batch = 2000
    let harness = try DispatchLoopHarness(workers: workers)
    let handles = harness.handles
    _ = harness.loop.turn(nowNs: Clock.bootNs())

    var published = 0
    var allocations: UInt64 = 0
    // One round to warm up, then a million heartbeats.
    for round in 0...500 {
      for _ in 0..<batch {
        let position = harness.publishHeartbeat(of: handles[published % workers])
        #expect(position != nil)
        published += 1
      }
      let before = allocation_count_of_this_thread()
      while harness.loop.turn(nowNs: Clock.bootNs()) {}
      if round > 0 { allocations += allocation_count_of_this_thread() - before }
    }
    #expect(harness.loop.counters[.heartbeatsApplied].value == UInt64(published))
    #expect(allocations == 0, "\(allocations) allocations for 1,000,000 heartbeats")
  }

  @Test func aSweepOfAFleetThatIsWellAllocatesNothing() throws {
    let harness = try DispatchLoopHarness(workers: 2500, sweepIntervalMs: 50)
    var nowNs = Clock.bootNs()
    var allocations: UInt64 = 0
    var finished = 0
    for sweep in 0..<120 {
      nowNs += 50_000_000
      let isDue = harness.loop.liveness.isDue(nowNs: nowNs)
      #expect(isDue)
      let before = allocation_count_of_this_thread()
      // Three slices to count the silent, three to judge, and one turn to drain.
      for _ in 0..<8 { _ = harness.loop.turn(nowNs: nowNs) }
      if sweep >= 20 { allocations += allocation_count_of_this_thread() - before }
      if !harness.loop.liveness.isDue(nowNs: nowNs), harness.loop.liveness.napUs(nowNs: nowNs) > 0 {
        finished += 1
      }
    }
    #expect(finished == 120)
    #expect(allocations == 0, "\(allocations) allocations in 100 sweeps")
  }

  /// What an event with a result may allocate: its transaction's account and the list of its actions. The rest of what is
  /// seen here are boxes of the unoptimised build.
  @Test func anEventWithItsResultAllocatesLittle() throws {
    let harness = try DispatchLoopHarness(workers: 100)
    let (rounds, batch) = (20, 100)
    var allocations: UInt64 = 0
    for round in 0...rounds {
      for index in 0..<batch {
        #expect(harness.publishHeartbeat(of: harness.handles[index], wantsResult: true) != nil)
      }
      let before = allocation_count_of_this_thread()
      while harness.loop.turn(nowNs: Clock.bootNs()) {}
      if round > 0 { allocations += allocation_count_of_this_thread() - before }
      #expect(harness.takeResultRecords() == 2 * batch, "a transaction and its action for each")
    }
    let each = Double(allocations) / Double(rounds * batch)
    #expect(each <= 6, "\(each) allocations an event")
  }

  /// In one batch: some of a worker that is known, of one that is not, and of one that has failed heartbeats to forget.
  @Test func aBatchIsAppliedOneByOneWhereItHasToBe() throws {
    let harness = try DispatchLoopHarness(workers: 20)
    _ = harness.loop.turn(nowNs: Clock.bootNs())
    let forgetful = harness.handles[7]
    _ = harness.loop.state.handle(.workerHeartbeatFailed(.handle(forgetful)))
    let stranger = WorkerHandle(index: 3, generation: 99)
    let before = harness.loop.state.transactionLog.lastNumber
    let workers = harness.handles.prefix(10) + [stranger] + harness.handles.suffix(10)
    for worker in workers { #expect(harness.publishHeartbeat(of: worker) != nil) }
    while harness.loop.turn(nowNs: Clock.bootNs()) {}
    #expect(harness.loop.counters[.heartbeatsApplied].value == 20)
    #expect(harness.loop.counters[.heartbeatsRefused].value == 1)
    let log = harness.loop.state.transactionLog
    #expect(log.lastNumber == before + 1)
    let transaction = try #require(log.last)
    #expect(transaction.event.kind == .workerHeartbeat)
    #expect(transaction.event.id == EventID(peer: 1, position: 7))
    #expect(transaction.subject?.rawHandle == forgetful.rawValue)
  }

  @Test func theCounterWouldSeeAnAllocation() {
    let before = allocation_count_of_this_thread()
    let array = [Int](repeating: 1, count: Int.random(in: 100...200))
    #expect(array.count >= 100)
    #expect(allocation_count_of_this_thread() > before)
  }
}
