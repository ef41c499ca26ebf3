import Controller
import EventModel
import Testing

@Suite struct WorkerTests {
  @Test func deliveryBudgetEndsAnEndlessLoop() {
    var configuration = ControllerConfiguration()
    configuration.deliveryRetries = 2
    let state = TestController(configuration: configuration)
    state.submit("j")
    for round in 1...3 {
      state.register("w")
      _ = state.handle(.taskAssigned("j/task-0", worker: "w"))
      _ = state.handle(.workerFailed("w", error: "gone"))
      #expect(state.taskView("j/task-0")?.deliveries == Int32(round))
    }
    #expect(state.taskView("j/task-0")?.state == .workerFailed)
    #expect(state.taskView("j/task-0")?.preemptions == 0)
    #expect(state.jobView("j")?.state == .workerFailed)
    #expect(state.jobView("j")?.error == "gone")
  }

  @Test func staleHandlesAreRefused() throws {
    let state = TestController()
    let first = try #require(state.register("w", incarnation: "a", atMs: 100))
    let second = try #require(state.register("w", incarnation: "b", atMs: 200))
    #expect(first != second && first.index == second.index)
    #expect(state.recordHeartbeat(first, atMs: 300) == .unknownWorker)
    #expect(state.recordHeartbeat(second, atMs: 300) == .applied)
    #expect(state.view(of: first) == nil)
    #expect(state.handle(.workerHeartbeat(.handle(first))).outcome == .rejected(.unknownWorker))
    _ = state.handle(.workerFailed(.handle(second)))
    let successor = WorkerHandle(index: second.index, generation: second.generation + 1)
    #expect(state.recordHeartbeat(successor, atMs: 400) == .unknownWorker, "the slot is free")
    #expect(state.view(of: successor) == nil)
  }

  @Test func aBatchOfHeartbeatsIsAppliedWholeOrNotAtAll() throws {
    let state = TestController()
    let first = try #require(state.register("a", atMs: 1000))
    let second = try #require(state.register("b", atMs: 1000))
    let before = state.transactionLog.lastNumber
    let times = [(first, 5000), (second, 3000), (first, 4000)].map { Heartbeat(worker: $0, timeMs: Int64($1)) }
    #expect(state.recordHeartbeats(times))
    #expect(state.workerView("a")?.lastHeartbeatMs == 5000, "the clock never goes back")
    #expect(state.workerView("b")?.lastHeartbeatMs == 3000)
    for odd in [
      WorkerHandle(index: first.index, generation: first.generation + 1), WorkerHandle(index: 99, generation: 1), .none,
    ] {
      #expect(!state.recordHeartbeats([Heartbeat(worker: second, timeMs: 9000), Heartbeat(worker: odd, timeMs: 9000)]))
    }
    _ = state.handle(.workerHeartbeatFailed("a"))
    #expect(!state.recordHeartbeats([Heartbeat(worker: second, timeMs: 9000), Heartbeat(worker: first, timeMs: 9000)]))
    #expect(state.workerView("b")?.lastHeartbeatMs == 3000)
    #expect(state.recordHeartbeats([]))
    #expect(state.transactionLog.lastNumber == before + 1)
  }

  @Test func heartbeatsOnTheFastPath() throws {
    let state = TestController()
    let worker = try #require(state.register("w", atMs: 1000))
    let before = state.transactionLog.lastNumber
    #expect(state.recordHeartbeat(worker, atMs: 5000) == .applied)
    #expect(state.recordHeartbeat(worker, atMs: 4000) == .applied)
    #expect(state.workerView("w")?.lastHeartbeatMs == 5000)
    #expect(state.nowMs == 1000)
    #expect(state.transactionLog.lastNumber == before)
    _ = state.handle(.workerHeartbeatFailed("w"))
    #expect(state.recordHeartbeat(worker, atMs: 6000) == .needsTransaction)
    #expect(state.workerView("w")?.lastHeartbeatMs == 5000)
    _ = state.handle(.workerHeartbeat(.handle(worker), timestampMs: 6000))
    #expect(state.recordHeartbeat(worker, atMs: 7000) == .applied)
  }

  @Test func sweepFindsWhatIsStrictlyOlder() {
    let state = TestController()
    for (index, heartbeatMs) in [Int64(1000), 1001, 999, 5000].enumerated() {
      state.register("w\(index)", atMs: heartbeatMs)
    }
    _ = state.handle(.workerFailed("w3"))
    let events = state.overdueWorkers(inSlots: 0..<10, nowMs: 61_000)
    #expect(
      events == [
        .workerTimedOut(
          .handle(WorkerHandle(index: 2, generation: 1)), lastHeartbeatMs: 999, timeoutMs: 60_000,
          timestampMs: 61_000)
      ])
    state.restartLiveness(atMs: 61_000)
    #expect(state.overdueWorkers(inSlots: 0..<10, nowMs: 121_000).isEmpty)
  }

  @Test func newIncarnationNamesTheCauses() {
    let state = TestController()
    state.register("w", incarnation: "a")
    state.submit("j")
    state.run("j/task-0", on: "w")
    let metadata = WorkerMetadata(capacity: Resources(milliCPU: 8000))
    let transaction = state.handle(
      .workerRegistered("w", address: "w:1", metadata: metadata, incarnation: "b"))
    #expect(
      transaction.lines == [
        "worker_failed w", "task_state_changed j/task-0", "task_unassigned j/task-0", "task_requeued j/task-0",
        "worker_pruned w", "worker_registered w",
      ])
    #expect(
      transaction.actions.map(\.cause) == [.event, .action(0), .action(1), .action(1), .action(0), .event])
    #expect(transaction.kills.isEmpty)
    #expect(transaction.actions[1].from == .running && transaction.actions[1].to == .pending)
    #expect(transaction.actions[1].attempt == 0 && transaction.actions[1].worker?.name == "w")
  }

  @Test func refreshTakesTheNewCapacity() {
    let state = TestController()
    state.register("w", milliCPU: 4000, atMs: 100)
    state.submit("j", replicas: 3) { $0.resources.milliCPU = 2000 }
    state.run("j/task-0", on: "w")
    state.register("w", milliCPU: 1000, atMs: 50)
    #expect(state.workerView("w")?.lastHeartbeatMs == 100)
    #expect(state.totals.capacity.milliCPU == 1000)
    let refused = state.handle(.taskAssigned("j/task-1", worker: "w"))
    #expect(refused.outcome == .rejected(.insufficientCapacity))
    #expect(state.taskView("j/task-0")?.state == .running)
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func reconcileKillsWhatIsNotWanted() {
    let state = TestController()
    state.register("w")
    state.register("other")
    state.submit("j", replicas: 5)
    state.run("j/task-0", on: "w")
    state.run("j/task-1", on: "other")
    state.run("j/task-2", on: "w")
    state.report("j/task-2", .succeeded)
    _ = state.handle(.taskAssigned("j/task-3", worker: "w"))
    let reported = ["j/task-0", "j/task-1", "j/task-2", "j/task-2", "j/task-4", "ghost/task-0"].map {
      ReportedTask(task: .name($0), attempt: 0)
    }
    let transaction = state.handle(.workerReconciled("w", reported: reported))
    #expect(transaction.outcome == .applied)
    #expect(transaction.actions.isEmpty)
    #expect(transaction.kills == ["j/task-1 on w", "j/task-2 on w", "j/task-4 on w", "ghost/task-0 on w"])
    #expect(state.taskView("j/task-1")?.state == .running)
    #expect(state.taskView("j/task-3")?.state == .assigned, "not reported yet, and not started")
    let agreeing = state.handle(
      .workerReconciled("w", reported: [ReportedTask(task: "j/task-0", attempt: 0)]))
    #expect(agreeing.outcome == .ignored)
    let otherAttempt = state.handle(
      .workerReconciled("w", reported: [ReportedTask(task: "j/task-0", attempt: 7)]))
    #expect(otherAttempt.kills == ["j/task-0 on w"])
    #expect(otherAttempt.tasksToKill.map(\.attempt) == [7])
    #expect(state.taskView("j/task-0")?.state == .pending)
  }
}
