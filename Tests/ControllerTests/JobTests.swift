import Controller
import EventModel
import Testing

@Suite struct JobTests {
  @Test func cancellationReachesTasksThatWaitForARetry() {
    let state = TestController()
    state.register("w")
    state.submit("j") { $0.maxRetriesFailure = 5 }
    state.run("j/task-0", on: "w")
    state.report("j/task-0", .failed, error: "boom")
    #expect(state.taskView("j/task-0")?.state == .pending)
    let transaction = state.handle(.jobCancelled("j", reason: "enough"))
    #expect(transaction.lines == ["task_state_changed j/task-0", "job_cancelled j"])
    #expect(transaction.kills.isEmpty)
    #expect(state.taskView("j/task-0")?.state == .killed)
    #expect(state.taskView("j/task-0")?.attempts.map(\.state) == [.failed])
    #expect(state.jobView("j")?.error == "enough")
    #expect(state.handle(.jobCancelled("j", reason: "again")).outcome == .ignored)
    #expect(state.jobView("j")?.error == "enough")
  }

  @Test func descendantsLearnWhy() {
    let state = TestController()
    state.register("w")
    state.submit("root")
    state.submit("middle", parent: "root")
    state.submit("leaf", parent: "middle")
    state.run("root/task-0", on: "w")
    let transaction = state.report("root/task-0", .failed, error: "boom")
    #expect(
      transaction.lines == [
        "task_state_changed root/task-0", "task_unassigned root/task-0", "task_state_changed middle/task-0",
        "job_cancelled middle", "task_state_changed leaf/task-0", "job_cancelled leaf",
      ])
    #expect(transaction.actions.map(\.cause) == [.event, .action(0), .action(0), .action(0), .action(3), .action(3)])
    #expect(state.jobView("middle")?.error == "parent job root ended FAILED")
    #expect(state.jobView("leaf")?.error == "parent job middle was cancelled")
  }

  @Test func jobsBelowOneThatSucceededAreStillReached() {
    let state = TestController()
    state.register("w")
    state.submit("root", atMs: 1000)
    for name in ["first", "middle", "last"] { state.submit(name, parent: "root") }
    for name in ["a", "b"] { state.submit(name, parent: "middle") }
    state.run("middle/task-0", on: "w")
    state.report("middle/task-0", .succeeded)
    _ = state.handle(.prune(nowMs: 700_000_000))
    #expect(state.job(named: "middle") == nil)
    #expect(state.jobView("a")?.parentName == "middle")
    let transaction = state.handle(.jobCancelled("root", reason: "stop"))
    #expect(
      transaction.lines.filter { $0.hasPrefix("job_cancelled") }
        == ["root", "first", "a", "b", "last"].map { "job_cancelled \($0)" })
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func aJobThatSucceededDoesNotOpenADeadTree() {
    let state = TestController()
    state.register("w")
    state.submit("root", atMs: 1000)
    state.submit("done", parent: "root")
    state.run("done/task-0", on: "w")
    state.report("done/task-0", .succeeded)
    _ = state.handle(.jobCancelled("root", reason: "stop"))
    #expect(state.submit("late", parent: "done").outcome == .rejected(.taskFinished))
    _ = state.handle(.prune(nowMs: 700_000_000))
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func submissionsUnderAParentAreChecked() {
    let state = TestController()
    state.register("w")
    state.submit("done")
    state.run("done/task-0", on: "w")
    state.report("done/task-0", .succeeded)
    state.submit("dead")
    _ = state.handle(.jobCancelled("dead", reason: "stop"))
    #expect(state.submit("a", parent: "nobody").outcome == .rejected(.unknownJob))
    #expect(state.submit("b", parent: "dead").outcome == .rejected(.taskFinished))
    #expect(state.submit("c", parent: "done").outcome == .applied)
    #expect(state.submit("d0").outcome == .applied)
    for depth in 1...Limits.jobDepth {
      #expect(state.submit("d\(depth)", parent: "d\(depth - 1)").outcome == .applied)
    }
    #expect(state.submit("deeper", parent: "d\(Limits.jobDepth)").outcome == .rejected(.malformed))
    #expect(state.job(named: "deeper") == nil)
  }

  @Test(arguments: [-1, 0, 10_001])
  func replicasOutOfRangeFail(replicas: Int32) {
    let state = TestController()
    #expect(state.submit("j", replicas: replicas).lines == ["job_validation_failed j"])
    #expect(state.jobView("j")?.error == "replicas must be in 1...10000, not \(replicas)")
    #expect(state.submit("j").outcome == .rejected(.duplicateJob))
  }

  @Test func numbersThatArithmeticReliesOnAreChecked() {
    let state = TestController()
    #expect(state.submit("a") { $0.resources.milliCPU = -1 }.outcome == .rejected(.malformed))
    #expect(state.submit("b") { $0.schedulingTimeoutMs = .max }.outcome == .rejected(.malformed))
    #expect(state.submit("c") { $0.maxRetriesFailure = -1 }.outcome == .rejected(.malformed))
    #expect(state.submit("d", atMs: .max).outcome == .rejected(.malformed))
    #expect(state.nowMs == 0)
    #expect(state.transactionLog.count == 4)
  }

  @Test func prunedRowsAreReusedUnderNewHandles() throws {
    var configuration = ControllerConfiguration()
    configuration.jobRetentionMs = 1000
    let state = TestController(configuration: configuration)
    state.register("w")
    state.submit("old", replicas: 3, atMs: 5000)
    let oldJob = try #require(state.job(named: "old"))
    let oldTask = try #require(state.task(at: 1, of: oldJob))
    state.run("old/task-1", on: "w")
    _ = state.handle(.jobCancelled("old", reason: "stop"))
    #expect(state.handle(.prune(nowMs: 6000)).outcome == .ignored, "exactly the retention")
    #expect(state.handle(.prune(nowMs: 6001)).lines == ["job_pruned old"])
    #expect(state.view(of: oldJob) == nil && state.view(of: oldTask) == nil)
    state.submit("new", replicas: 3)
    let newTask = try #require(state.task(named: TaskName(job: "new", index: 1)))
    #expect(newTask.index == oldTask.index && newTask.generation == oldTask.generation + 1)
    let late = state.handle(.taskStateChanged(.handle(oldTask), attempt: 0, state: .succeeded))
    #expect(late.outcome == .rejected(.unknownTask))
    #expect(late.subject == nil)
    #expect(state.taskView("new/task-1")?.attempts == [])
    #expect(state.taskView("new/task-1")?.error == nil)
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func pruningFollowsTheOrderOfSubmission() {
    let state = TestController()
    for name in ["a", "b", "c"] { state.submit(name) }
    for name in ["c", "a", "b"] { _ = state.handle(.jobCancelled(.name(name), reason: "stop")) }
    #expect(state.handle(.prune(nowMs: 1_000_000_000)).lines == ["job_pruned a", "job_pruned b", "job_pruned c"])
    #expect(state.totals.jobs.total == 0 && state.totals.tasks.total == 0)
  }

  @Test func failuresWithinTheToleranceLetTheJobGoOn() {
    let state = TestController()
    state.register("w")
    state.submit("j", replicas: 3) { $0.maxTaskFailures = 1 }
    for index in 0..<3 { state.run("j/task-\(index)", on: "w") }
    state.report("j/task-1", .failed, error: "one")
    #expect(state.jobView("j")?.state == .running)
    #expect(state.jobView("j")?.error == "one")
    state.report("j/task-0", .succeeded)
    state.report("j/task-2", .succeeded)
    #expect(state.jobView("j")?.state == .failed)
    #expect(state.jobView("j")?.endedMs == 0)
  }
}
