import Controller
import EventModel
import Testing

@Suite struct ExplanationTests {
  /// `#TRANSACTION EVENT` or `#TRANSACTION EVENT: ACTION SUBJECT`, with the position of the cause.
  private static func lines(_ explanation: Explanation?) -> [String] {
    let steps = explanation?.steps ?? []
    let kinds = steps.compactMap { step in
      if case .event(let event, _) = step.content { (step.transaction, event.kind.name) } else { nil }
    }
    return steps.map { step in
      let kind = kinds.first { $0.0 == step.transaction }?.1 ?? ""
      let action = step.action.map { ": \($0.kind.name) \($0.subject)" } ?? ""
      let cause = step.cause.map { " <- \($0)" } ?? ""
      return "#\(step.transaction) \(kind)\(action)\(cause)"
    }
  }

  private static func explain(_ state: TestController, task: String) -> Explanation? {
    TaskName(task).flatMap { state.task(named: $0) }.flatMap { state.explain(task: $0) }
  }

  @Test func aRequeuedTaskLeadsBackToTheLostWorker() throws {
    let state = TestController()
    let worker = try #require(state.register("w1", atMs: 1000))
    state.submit("j", atMs: 2000) { $0.maxRetriesPreemption = 3 }
    _ = state.handle(.taskAssigned("j/task-0", worker: "w1", timestampMs: 3000))
    _ = state.handle(.taskStateChanged("j/task-0", attempt: 0, state: .running, timestampMs: 3500))
    _ = state.handle(.taskStateChanged("j/task-0", attempt: 7, state: .failed, timestampMs: 3600))
    _ = state.handle(
      .workerTimedOut(.handle(worker), lastHeartbeatMs: 3000, timeoutMs: 60_000, timestampMs: 63_001))
    let explanation = try #require(Self.explain(state, task: "j/task-0"))
    #expect(
      Self.lines(explanation) == [
        "#6 WORKER_FAILED: task_requeued j/task-0 <- 2",
        "#6 WORKER_FAILED: task_unassigned j/task-0 <- 2",
        "#6 WORKER_FAILED: task_state_changed j/task-0 <- 3",
        "#6 WORKER_FAILED: worker_failed w1 <- 4",
        "#6 WORKER_FAILED",
        "#4 TASK_STATE_CHANGED: task_state_changed j/task-0 <- 6",
        "#4 TASK_STATE_CHANGED",
        "#3 TASK_ASSIGNED: task_assigned j/task-0 <- 8",
        "#3 TASK_ASSIGNED",
        "#2 JOB_SUBMITTED: task_created j/task-0 <- 10",
        "#2 JOB_SUBMITTED",
      ])
    #expect(explanation.steps[4].timestampMs == 63_001)
    #expect(explanation.isComplete && explanation.subject.description == "j/task-0")
    guard case .task(let view, let budgets, let obstacle) = explanation.present else {
      Issue.record("\(explanation.present)")
      return
    }
    #expect(view.state == .pending && view.attempts.map(\.state) == [.workerFailed])
    #expect(budgets.preemptions.used == 1 && budgets.preemptions.left == 2)
    #expect(budgets.failures.left == 0 && budgets.deliveries.left == 20)
    #expect(obstacle == .noWorkers)
    let lost = try #require(state.explain(worker: worker))
    #expect(lost.present == .gone && lost.subject.description == "w1" && lost.isComplete)
    #expect(
      Self.lines(lost) == [
        "#6 WORKER_FAILED: worker_pruned w1 <- 1", "#6 WORKER_FAILED: worker_failed w1 <- 2", "#6 WORKER_FAILED",
        "#1 WORKER_REGISTERED: worker_registered w1 <- 4", "#1 WORKER_REGISTERED",
      ])
    #expect(state.explain(worker: WorkerHandle(index: 7, generation: 9)) == nil)
  }

  @Test func aGangSiblingLeadsBackToTheMemberThatFailed() throws {
    let state = TestController()
    state.register("w1")
    state.submit("g", replicas: 2) { $0.coscheduled = true }
    state.run("g/task-0", on: "w1")
    state.run("g/task-1", on: "w1")
    state.report("g/task-1", .failed, error: "boom")
    let lines = Self.lines(Self.explain(state, task: "g/task-0"))
    #expect(
      lines.prefix(4) == [
        "#7 TASK_STATE_CHANGED: task_unassigned g/task-0 <- 1",
        "#7 TASK_STATE_CHANGED: coscheduled_sibling_killed g/task-0 <- 2",
        "#7 TASK_STATE_CHANGED: task_state_changed g/task-1 <- 3",
        "#7 TASK_STATE_CHANGED",
      ])
    let job = try #require(state.job(named: "g"))
    let explanation = try #require(state.explain(job: job))
    #expect(
      Self.lines(explanation) == [
        "#7 TASK_STATE_CHANGED: task_state_changed g/task-1 <- 1", "#7 TASK_STATE_CHANGED",
        "#2 JOB_SUBMITTED: job_submitted g <- 3", "#2 JOB_SUBMITTED",
      ])
    #expect(explanation.isComplete)
  }

  @Test func aCancelledDescendantLeadsBackToTheCancelOfItsAncestor() throws {
    let state = TestController()
    state.submit("top")
    state.submit("middle", parent: "top")
    state.submit("low", parent: "middle")
    _ = state.handle(.jobCancelled("top", reason: "enough"))
    let job = try #require(state.job(named: "low"))
    let lines = Self.lines(state.explain(job: job))
    #expect(
      lines.prefix(5) == [
        "#4 JOB_CANCELLED: job_cancelled low <- 2", "#4 JOB_CANCELLED: task_state_changed low/task-0 <- 2",
        "#4 JOB_CANCELLED: job_cancelled middle <- 3", "#4 JOB_CANCELLED: job_cancelled top <- 4",
        "#4 JOB_CANCELLED",
      ])
  }

  @Test func whatHasLeftTheLogIsMissed() throws {
    var configuration = ControllerConfiguration()
    configuration.transactionLogCapacity = 2
    let state = TestController(configuration: configuration)
    state.register("w")
    state.submit("j")
    state.run("j/task-0", on: "w")
    let explanation = try #require(Self.explain(state, task: "j/task-0"))
    #expect(!explanation.isComplete && explanation.steps.count == 4)
  }

  @Test func stepsAreBounded() throws {
    let state = TestController()
    state.register("w")
    state.submit("j") { $0.maxRetriesFailure = 1_000_000 }
    for _ in 0..<300 {
      state.run("j/task-0", on: "w")
      state.report("j/task-0", .failed)
    }
    let explanation = try #require(Self.explain(state, task: "j/task-0"))
    #expect(explanation.steps.count <= ControllerLimits.explanationSteps && explanation.steps.count > 900)
    #expect(!explanation.isComplete)
    #expect(explanation.steps.indices.allSatisfy { (explanation.steps[$0].cause ?? .max) > $0 })
  }

  /// In random histories, every chain ends at events from outside, and newer comes before older.
  @Test func everyChainEndsAtAnEvent() {
    for seed in UInt64(1)...30 {
      var events = RandomEvents(seed: seed)
      let state = TestController()
      for _ in 0..<200 { _ = state.handle(events.next(state)) }
      var slot = 0
      while let task = state.nextTask(from: slot) {
        slot = Int(task.handle.index) + 1
        guard let steps = state.explain(task: task.handle)?.steps else {
          Issue.record("seed \(seed): \(task.name) is not explained")
          continue
        }
        #expect(steps.last?.cause == nil && steps.last?.action == nil, "seed \(seed), \(task.name)")
        for (index, step) in steps.enumerated() {
          if let cause = step.cause {
            #expect(cause > index && cause < steps.count && steps[cause].transaction == step.transaction)
          } else {
            #expect(step.action == nil)
          }
          if index > 0 { #expect(steps[index - 1].transaction >= step.transaction) }
        }
        let newest = steps.first { $0.action?.subject.rawHandle == task.handle.rawValue && $0.action?.to != nil }
        #expect(
          newest?.action?.to == task.state, "seed \(seed), \(task.name): the newest move led to the present state")
      }
    }
  }
}

@Suite struct PlacementObstacleTests {
  private static func obstacle(_ state: TestController, _ task: String) -> PlacementObstacle? {
    TaskName(task).flatMap { state.task(named: $0) }.flatMap { state.placementObstacle(of: $0) }
  }

  @Test func itNamesWhatIsMissingWhere() throws {
    let state = TestController()
    state.submit("j") { $0.resources.milliCPU = 3000 }
    #expect(Self.obstacle(state, "j/task-0") == .noWorkers)
    state.register("small", milliCPU: 1000)
    let large = try #require(state.register("large", milliCPU: 2500))
    state.register("full", milliCPU: 0)
    let best = WorkerIdentity(handle: large, name: "large")
    #expect(
      Self.obstacle(state, "j/task-0")
        == .tooLarge(Shortage(resource: .cpu, needed: 3000, free: 2500), largestWorker: best, workersConsidered: 3))
    state.submit("k") { $0.resources.milliCPU = 2000 }
    state.submit("l") { $0.resources.milliCPU = 2000 }
    state.run("k/task-0", on: "large")
    let small = WorkerIdentity(handle: try #require(state.worker(named: "small")), name: "small")
    #expect(
      Self.obstacle(state, "l/task-0")
        == .noCapacity(Shortage(resource: .cpu, needed: 2000, free: 1000), bestWorker: small, workersConsidered: 3))
    state.register("larger", milliCPU: 3000)
    #expect(Self.obstacle(state, "j/task-0") == .notYetConsidered)
    _ = state.handle(.taskAssigned("j/task-0", worker: "larger"))
    #expect(Self.obstacle(state, "j/task-0") == nil)
  }

  @Test func aGangIsHeldByItsOwn() {
    let state = TestController()
    state.register("w1", milliCPU: 2500)
    state.register("w2", milliCPU: 1900)
    state.submit("g", replicas: 5) { $0.coscheduled = true }
    #expect(Self.obstacle(state, "g/task-3") == .gangTooLarge(missingMembers: 2))
    state.register("w3", milliCPU: 2000)
    #expect(Self.obstacle(state, "g/task-3") == .notYetConsidered)
    state.submit("single")
    state.run("single/task-0", on: "w3")
    #expect(Self.obstacle(state, "g/task-3") == .heldByGang(missingMembers: 1))
    state.submit("part", replicas: 8) { $0.coscheduled = true }
    _ = state.handle(.taskAssigned("part/task-0", worker: "w1"))
    #expect(Self.obstacle(state, "part/task-3") == .gangTooLarge(missingMembers: 3), "those that are placed count too")
    _ = state.handle(.jobCancelled("part", reason: "enough"))
    state.submit("big", replicas: 2) {
      $0.coscheduled = true
      $0.resources.milliCPU = 3000
    }
    guard case .tooLarge(let missing, let best, 3)? = Self.obstacle(state, "big/task-0") else {
      Issue.record("\(String(describing: Self.obstacle(state, "big/task-0")))")
      return
    }
    #expect(missing.missing == 500 && best.name == "w1")
  }
}
