import Controller
import EventModel
import Testing

@Suite struct StateHashTests {
  private static var configuration: ControllerConfiguration {
    var configuration = ControllerConfiguration()
    configuration.heartbeatFailureThreshold = 3
    configuration.jobRetentionMs = 3000
    configuration.deliveryRetries = 2
    return configuration
  }

  /// The values are part of what the hash means: a snapshot that one build wrote is checked by the next.
  @Test func itIsTheSameInEveryBuild() {
    let state = TestController()
    #expect(state.stateHash == 4_263_117_922_222_355_287)
    state.register("w1", milliCPU: 4000, incarnation: "i1", zone: "a", atMs: 1000)
    state.submit("parent", replicas: 2, atMs: 1000) { $0.maxRetriesFailure = 1 }
    state.submit("child", parent: "parent", atMs: 1100)
    state.run("parent/task-0", on: "w1")
    state.report("parent/task-0", .failed, error: "boom: größer")
    state.run("parent/task-0", on: "w1")
    _ = state.handle(.endpointRegistered("parent/task-0", endpoint: "web"))
    _ = state.handle(.jobCancelled("child", reason: "stop", timestampMs: 1200))
    #expect(state.stateHash == 15_920_289_421_943_824_150)
  }

  @Test func theSameEventsMakeTheSameHashAndEveryChangeAnother() {
    for seed in UInt64(1)...60 {
      var events = RandomEvents(seed: seed)
      let first = TestController(configuration: Self.configuration)
      let second = TestController(configuration: Self.configuration)
      for step in 0..<100 {
        var before = first.save()
        let hashBefore = first.stateHash
        let event = events.next(first)
        _ = first.handle(event)
        _ = second.handle(event)
        let hash = first.stateHash
        #expect(hash == second.stateHash, "seed \(seed), event \(step): \(event)")
        #expect(hash == first.recomputedStateHash(), "seed \(seed), event \(step): \(event)")
        let after = first.save()
        before.nowMs = after.nowMs
        before.lastTransactionNumber = after.lastTransactionNumber
        #expect((before == after) == (hash == hashBefore), "seed \(seed), event \(step): \(event)")
      }
    }
  }

  @Test func aRestoredStateHasTheHashOfTheSavedOne() {
    for seed in UInt64(1)...40 {
      var events = RandomEvents(seed: seed)
      let original = TestController(configuration: Self.configuration)
      for _ in 0..<150 { _ = original.handle(events.next(original)) }
      let restored = TestController(
        restoring: original.save(), configuration: Self.configuration, atMs: events.nowMs + 5000)
      #expect(restored.stateHash == original.stateHash, "seed \(seed)")
      #expect(restored.checkInvariants().isEmpty, "seed \(seed)")
    }
  }

  @Test func heartbeatsDoNotChangeItAndFailedOnesDo() throws {
    let state = TestController()
    let worker = try #require(state.register("w", atMs: 1000))
    let fresh = state.stateHash
    #expect(state.recordHeartbeat(worker, atMs: 5000) == .applied)
    _ = state.handle(.workerHeartbeat("w", timestampMs: 6000))
    state.restartLiveness(atMs: 9000)
    _ = state.handle(.controllerStalled(stalledMs: 500, timestampMs: 9000))
    #expect(state.stateHash == fresh)
    _ = state.handle(.workerHeartbeatFailed("w"))
    #expect(state.stateHash != fresh)
    _ = state.handle(.workerHeartbeat("w", timestampMs: 9500))
    #expect(state.stateHash == fresh)
    #expect(state.stateHash == state.recomputedStateHash())
  }

  @Test func whatLaterHandlesDependOnBelongsToIt() {
    let ordered = ["a", "b", "c"]
    let hashes = [["a", "b"], ["b", "a"]].map { leaving in
      let state = TestController()
      for name in ordered { state.register(name) }
      for name in leaving { _ = state.handle(.workerFailed(.name(name))) }
      return state.stateHash
    }
    #expect(hashes[0] != hashes[1], "the free slots are reused in another order")
  }

  @Test func theBrakeBelongsToIt() {
    let state = TestController()
    let before = state.stateHash
    let census = ZoneCensus(zone: "a", silentWorkers: 20, workers: 30)
    var seen: Set<UInt64> = [before]
    _ = state.handle(.brakeEngaged(census, timestampMs: 1000))
    #expect(seen.insert(state.stateHash).inserted)
    _ = state.handle(.brakeOverridden(zone: "a"))
    #expect(seen.insert(state.stateHash).inserted)
    let restored = TestController(restoring: state.save(), configuration: ControllerConfiguration(), atMs: 0)
    #expect(restored.stateHash == state.stateHash && restored.brakes == state.brakes)
    _ = state.handle(.brakeReleased(census, timestampMs: 1000))
    #expect(state.stateHash == before)
  }
}
