import Controller
import EventModel
import SeededRandom
import Testing

@Suite struct PolicyTests {
  private static func place(_ state: TestController, _ policy: any SchedulingPolicy, limit: Int = 8) -> [String] {
    var policy = policy
    var placed: [String] = []
    while state.hasSchedulableWork {
      for event in state.proposePlacements(using: &policy, limit: limit) {
        placed += state.handle(event).actions.map { "\($0.subject) on \($0.worker?.name ?? "nobody")" }
      }
    }
    return placed
  }

  @Test func leastLoadedSpreads() {
    let state = TestController()
    state.register("small", milliCPU: 2000)
    state.register("large", milliCPU: 4000)
    state.submit("j", replicas: 5) { $0.resources.milliCPU = 1000 }
    #expect(
      Self.place(state, LeastLoaded()) == [
        "j/task-0 on large", "j/task-1 on large", "j/task-2 on small", "j/task-3 on large", "j/task-4 on small",
      ])
    state.submit("none") { $0.resources.milliCPU = 1001 }
    #expect(Self.place(state, LeastLoaded()).isEmpty)
  }

  @Test func leastLoadedFindsWhatAScanFinds() {
    var random = SeededGenerator(seed: 11)
    let state = TestController()
    for index in 0..<70 { state.register("w\(index)", milliCPU: Int64.random(in: 0...40, using: &random)) }
    for index in stride(from: 0, to: 70, by: 4) { _ = state.handle(.workerFailed(.name("w\(index)"))) }
    var policy: any SchedulingPolicy = LeastLoaded()
    for step in 0..<300 {
      let needed = Int64.random(in: 0...12, using: &random)
      state.submit("j\(step)") { $0.resources.milliCPU = needed }
      var best: (name: String, free: Int64)?
      var slot = 0
      while let worker = state.nextWorker(from: slot) {
        let free = worker.metadata.capacity.milliCPU - worker.committed.milliCPU
        if free > best?.free ?? -1 { best = (worker.name, free) }
        slot = Int(worker.handle.index) + 1
      }
      let expected = best.flatMap { $0.free >= needed ? $0.name : nil }
      let proposals = state.proposePlacements(using: &policy, limit: 1)
      let chosen = proposals.map { state.handle($0).actions[0].worker?.name }
      #expect(chosen == (expected.map { [$0] } ?? []), "step \(step)")
      if expected == nil { _ = state.handle(.jobCancelled(.name("j\(step)"), reason: "done")) }
    }
  }

  /// Answers with whatever it likes, to each job something else, and counts the questions.
  private struct Nonsense: SchedulingPolicy {
    let answers: [WorkerHandle]
    var questions = 0
    var name: String { "nonsense" }

    mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
      questions += 1
      return answers[questions % answers.count]
    }
  }

  @Test func nonsenseBreaksAndStarvesNothing() throws {
    let state = TestController()
    let stale = try #require(state.register("gone"))
    _ = state.handle(.workerFailed("gone"))
    let full = try #require(state.register("full", milliCPU: 0))
    let free = try #require(state.register("free", milliCPU: 1_000_000))
    let beyond = WorkerHandle(index: 1_000_000, generation: 1)
    for index in 0..<300 {
      state.submit("j\(index)", replicas: 20) { $0.coscheduled = index % 3 == 0 }
    }
    var policy: any SchedulingPolicy = Nonsense(answers: [stale, full, .none, beyond, free])
    var placed = 0
    var calls = 0
    while state.hasSchedulableWork(atMs: Int64(calls) * 5), calls < 5000 {
      let asked = (policy as? Nonsense)?.questions ?? 0
      let proposals = state.proposePlacements(using: &policy, limit: 16, atMs: Int64(calls) * 5)
      let questions = ((policy as? Nonsense)?.questions ?? 0) - asked
      #expect(questions <= 16 + ControllerLimits.unplaceableTasksPerPass + 20)
      for event in proposals {
        let transaction = state.handle(event)
        #expect(transaction.outcome == .applied)
        #expect(transaction.actions[0].worker?.handle == free)
        placed += 1
      }
      calls += 1
    }
    #expect(calls < 5000, "the passes come to an end")
    #expect(placed > 0)
    #expect(state.checkInvariants().isEmpty)
  }

  private struct Counted: SchedulingPolicy {
    let name = "counted"
    var inner = FirstFit()
    var questions = 0

    mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
      questions += 1
      return inner.worker(for: task, on: cluster)
    }
  }

  /// Where no one resource is short and no worker has both, each question may look at all workers: a call asks fewer, and the
  /// next one asks on.
  @Test func fewerAreAskedForWhereEachLooksAtMany() throws {
    let state = TestController()
    for index in 0..<4096 {
      let capacity = index % 2 == 0 ? Resources(milliCPU: 4000) : Resources(memoryBytes: 4000)
      _ = state.handle(
        .workerRegistered("w\(index)", address: "", metadata: WorkerMetadata(capacity: capacity), timestampMs: 1))
    }
    for index in 0..<1000 {
      state.submit("j\(index)") { $0.resources = Resources(milliCPU: 1, memoryBytes: Int64(1 + index)) }
    }
    var policy: any SchedulingPolicy = Counted()
    let most = ControllerLimits.unplaceableTasksPerPass / 5 + 1
    var calls = 0
    while state.hasSchedulableWork, calls < 1000 {
      let asked = (policy as? Counted)?.questions ?? 0
      #expect(state.proposePlacements(using: &policy, limit: 64).isEmpty)
      #expect(((policy as? Counted)?.questions ?? 0) - asked <= most)
      calls += 1
    }
    #expect(calls > 4 && calls < 1000, "\(calls) calls")
    #expect((policy as? Counted)?.questions == 1000)
  }
}
