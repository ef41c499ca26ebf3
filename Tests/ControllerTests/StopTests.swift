import Controller
import EventModel
import Testing

@Suite struct StopTests {
  /// A task that stops on a worker that confirms it.
  private static func stopping(_ adjust: (inout JobRequest) -> Void = { _ in }) -> TestController {
    let state = TestController()
    state.register("w", devices: ["gpu": 1], confirmsStops: true, atMs: 1000)
    state.submit("j") { request in
      request.resources.devices = ["gpu": 1]
      adjust(&request)
    }
    state.run("j/task-0", on: "w")
    _ = state.handle(.jobCancelled("j", reason: "enough", timestampMs: 2000))
    return state
  }

  private static func stop(_ state: TestController, exitCode: Int32? = nil) -> Transaction {
    state.handle(.taskStopped("j/task-0", attempt: 0, error: "killed", exitCode: exitCode, timestampMs: 3000))
  }

  @Test func anEndedJobIsNotOverWhileAnAttempStops() {
    let state = Self.stopping()
    #expect(state.workerView("w")?.committed.devices == ["gpu": 1])
    #expect(state.workerView("w")?.stoppingTasks.count == 1 && state.workerView("w")?.runningTasks.isEmpty == true)
    #expect(state.totals.stopping == 1 && state.taskView("j/task-0")?.isStopping == true)
    #expect(state.taskView("j/task-0")?.worker == nil && state.taskView("j/task-0")?.attempts.last?.isStopping == true)
    let later: Int64 = 2000 + 604_800_001
    #expect(state.handle(.prune(nowMs: later)).outcome == .ignored, "it is kept for longer than its retention")
    #expect(state.submit("j") { $0.ifExists = .replaceFinished }.outcome == .rejected(.duplicateJob))
    #expect(Self.stop(state).lines == ["task_stopped j/task-0"])
    #expect(state.workerView("w")?.committed == Resources() && state.totals.stopping == 0)
    #expect(state.submit("j", replicas: 2) { $0.ifExists = .replaceFinished }.lines.first == "job_pruned j")
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func whatAWorkerSaysOfTheStopIsKeptWithTheAttempt() throws {
    let state = Self.stopping()
    _ = Self.stop(state, exitCode: 143)
    let task = try #require(state.taskView("j/task-0"))
    #expect(task.attempts.map(\.endReason) == [.exited] && task.attempts.map(\.error) == ["killed"])
    #expect(task.error == "enough" && task.exitCode == 143 && task.state == .killed)
    #expect(Self.stop(state).lines == ["duplicate_terminal_ignored j/task-0"])
    #expect(state.save() == TestController(restoring: state.save(), configuration: .init(), atMs: state.nowMs).save())
  }

  @Test func itOutlivesARestart() {
    let state = Self.stopping()
    let restored = TestController(restoring: state.save(), configuration: .init(), atMs: state.nowMs)
    #expect(restored.save() == state.save() && restored.stateHash == state.stateHash)
    #expect(restored.checkInvariants().isEmpty)
    #expect(Self.stop(restored) == Self.stop(state))
    #expect(restored.stateHash == state.stateHash)
  }

  @Test func aRefreshWithoutConfirmationLeavesWhatStopsStopping() {
    let state = Self.stopping()
    state.register("w", devices: ["gpu": 1])
    #expect(state.totals.stopping == 1)
    state.submit("k")
    state.run("k/task-0", on: "w")
    _ = state.handle(.jobCancelled("k", reason: "enough"))
    #expect(state.totals.stopping == 1, "what ends later is over at once")
  }

  @Test func anotherIncarnationConfirms() {
    let state = Self.stopping()
    let transaction = state.handle(
      .workerRegistered("w", address: "w", metadata: WorkerMetadata(), incarnation: "next"))
    #expect(
      transaction.lines == ["worker_failed w", "task_stopped j/task-0", "worker_pruned w", "worker_registered w"])
    #expect(state.totals.stopping == 0 && state.checkInvariants().isEmpty)
  }

  @Test func aGangWaitsForAllItsStops() {
    let state = TestController()
    state.register("w", confirmsStops: true)
    state.submit("g", replicas: 2) { $0.coscheduled = true }
    state.run("g/task-0", on: "w")
    state.run("g/task-1", on: "w")
    _ = state.handle(.taskPreempted("g/task-0"))
    #expect(state.queueNames.isEmpty && state.totals.stopping == 2)
    let task = state.task(named: TaskName(job: "g", index: 0))
    #expect(
      task.flatMap { state.placementObstacle(of: $0) }
        == .stopping(WorkerIdentity(handle: state.worker(named: "w")!, name: "w")))
    _ = state.handle(.taskStopped("g/task-0", attempt: 0))
    #expect(state.queueNames.isEmpty, "one of them still runs")
    _ = state.handle(.taskStopped("g/task-1", attempt: 0))
    #expect(state.queueNames == ["g/task-0", "g/task-1"])
    #expect(state.place() == ["g/task-0 w", "g/task-1 w"])
  }

  @Test func namesOfNoTaskAreKilledAsTheyWereReported() {
    let state = TestController()
    state.register("w")
    let reported = ["no name at all", "gone/task-3", "gone/task-03"].map { ReportedTask(task: .name($0), attempt: 1) }
    let handle = ReportedTask(task: .handle(TaskHandle(index: 7, generation: 2)), attempt: 0)
    let kills = state.handle(.workerReconciled("w", reported: reported + reported + [handle])).kills
    #expect(kills == ["no name at all on w", "gone/task-3 on w", "gone/task-03 on w", "#7.2 on w"])
  }
}
