import Controller
import EventModel
import Testing

@Suite struct ExplanationSearchTests {
  /// However small the slices, the account is the same.
  @Test(arguments: [1, 2, 7, 1000]) func slicesMakeTheWhole(limit: Int) {
    for seed in UInt64(1)...20 {
      var events = RandomEvents(seed: seed)
      let state = TestController()
      for _ in 0..<200 { _ = state.handle(events.next(state)) }
      var targets: [EntityReference] = (0..<5).map { .worker(.name("w\($0)")) }
      var slot = 0
      while let job = state.nextJob(from: slot) {
        slot = Int(job.handle.index) + 1
        targets += [.job(.name(job.name)), .job(.handle(job.handle)), .task(.name("\(job.name)/task-0"))]
      }
      for target in targets {
        #expect(
          state.explain(target, actionsPerSlice: limit) == state.explain(target), "seed \(seed), \(target)")
      }
    }
  }

  @Test func aJobTellsWhatItsFirstPendingTaskWaitsFor() throws {
    let state = TestController()
    state.register("w", milliCPU: 1500)
    state.submit("j", replicas: 2)
    state.run("j/task-0", on: "w")
    guard case .job(let view, let obstacle)? = state.explain(.job("j"))?.present else {
      Issue.record("the job is not there")
      return
    }
    #expect(view.taskCounts[.pending] == 1)
    #expect(
      obstacle == TaskName("j/task-1").flatMap { state.task(named: $0) }.flatMap { state.placementObstacle(of: $0) })
    guard case .noCapacity(let shortage, _, 1)? = obstacle, shortage.missing == 500 else {
      Issue.record("\(String(describing: obstacle))")
      return
    }
  }

  @Test func aLostWorkerIsFoundByItsName() throws {
    let state = TestController()
    let worker = try #require(state.register("w1"))
    state.register("w2")
    _ = state.handle(.workerFailed("w1", error: "disk"))
    let byName = try #require(state.explain(.worker("w1")))
    #expect(byName == state.explain(worker: worker))
    #expect(byName.present == .gone && byName.subject == .worker(worker, name: "w1") && byName.isComplete)
    let again = try #require(state.register("w1"))
    #expect(again != worker)
    #expect(state.explain(.worker("w1"))?.subject == .worker(again, name: "w1"))
    #expect(state.explain(.worker("nobody")) == nil)
    #expect(state.explain(.job("w1")) == nil)
    #expect(state.explain(.task("w1")) == nil)
  }

  @Test func aPrunedJobAndItsTaskAreFoundByTheirNames() throws {
    var configuration = ControllerConfiguration()
    configuration.jobRetentionMs = 1000
    let state = TestController(configuration: configuration)
    state.submit("j", atMs: 1000)
    _ = state.handle(.jobCancelled("j", reason: "enough", timestampMs: 2000))
    _ = state.handle(.prune(nowMs: 10_000))
    let job = try #require(state.explain(.job("j")))
    #expect(job.present == .gone && job.isComplete && job.steps.first?.action?.kind == .jobPruned)
    let task = try #require(state.explain(.task("j/task-0")))
    #expect(task.present == .gone && task.isComplete && task.steps.first?.action?.to == .killed)
  }

  @Test func whatTheLogDoesNotReachIsSaid() throws {
    var configuration = ControllerConfiguration()
    configuration.transactionLogCapacity = 2
    let state = TestController(configuration: configuration)
    state.register("w")
    state.submit("j")
    state.run("j/task-0", on: "w")
    #expect(state.explain(.task("j/task-0"))?.reach == .log)
    #expect(state.explain(.worker("w"))?.reach == .log)
    #expect(state.explain(.worker("w"))?.steps == [])
    _ = state.handle(.workerFailed("w"))
    for _ in 0..<2 { state.register("x") }
    #expect(state.explain(.worker("w")) == nil)
  }

  /// The log goes on while an explanation is looked for: it is as of when it began, and misses what has left meanwhile.
  @Test func theLogMayRollOnBetweenSlices() throws {
    var configuration = ControllerConfiguration()
    configuration.transactionLogCapacity = 4
    let state = TestController(configuration: configuration)
    state.register("w")
    state.submit("j")
    state.run("j/task-0", on: "w")
    var search = state.beginExplanation(.task("j/task-0"))
    #expect(state.advance(&search, actions: 1) != nil)
    state.report("j/task-0", .succeeded)
    state.register("x")
    state.register("y")
    while state.advance(&search, actions: 1) != nil {}
    let explanation = try #require(search.explanation)
    guard case .task(let view, _, _) = explanation.present else {
      Issue.record("\(explanation.present)")
      return
    }
    #expect(view.state == .running)
    #expect(explanation.steps.map(\.action?.to) == [.running, nil])
    #expect(explanation.reach == .log)
  }
}
