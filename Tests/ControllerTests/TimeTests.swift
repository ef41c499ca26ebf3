import Controller
import EventModel
import Testing

@Suite struct TimeTests {
  @Test func theClockNeverGoesBack() {
    let state = TestController()
    state.register("w", atMs: 5000)
    state.submit("j", atMs: 3000)
    #expect(state.nowMs == 5000)
    #expect(state.jobView("j")?.submittedMs == 3000)
    let rejected = state.handle(.workerHeartbeat("ghost", timestampMs: 9000))
    #expect(rejected.outcome == .rejected(.unknownWorker))
    #expect(state.nowMs == 5000 && rejected.timestampMs == 9000)
    #expect(state.handle(.tick(nowMs: 9000)).outcome == .rejected(.forbidden))
    #expect(state.nowMs == 5000)
    #expect(state.tick(nowMs: 6000).isEmpty)
    #expect(state.nowMs == 6000)
    #expect(state.tick(nowMs: 1).isEmpty)
    #expect(state.nowMs == 6000)
  }

  @Test func aClockThatWasAheadGoesBackWithAllThatWasNotedMeanwhile() throws {
    let state = TestController()
    state.register("w", atMs: 1000)
    state.submit("before", atMs: 1000) { $0.schedulingTimeoutMs = 100_000 }
    state.submit("meanwhile", atMs: 9_000_000) { $0.schedulingTimeoutMs = 4000 }
    state.run("before/task-0", on: "w")
    let lastNumber = state.transactionLog.lastNumber
    let corrected = state.handle(.clockCorrected(aheadMs: 8_990_000, timestampMs: 12_000))
    #expect(corrected.outcome == .applied && corrected.timestampMs == 12_000 && corrected.number == lastNumber + 1)
    #expect(state.nowMs == 12_000)
    #expect(state.jobView("before")?.submittedMs == 1000)
    #expect(state.jobView("meanwhile")?.submittedMs == 12_000)
    #expect(try #require(state.taskView("before/task-0")).attempts.map(\.startedMs) == [12_000])
    #expect(state.taskView("before/task-0")?.assignedMs == 9_000_000, "its worker goes by it")
    _ = state.handle(.clockCorrected(aheadMs: 1000, timestampMs: 11_500))
    #expect(state.taskView("before/task-0")?.assignedMs == 9_000_000)
    #expect(state.checkInvariants() == [])
    #expect(ControllerState(restoring: state.save(), atMs: 11_500).stateHash == state.stateHash)
    #expect(state.tick(nowMs: 15_499).isEmpty)
    #expect(state.tick(nowMs: 15_500).map(\.lines) == [["task_state_changed meanwhile/task-0"]])
  }

  @Test func aRetryIsNeverUnschedulable() {
    let state = TestController()
    state.register("w", atMs: 1000)
    state.submit("j", atMs: 1000) {
      $0.schedulingTimeoutMs = 500
      $0.maxRetriesFailure = 3
    }
    state.run("j/task-0", on: "w")
    #expect(state.tick(nowMs: 2000).isEmpty, "it was placed in time")
    state.report("j/task-0", .failed)
    #expect(state.tick(nowMs: 200_000).map(\.lines.first) == ["worker_failed w"])
    #expect(state.jobView("j")?.state == .running && state.taskView("j/task-0")?.state == .pending)
  }

  @Test func deadlinesComeInOrderAndOncePerJob() throws {
    let state = TestController()
    state.submit("late", replicas: 2, atMs: 1000) { $0.schedulingTimeoutMs = 900 }
    state.submit("early", replicas: 2, atMs: 1000) { $0.schedulingTimeoutMs = 100 }
    state.submit("child", parent: "early", atMs: 1000) { $0.schedulingTimeoutMs = 200 }
    #expect(state.passedDeadlines(nowMs: 1099, limit: 10).isEmpty)
    let events = state.passedDeadlines(nowMs: 5000, limit: 2)
    let tasks = try ["early/task-0", "child/task-0"].map { try #require(state.taskView($0)).handle }
    #expect(events == tasks.map { .schedulingDeadlinePassed(.handle($0), timestampMs: 5000) })
    #expect(state.tick(nowMs: 5000).count == 2, "the end of early took child with it")
    #expect(state.handle(events[1]).outcome == .rejected(.taskFinished))
    #expect(state.jobView("child")?.state == .killed)
    #expect(state.queue.isEmpty)
  }

  @Test func aDeadlineThatHasNotPassedIsIgnored() {
    let state = TestController()
    state.submit("j", atMs: 1000) { $0.schedulingTimeoutMs = 500 }
    state.submit("k", atMs: 1000)
    for task in ["j/task-0", "k/task-0"] {
      let early = state.handle(.schedulingDeadlinePassed(.name(task), timestampMs: 1499))
      #expect(early.outcome == .ignored && early.actions.isEmpty)
    }
  }

  @Test func theLogKeepsTheNewest() {
    var configuration = ControllerConfiguration()
    configuration.transactionLogCapacity = 3
    let state = TestController(configuration: configuration)
    for index in 0..<7 { state.submit("j\(index)") }
    #expect(state.transactionLog.map(\.number) == [5, 6, 7])
    #expect(state.transactionLog.firstNumber == 5 && state.transactionLog.lastNumber == 7)
    #expect(state.transactionLog[number: 6]?.subject?.description == "j5")
    #expect(state.transactionLog[number: 4] == nil && state.transactionLog[number: 8] == nil)
  }
}
