import Controller
import EventModel
import Testing

/// What was decided in one turn and is handled in a later one.
@Suite struct StillHoldsTests {
  private static func expiry(_ state: TestController, atMs nowMs: Int64) throws -> Event {
    try #require(state.overdueWorkers(inSlots: 0..<state.workerSlots, nowMs: nowMs).first)
  }

  @Test func anExpiryUntilTheWorkerIsHeardOf() throws {
    let state = TestController()
    let worker = try #require(state.register("w", atMs: 1000))
    let event = try Self.expiry(state, atMs: 100_000)
    #expect(state.stillHolds(event))
    _ = state.recordHeartbeat(worker, atMs: 1001)
    #expect(!state.stillHolds(event), "however little it said")
    let again = try Self.expiry(state, atMs: 100_000)
    #expect(state.stillHolds(again))
    _ = state.handle(.controllerStalled(stalledMs: 90_000, timestampMs: 100_000))
    #expect(!state.stillHolds(again), "nobody listened")
  }

  @Test func anExpiryOfOneIncarnationOnly() throws {
    let state = TestController()
    state.register("w", atMs: 1000)
    let event = try Self.expiry(state, atMs: 100_000)
    state.register("w", incarnation: "next", atMs: 1000)
    #expect(!state.stillHolds(event))
  }

  @Test func aDeadlineWhileTheTaskWaits() throws {
    let state = TestController()
    state.register("w")
    state.submit("j", atMs: 1000) { $0.schedulingTimeoutMs = 500 }
    let event = try #require(state.passedDeadlines(nowMs: 1500, limit: 1).first)
    #expect(state.stillHolds(event))
    _ = state.handle(.taskAssigned("j/task-0", worker: "w"))
    #expect(!state.stillHolds(event))
    state.submit("k", atMs: 1000) { $0.schedulingTimeoutMs = 500 }
    let other = try #require(state.passedDeadlines(nowMs: 1500, limit: 1).first)
    _ = state.handle(.jobCancelled("k", reason: "stop"))
    #expect(!state.stillHolds(other))
  }

  @Test func aPlacementWhileTaskAndRoomAreThere() {
    let state = TestController()
    state.register("w", milliCPU: 1000)
    state.submit("j", replicas: 2)
    let event = Event.taskAssigned("j/task-0", worker: "w")
    #expect(state.stillHolds(event))
    _ = state.handle(.taskAssigned("j/task-1", worker: "w"))
    #expect(!state.stillHolds(event), "there is no room")
    state.report("j/task-1", .succeeded)
    #expect(state.stillHolds(event))
    _ = state.handle(event)
    #expect(!state.stillHolds(event), "it is placed")
    _ = state.handle(.workerFailed("w"))
    #expect(!state.stillHolds(event), "the worker is gone")
  }

  @Test func theReleaseOfAGangWhileItIsPlacedInPart() {
    let state = TestController()
    state.register("w", milliCPU: 2000)
    state.submit("g", replicas: 2) { $0.coscheduled = true }
    _ = state.handle(.taskAssigned("g/task-0", worker: "w"))
    let event = Event.taskPreempted("g/task-0", reason: "incomplete")
    #expect(state.stillHolds(event))
    _ = state.handle(.taskAssigned("g/task-1", worker: "w"))
    #expect(!state.stillHolds(event))
  }

  @Test func aBrakeWhileNothingElseWasDone() {
    let state = TestController()
    let census = ZoneCensus(zone: "a", silentWorkers: 20, workers: 20)
    #expect(
      state.stillHolds(.brakeEngaged(census, timestampMs: 1))
        && !state.stillHolds(.brakeReleased(census, timestampMs: 1)))
    _ = state.handle(.brakeEngaged(census, timestampMs: 1))
    #expect(
      !state.stillHolds(.brakeEngaged(census, timestampMs: 1))
        && state.stillHolds(.brakeReleased(census, timestampMs: 1)))
  }
}
