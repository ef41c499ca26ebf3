import Controller
import EventModel
import Testing

@Suite struct TaskTests {
  private static func runningTask(_ adjust: (inout JobRequest) -> Void = { _ in }) -> TestController {
    let state = TestController()
    state.register("w")
    state.submit("j", replicas: 2, adjust)
    state.run("j/task-0", on: "w")
    return state
  }

  @Test(arguments: [TaskState.assigned, .unschedulable, .preempted, .coscheduledFailed])
  func statesThatWorkersCannotReport(reported: TaskState) {
    let state = Self.runningTask()
    let before = state.save()
    #expect(state.report("j/task-0", reported).outcome == .rejected(.malformed))
    var after = state.save()
    after.lastTransactionNumber = before.lastTransactionNumber
    #expect(after == before)
  }

  @Test func reportsThatChangeNothing() {
    let state = Self.runningTask { $0.maxRetriesFailure = 1 }
    for reported in [TaskState.pending, .building, .running] {
      let transaction = state.report("j/task-0", reported)
      #expect(transaction.outcome == .ignored && transaction.actions.isEmpty)
    }
    let never = state.handle(.taskStateChanged("j/task-1", attempt: 0, state: .running))
    #expect(never.outcome == .ignored && never.lines == ["stale_attempt_ignored j/task-1"])
    state.report("j/task-0", .failed)
    state.run("j/task-0", on: "w")
    let old = state.handle(.taskStateChanged("j/task-0", attempt: 0, state: .failed))
    #expect(old.lines == ["stale_attempt_ignored j/task-0"])
    #expect(old.actions.map(\.attempt) == [0])
    state.report("j/task-0", .succeeded)
    #expect(state.report("j/task-0", .running).lines == ["stale_attempt_ignored j/task-0"])
    #expect(state.report("j/task-0", .succeeded).lines == ["duplicate_terminal_ignored j/task-0"])
    #expect(state.taskView("j/task-0")?.failures == 1)
  }

  @Test func aReportedLossIsChargedOnlyOnceStarted() {
    let state = Self.runningTask { $0.maxRetriesPreemption = 0 }
    _ = state.handle(.taskAssigned("j/task-1", worker: "w"))
    let free = state.report("j/task-1", .workerFailed, error: "lost")
    #expect(free.kills.isEmpty && state.taskView("j/task-1")?.deliveries == 1)
    #expect(state.taskView("j/task-1")?.state == .pending)
    state.report("j/task-0", .workerFailed, error: "lost")
    #expect(state.taskView("j/task-0")?.state == .workerFailed)
    #expect(state.taskView("j/task-0")?.preemptions == 1)
  }

  @Test func preemptionsByState() {
    let state = Self.runningTask { $0.maxRetriesPreemption = 1 }
    #expect(state.handle(.taskPreempted("j/task-1")).outcome == .ignored)
    _ = state.handle(.taskAssigned("j/task-1", worker: "w"))
    #expect(state.handle(.taskPreempted("j/task-1")).kills == ["j/task-1 on w"])
    #expect(state.taskView("j/task-1")?.preemptions == 0)
    #expect(state.taskView("j/task-1")?.attempts.map(\.state) == [.preempted])
    _ = state.handle(.taskPreempted("j/task-0"))
    state.run("j/task-0", on: "w")
    _ = state.handle(.taskPreempted("j/task-0", reason: "again"))
    #expect(state.taskView("j/task-0")?.state == .preempted)
    #expect(state.handle(.taskPreempted("j/task-0")).outcome == .rejected(.taskFinished))
    #expect(state.handle(.taskPreempted("j/task-9")).outcome == .rejected(.unknownTask))
  }

  @Test func endpointsFollowTheirTask() {
    let state = Self.runningTask { $0.maxRetriesFailure = 1 }
    _ = state.handle(.taskAssigned("j/task-1", worker: "w"))
    for name in ["b", "a", "c"] { _ = state.handle(.endpointRegistered("j/task-0", endpoint: name)) }
    #expect(state.handle(.endpointRegistered("j/task-0", endpoint: "b")).outcome == .ignored)
    #expect(state.handle(.endpointRegistered("j/task-1", endpoint: "b")).outcome == .applied)
    #expect(state.endpoints.map { "\($0.name)=\($0.taskName)" } == ["a=j/task-0", "b=j/task-1", "c=j/task-0"])
    state.report("j/task-0", .failed)
    #expect(state.endpoints.map(\.name) == ["b"])
    let waiting = state.handle(.endpointRegistered("j/task-0", endpoint: "d"))
    #expect(waiting.outcome == .rejected(.taskNotSchedulable))
    state.report("j/task-1", .succeeded)
    #expect(state.endpoints.isEmpty)
    let finished = state.handle(.endpointRegistered("j/task-1", endpoint: "d"))
    #expect(finished.outcome == .rejected(.taskFinished))
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func aNewAttemptForgetsTheOldError() {
    let state = Self.runningTask { $0.maxRetriesFailure = 1 }
    _ = state.handle(
      .taskStateChanged("j/task-0", attempt: 0, state: .failed, error: "boom", exitCode: 3))
    #expect(state.taskView("j/task-0")?.error == "boom")
    #expect(state.taskView("j/task-0")?.exitCode == 3)
    state.run("j/task-0", on: "w")
    #expect(state.taskView("j/task-0")?.error == nil)
    #expect(state.taskView("j/task-0")?.exitCode == nil)
    #expect(state.taskView("j/task-0")?.attempts.map(\.error) == ["boom", nil])
    #expect(state.taskView("j/task-0")?.attempts.map(\.exitCode) == [3, nil])
  }

  @Test func assignmentsAreCheckedAtCommit() {
    let state = Self.runningTask()
    #expect(state.handle(.taskAssigned("no/task-0", worker: "w")).outcome == .rejected(.unknownTask))
    #expect(state.handle(.taskAssigned("no/task-0", worker: "no")).outcome == .rejected(.unknownWorker))
    state.report("j/task-0", .succeeded)
    let finished = state.handle(.taskAssigned("j/task-0", worker: "w"))
    #expect(finished.outcome == .rejected(.taskNotSchedulable))
    #expect(finished.subject?.description == "j/task-0")
  }
}
