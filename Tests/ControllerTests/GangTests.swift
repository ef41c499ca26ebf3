import Controller
import EventModel
import Testing

@Suite struct GangTests {
  private static func gang(_ adjust: (inout JobRequest) -> Void) -> TestController {
    let state = TestController()
    state.register("w1")
    state.register("w2")
    state.submit("g", replicas: 3) {
      $0.coscheduled = true
      adjust(&$0)
    }
    state.run("g/task-0", on: "w1")
    state.run("g/task-1", on: "w1")
    state.run("g/task-2", on: "w2")
    return state
  }

  @Test func onTheSameLostWorkerOnlyTheFirstIsCharged() {
    let state = Self.gang { $0.maxRetriesPreemption = 1 }
    let transaction = state.handle(.workerFailed("w1", error: "gone"))
    #expect(
      transaction.lines == [
        "worker_failed w1",
        "task_state_changed g/task-0", "task_unassigned g/task-0", "task_requeued g/task-0",
        "coscheduled_sibling_requeued g/task-1", "task_unassigned g/task-1", "task_requeued g/task-1",
        "coscheduled_sibling_requeued g/task-2", "task_unassigned g/task-2", "task_requeued g/task-2",
        "worker_pruned w1",
      ])
    #expect(transaction.kills == ["g/task-2 on w2"])
    #expect((0..<3).map { state.taskView("g/task-\($0)")?.preemptions } == [1, 0, 0])
    #expect(state.taskView("g/task-1")?.attempts.map(\.state) == [.coscheduledFailed])
    #expect(transaction.actions[4].cause == .action(1))
    #expect(transaction.actions[5].cause == .action(4))
  }

  @Test func terminalPreemptionEndsTheGang() {
    let state = Self.gang { $0.maxRetriesPreemption = 0 }
    let transaction = state.handle(.taskPreempted("g/task-2", reason: "reclaim"))
    #expect(state.jobView("g")?.state == .workerFailed)
    #expect(state.jobView("g")?.error == "reclaim")
    #expect(
      (0..<3).map { state.taskView("g/task-\($0)")?.state } == [.coscheduledFailed, .coscheduledFailed, .preempted])
    #expect(Set(transaction.kills) == ["g/task-0 on w1", "g/task-1 on w1", "g/task-2 on w2"])
    #expect(state.totals.committed.milliCPU == 0)
  }

  @Test func successTouchesNobody() {
    let state = Self.gang { _ in }
    #expect(state.report("g/task-0", .succeeded).lines == ["task_state_changed g/task-0", "task_unassigned g/task-0"])
    #expect(state.taskView("g/task-1")?.state == .running)
    state.report("g/task-1", .failed, error: "boom")
    #expect(state.taskView("g/task-0")?.state == .succeeded, "what is finished stays")
    #expect(state.jobView("g")?.state == .failed)
  }

  @Test func waitingMembersEndWithTheGang() {
    let state = TestController()
    state.register("w")
    state.submit("g", replicas: 3) { $0.coscheduled = true }
    state.run("g/task-1", on: "w")
    let transaction = state.report("g/task-1", .failed, error: "boom")
    #expect(
      transaction.lines == [
        "task_state_changed g/task-1", "task_unassigned g/task-1", "coscheduled_sibling_killed g/task-0",
        "coscheduled_sibling_killed g/task-2",
      ])
    #expect(transaction.actions[2].cause == .action(0))
    #expect(state.jobView("g")?.error == "boom")
    #expect(state.taskView("g/task-0")?.state == .coscheduledFailed && transaction.kills.isEmpty)
  }
}
