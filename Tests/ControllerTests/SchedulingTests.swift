import Controller
import EventModel
import SeededRandom
import Testing

@Suite struct SchedulingTests {
  /// Handles proposals until none is called for; returns the placements in order.
  private static func place(
    _ state: TestController, _ policy: any SchedulingPolicy = FirstFit(), limit: Int = 2
  ) -> [String] {
    var policy = policy
    var placed: [String] = []
    while state.hasSchedulableWork {
      for event in state.proposePlacements(using: &policy, limit: limit) {
        let transaction = state.handle(event)
        #expect(transaction.outcome == .applied)
        placed += transaction.actions.map { "\($0.subject) on \($0.worker?.name ?? "nobody")" }
      }
    }
    return placed
  }

  @Test func aRetryKeepsItsPlace() {
    let state = TestController()
    state.register("w")
    state.submit("a", replicas: 3, atMs: 1000) { $0.maxRetriesFailure = 1 }
    state.submit("b", atMs: 1000)
    state.submit("older", atMs: 500)
    #expect(state.queueNames == ["older/task-0", "a/task-0", "a/task-1", "a/task-2", "b/task-0"])
    state.run("a/task-1", on: "w")
    #expect(state.queueNames == ["older/task-0", "a/task-0", "a/task-2", "b/task-0"])
    state.report("a/task-1", .failed)
    #expect(state.queueNames == ["older/task-0", "a/task-0", "a/task-1", "a/task-2", "b/task-0"])
  }

  @Test func deeperJobsFirstThenTheOlderRoot() {
    let state = TestController()
    state.submit("young", atMs: 2000)
    state.submit("old", atMs: 1000)
    state.submit("y", parent: "young", atMs: 3000)
    state.submit("o", parent: "old", atMs: 4000)
    state.submit("yy", parent: "y", atMs: 5000)
    #expect(state.queueNames == ["yy", "o", "y", "old", "young"].map { "\($0)/task-0" })
  }

  @Test func firstFitInQueueOrder() {
    let state = TestController()
    state.register("w0", milliCPU: 1000)
    state.register("w1", milliCPU: 3000)
    state.submit("big", replicas: 2) { $0.resources.milliCPU = 2000 }
    state.submit("small", replicas: 3) { $0.resources.milliCPU = 1000 }
    #expect(
      Self.place(state) == ["big/task-0 on w1", "small/task-0 on w0", "small/task-1 on w1"])
    #expect(state.queueNames == ["big/task-1", "small/task-2"])
    #expect(!state.hasSchedulableWork)
    state.report("big/task-0", .running)
    #expect(!state.hasSchedulableWork, "nothing was gained")
    state.report("big/task-0", .succeeded)
    #expect(Self.place(state) == ["big/task-1 on w1"])
    state.register("w2", milliCPU: 1000)
    #expect(Self.place(state) == ["small/task-2 on w2"])
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func proposalsAccountForEachOther() {
    let state = TestController()
    state.register("w", milliCPU: 2000)
    state.submit("j", replicas: 5)
    var policy: any SchedulingPolicy = FirstFit()
    #expect(state.proposePlacements(using: &policy, limit: 10).count == 2)
    #expect(state.checkInvariants().isEmpty, "what was held for the proposals is free again")
  }

  /// Places the jobs from one on, by their handles.
  private struct Late: SchedulingPolicy {
    let first: JobHandle
    var questions = 0
    var name: String { "late" }

    mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
      questions += 1
      return task.job.index < first.index ? nil : cluster.firstWorker(withFree: task.ask)
    }
  }

  @Test func aLongQueueOfWhichEachJobIsAskedForIsGoneThroughInSteps() throws {
    let state = TestController()
    state.register("w", milliCPU: 1000)
    let refused = ControllerLimits.unplaceableTasksPerPass + 10
    for index in 0..<refused { state.submit("refused\(index)") }
    state.submit("liked", atMs: 1)
    let liked = try #require(state.job(named: "liked"))
    var policy: any SchedulingPolicy = Late(first: liked)
    #expect(state.proposePlacements(using: &policy, limit: 10).isEmpty)
    #expect(state.hasSchedulableWork, "the pass has not come to the end")
    let first = try #require(state.queue.first)
    #expect(state.placementObstacle(of: first) == .refusedByPolicy)
    state.register("x", milliCPU: 500)
    #expect(state.proposePlacements(using: &policy, limit: 10).count == 1, "what is gained does not begin it anew")
  }

  private struct Stubborn: SchedulingPolicy {
    let choice: WorkerHandle
    var name: String { "stubborn" }
    mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? { choice }
  }

  @Test func aChoiceThatCannotBeIsNoProposal() throws {
    let state = TestController()
    let full = try #require(state.register("full", milliCPU: 500))
    state.register("free")
    state.submit("j")
    #expect(Self.place(state, Stubborn(choice: full)).isEmpty)
    state.submit("k")
    #expect(Self.place(state, Stubborn(choice: .none)).isEmpty)
  }

  @Test func theTreeFindsWhatAScanFinds() throws {
    var random = SeededGenerator(seed: 7)
    let state = TestController()
    for index in 0..<100 { state.register("w\(index)", milliCPU: Int64.random(in: 0...64, using: &random)) }
    for index in stride(from: 0, to: 100, by: 3) { _ = state.handle(.workerFailed(.name("w\(index)"))) }
    for needed in Int64(0)...65 {
      state.submit("probe\(needed)") { $0.resources.milliCPU = needed }
      var expected: WorkerHandle?
      var slot = 0
      while expected == nil, let worker = state.nextWorker(from: slot) {
        if worker.metadata.capacity.milliCPU - worker.committed.milliCPU >= needed { expected = worker.handle }
        slot = Int(worker.handle.index) + 1
      }
      var policy: any SchedulingPolicy = FirstFit()
      let task = try #require(state.task(named: TaskName(job: "probe\(needed)", index: 0)))
      let proposals = state.proposePlacements(using: &policy, limit: 1)
      #expect(proposals == expected.map { [.taskAssigned(.handle(task), worker: .handle($0))] } ?? [])
      _ = state.handle(.jobCancelled(.name("probe\(needed)"), reason: "done"))
    }
  }

  /// Long enough that the queue and the index of names split, merge, grow and shrink.
  @Test(arguments: [UInt64(1), 2, 3])
  func aLongQueueStaysInOrderWhileJobsComeAndGo(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let state = TestController()
    var waiting: [String] = []
    for step in 0..<3000 {
      let isGrowing = step < 1200 || step % 5 == 0
      if isGrowing || waiting.isEmpty {
        let parent = Bool.random(using: &random) ? waiting.randomElement(using: &random) : nil
        state.submit("j\(step)", parent: parent, atMs: Int64.random(in: 0...500, using: &random)) {
          $0.schedulingTimeoutMs = step % 3 == 0 ? 1_000_000 : nil
        }
        state.register("w\(step)")
        waiting.append("j\(step)")
      } else {
        let job = waiting.swapRemove(at: Int.random(in: 0..<waiting.count, using: &random))
        _ = state.handle(.jobCancelled(.name(job), reason: "stop"))
        _ = state.handle(.workerFailed(.name("w\(job.dropFirst())")))
        #expect(state.worker(named: "w\(job.dropFirst())") == nil, "seed \(seed)")
        if step % 100 == 0 { _ = state.handle(.prune(nowMs: Int64(step) * 1_000_000)) }
      }
      if step % 250 == 0 {
        let violations = state.checkInvariants()
        #expect(violations.isEmpty, "seed \(seed), step \(step): \(violations.prefix(3))")
      }
    }
  }
}

extension Array {
  fileprivate mutating func swapRemove(at index: Int) -> Element {
    swapAt(index, count - 1)
    return removeLast()
  }
}
