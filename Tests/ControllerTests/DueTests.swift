import Controller
import EventModel
import Testing

/// What the clock brings beside lost workers and scheduling deadlines.
@Suite struct DueTests {
  private static var configuration: ControllerConfiguration {
    var configuration = ControllerConfiguration()
    configuration.assignmentTimeoutMs = 5000
    return configuration
  }

  /// w1 runs `run/task-0` for 5000 ms at the most, `late/task-0` and `late/task-1` are on their way to it.
  private static func state() -> TestController {
    let state = TestController(configuration: configuration)
    state.register("w1", zone: "a", atMs: 1000)
    state.submit("run", atMs: 1000) { $0.runTimeoutMs = 5000 }
    state.submit("late", replicas: 2, atMs: 1000)
    state.run("run/task-0", on: "w1")
    _ = state.handle(.taskAssigned("late/task-1", worker: "w1", timestampMs: 1000))
    _ = state.handle(.taskAssigned("late/task-0", worker: "w1", timestampMs: 1000))
    return state
  }

  /// What is braked is waited for anew, and is in the way of nothing that is due behind it.
  @Test func aBrakedDeliveryHidesNoOther() {
    let state = TestController()
    state.register("w1", zone: "z", atMs: 1000)
    state.register("w2", atMs: 1000)
    state.submit("j", replicas: 2, atMs: 1000)
    _ = state.handle(.taskAssigned("j/task-0", worker: "w1", timestampMs: 1000))
    _ = state.handle(.taskAssigned("j/task-1", worker: "w2", timestampMs: 1000))
    _ = state.handle(.brakeEngaged(ZoneCensus(zone: "z", silentWorkers: 1, workers: 1), timestampMs: 2000))
    for worker: WorkerReference in ["w1", "w2"] { _ = state.handle(.workerHeartbeat(worker, timestampMs: 61_001)) }
    let late = state.tick(nowMs: 61_001)
    #expect(late.map(\.event.kind) == [.assignmentTimedOut])
    #expect(late.first?.subject?.description == "j/task-1")
  }

  @Test func deliveriesThatAreOverTakeNoMemory() {
    let state = TestController()
    state.register("w", atMs: 1000)
    for round in 0..<200 {
      state.submit("j\(round)")
      state.run("j\(round)/task-0", on: "w")
      state.report("j\(round)/task-0", .succeeded)
      #expect(state.passedDeadlines(nowMs: 1000, limit: 8).isEmpty)
    }
    #expect(state.checkInvariants().isEmpty)
  }

  /// The earliest first, then the older worker, whatever became of them meanwhile.
  @Test func gracesEndInTheirOrder() {
    let state = TestController()
    for index in 0..<9 { state.register("w\(index)", incarnation: "1", atMs: 1000) }
    for index in 0..<9 {
      _ = state.handle(.workerDrain(.name("w\(index)"), graceMs: Int64(100 + index % 2), timestampMs: 1000))
    }
    _ = state.handle(.workerDrain("w2", graceMs: 500, timestampMs: 1000))
    _ = state.handle(.workerDrain("w4", graceMs: 0, timestampMs: 1000))
    _ = state.handle(.workerResumed("w6", timestampMs: 1000))
    _ = state.handle(.workerFailed("w1", timestampMs: 1000))
    state.register("w3", incarnation: "2", atMs: 1000)
    _ = state.handle(.controllerStalled(stalledMs: 10, timestampMs: 1011))
    #expect(state.checkInvariants().isEmpty)
    let restored = TestController(restoring: state.save(), configuration: .init(), atMs: 1050)
    for controller in [state, restored] {
      #expect(controller.passedDeadlines(nowMs: 1109, limit: 9).isEmpty)
      #expect(controller.passedDeadlines(nowMs: 1110, limit: 1).count == 1)
      let passed = controller.tick(nowMs: 1600).map { "\($0.subject.map { "\($0)" } ?? "")" }
      #expect(passed == ["w0", "w8", "w5", "w7", "w2"])
      #expect(controller.checkInvariants().isEmpty)
    }
    #expect(state.stateHash == restored.stateHash)
  }

  @Test func aTickGoesByTheTable() {
    let state = Self.state()
    state.register("silent", atMs: 1000)
    state.register("drained", atMs: 1000)
    state.submit("waits", atMs: 1000) { $0.schedulingTimeoutMs = 60_000 }
    _ = state.handle(.workerDrain("drained", graceMs: 60_000, timestampMs: 1000))
    _ = state.handle(.workerHeartbeat("w1", timestampMs: 61_000))
    _ = state.handle(.workerHeartbeat("drained", timestampMs: 61_000))
    let kinds = state.tick(nowMs: 61_001).map { "\($0.event.kind.name) \($0.subject.map { "\($0)" } ?? "")" }
    #expect(
      kinds == [
        "WORKER_FAILED silent", "WORKER_DRAIN_PASSED drained", "TASK_TIMED_OUT run/task-0",
        "ASSIGNMENT_TIMED_OUT late/task-0", "ASSIGNMENT_TIMED_OUT late/task-1",
        "SCHEDULING_DEADLINE_PASSED waits/task-0",
      ])
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func aStallShiftsDeliveriesAndGracesButNotTheProgramsTime() {
    let state = Self.state()
    _ = state.handle(.workerDrain("w1", graceMs: 4500, timestampMs: 1000))
    _ = state.handle(.controllerStalled(stalledMs: 4000, timestampMs: 5000))
    #expect(state.tick(nowMs: 6001).map(\.event.kind) == [.taskTimedOut])
    #expect(state.tick(nowMs: 9499).isEmpty)
    #expect(state.tick(nowMs: 9500).map(\.event.kind) == [.workerDrainPassed])
    #expect(state.tick(nowMs: 100_000).allSatisfy { $0.event.kind == .workerFailed })
  }

  @Test func aBrakeHoldsDeliveriesBackAndItsReleaseStartsThemAfresh() {
    let state = Self.state()
    let census = ZoneCensus(zone: "", silentWorkers: 1, workers: 1)
    _ = state.handle(.brakeEngaged(census, timestampMs: 2000))
    #expect(state.tick(nowMs: 20_000).map(\.event.kind) == [.taskTimedOut])
    _ = state.handle(.brakeReleased(census, timestampMs: 21_000))
    #expect(state.tick(nowMs: 26_000).isEmpty)
    #expect(state.tick(nowMs: 26_001).count == 2)
  }

  /// It is late from the time on at which its worker is judged with a zone whose brake is not engaged.
  @Test(arguments: [true, false]) func aWorkerThatLeavesABrakedZoneIsLate(isMoved: Bool) {
    var configuration = Self.configuration
    configuration.brakeMinimumWorkers = 2
    let state = TestController(configuration: configuration)
    state.register("w1", zone: isMoved ? "" : "a", atMs: 1000)
    state.submit("j", atMs: 1000)
    _ = state.handle(.taskAssigned("j/task-0", worker: "w1", timestampMs: 1000))
    _ = state.handle(.brakeEngaged(ZoneCensus(zone: "", silentWorkers: 1, workers: 2), timestampMs: 2000))
    #expect(state.tick(nowMs: 7000).isEmpty)
    state.register(isMoved ? "w1" : "w2", zone: "a", atMs: 7001)
    if isMoved { state.register("w2", zone: "a", atMs: 7001) }
    #expect(state.tick(nowMs: 7002).map(\.event.kind) == [.assignmentTimedOut])
    #expect(state.checkInvariants().isEmpty)
  }

  /// The clock says when a brake is released, and not an event that says an earlier time.
  @Test(arguments: [true, false]) func aReleaseStartsDeliveriesAfreshByTheClock(isAskedBefore: Bool) {
    let state = Self.state()
    let census = ZoneCensus(zone: "", silentWorkers: 1, workers: 1)
    _ = state.handle(.brakeEngaged(census, timestampMs: 2000))
    _ = state.handle(.workerHeartbeat("w1", timestampMs: 20_000))
    if isAskedBefore { _ = state.tick(nowMs: 20_000) }
    _ = state.handle(.brakeReleased(census, timestampMs: 500))
    #expect(!state.tick(nowMs: 25_000).contains { $0.event.kind == .assignmentTimedOut })
    #expect(state.tick(nowMs: 25_001).count { $0.event.kind == .assignmentTimedOut } == 2)
  }

  @Test func aRestartStartsDeliveriesAfreshAndLeavesTheProgramsTime() {
    let state = Self.state()
    let restored = TestController(restoring: state.save(), configuration: Self.configuration, atMs: 4000)
    #expect(restored.stateHash == state.stateHash)
    #expect(restored.tick(nowMs: 9000).map(\.event.kind) == [.taskTimedOut])
    #expect(restored.tick(nowMs: 9001).count == 2)
  }

  @Test func neitherIsMadeOfAnAttemptThatHasGoneOn() {
    let state = Self.state()
    state.report("late/task-0", .building)
    #expect(state.handle(.taskTimedOut("run/task-0", attempt: 0, timestampMs: 6000)).outcome == .ignored)
    #expect(state.handle(.assignmentTimedOut("late/task-0", attempt: 0, timestampMs: 90_000)).outcome == .ignored)
    #expect(!state.stillHolds(.assignmentTimedOut("late/task-0", attempt: 0, timestampMs: 90_000)))
    #expect(state.stillHolds(.assignmentTimedOut("late/task-1", attempt: 0, timestampMs: 90_000)))
    let stale = state.handle(.taskTimedOut("run/task-0", attempt: 4, timestampMs: 90_000))
    #expect(stale.lines == ["stale_attempt_ignored run/task-0"] && stale.outcome == .ignored)
  }

  @Test func aBackOffEndsByTheSchedulersClockToo() {
    let state = TestController()
    state.register("w", atMs: 1000)
    state.submit("j", atMs: 1000) {
      $0.maxRetriesFailure = 9
      $0.retryDelayMs = 500
    }
    state.run("j/task-0", on: "w")
    state.report("j/task-0", .failed)
    #expect(state.taskView("j/task-0")?.retryMs == 1500 && state.queueNames.isEmpty)
    #expect(!state.hasSchedulableWork(atMs: 1499) && state.hasSchedulableWork(atMs: 1500))
    #expect(state.place(atMs: 1499).isEmpty)
    #expect(state.place(atMs: 1500) == ["j/task-0 w"])
    state.report("j/task-0", .failed)
    let restored = TestController(restoring: state.save(), configuration: .init(), atMs: state.nowMs)
    #expect(restored.taskView("j/task-0")?.retryMs == 2500 && restored.checkInvariants().isEmpty)
    #expect(
      restored.handle(.taskAssigned("j/task-0", worker: "w", timestampMs: 2499)).outcome.reason == .taskNotSchedulable)
    #expect(restored.nowMs == 1500 && restored.queueNames.isEmpty, "a rejected event moves no clock")
    #expect(
      restored.handle(.taskAssigned("j/task-0", worker: "ghost", timestampMs: 2600)).outcome.reason == .unknownWorker)
    #expect(restored.queueNames.isEmpty)
    #expect(restored.handle(.taskAssigned("j/task-0", worker: "w", timestampMs: 2500)).outcome == .applied)
  }

  @Test func aGangWaitsForTheBackOffOfOneMember() {
    let state = TestController()
    state.register("w", atMs: 1000)
    state.submit("g", replicas: 2, atMs: 1000) {
      ($0.coscheduled, $0.maxRetriesFailure, $0.retryDelayMs) = (true, 1, 700)
    }
    state.run("g/task-0", on: "w")
    state.run("g/task-1", on: "w")
    state.report("g/task-1", .failed)
    #expect(state.queueNames.isEmpty)
    #expect(
      state.handle(.taskAssigned("g/task-0", worker: "w", timestampMs: 1600)).outcome == .rejected(.taskNotSchedulable))
    #expect(state.tick(nowMs: 1700).isEmpty && state.queueNames == ["g/task-0", "g/task-1"])
  }

  @Test func delaysThatWouldOverflowEndAtTheirMaximum() {
    let state = TestController()
    state.register("w", atMs: 0)
    state.submit("j", atMs: 0) {
      ($0.maxRetriesFailure, $0.retryDelayMs, $0.retryDelayMaxMs) = (200, 1 << 40, 5)
    }
    for _ in 0..<150 {
      _ = state.tick(nowMs: state.nowMs + 5)
      state.run("j/task-0", on: "w")
      state.report("j/task-0", .failed)
      #expect(state.taskView("j/task-0")?.retryMs == state.nowMs + 5)
    }
  }
}
