import Controller
import EventModel
import SeededRandom
import Testing

/// Which of many that wait comes first, and what it costs to find out.
@Suite struct QueueOrderTests {
  /// First fit, which counts how often it is asked.
  private struct Counting: SchedulingPolicy {
    var questions = 0
    var name: String { "counting" }
    var asksByShape: Bool { true }

    mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
      questions += 1
      return cluster.firstWorker(withFree: task.ask)
    }
  }

  /// One call, whose proposals are committed; returns the tasks in order.
  private static func placeOnce(
    _ state: TestController, _ policy: inout any SchedulingPolicy, limit: Int = 4
  ) -> [String] {
    state.proposePlacements(using: &policy, limit: limit).flatMap { state.handle($0).actions }
      .map { "\($0.subject)" }
  }

  /// Jobs end and others come between the calls, which never get to the end of the queue.
  @Test func equalJobsStartInTheirOrderAtAnyDepth() {
    var random = SeededGenerator(seed: 5)
    let state = TestController()
    state.register("w", milliCPU: 10_000)
    var submitted = 0
    var started: [String] = []
    var running: [String] = []
    var policy: any SchedulingPolicy = Counting()
    while started.count < 6000 {
      if submitted < 6000 {
        for _ in 0..<Int.random(in: 0...20, using: &random) where submitted < 6000 {
          state.submit("j\(submitted)")
          submitted += 1
        }
      }
      for _ in 0..<Int.random(in: 0...10, using: &random) where !running.isEmpty {
        state.report(running.remove(at: Int.random(in: 0..<running.count, using: &random)), .succeeded)
      }
      let placed = Self.placeOnce(state, &policy)
      started += placed
      running += placed
    }
    #expect(started == (0..<6000).map { "j\($0)/task-0" })
    #expect((policy as? Counting)?.questions == 6000, "nobody is asked where there is no room")
  }

  /// Somebody else took the room that was meant for it; there is other room.
  @Test func forAProposalThatLostItsPlaceAnotherIsSought() {
    let state = TestController()
    for name in ["a", "b"] { state.register(name, milliCPU: 1000) }
    for name in ["first", "second"] { state.submit(name) }
    var policy: any SchedulingPolicy = FirstFit()
    let proposed = state.proposePlacements(using: &policy, limit: 1)
    _ = state.handle(.taskAssigned("second/task-0", worker: "a"))
    #expect(proposed.map { state.handle($0).outcome } == [.rejected(.insufficientCapacity)])
    #expect(Self.placeOnce(state, &policy) == ["first/task-0"])
  }

  /// What was meant for a task is for others once it needs it no more: it was cancelled, or somebody put it elsewhere.
  @Test(arguments: [false, true], [false, true])
  func roomThatAProposalDoesNotTakeIsForOthers(cancelled: Bool, coscheduled: Bool) {
    let state = TestController()
    state.register("elsewhere", zone: "b")
    state.register("w", milliCPU: 1000, zone: "a")
    for name in ["first", "second"] {
      state.submit(name) { request in
        request.coscheduled = coscheduled
        request.constraints.require = ["zone": ["a"]]
      }
    }
    var policy: any SchedulingPolicy = FirstFit()
    let proposed = state.proposePlacements(using: &policy, limit: 2)
    #expect(proposed.count == 1)
    if cancelled {
      _ = state.handle(.jobCancelled("first", reason: "enough"))
    } else {
      state.register("x", milliCPU: 1000, zone: "a")
      _ = state.handle(.taskAssigned("first/task-0", worker: "x"))
    }
    #expect(proposed.map { state.handle($0).outcome } == [.rejected(.taskNotSchedulable)])
    #expect(state.place() == ["second/task-0 w"])
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func whatIsToBeTriedAgainComesBeforeTheYounger() {
    let state = TestController()
    state.register("w", milliCPU: 2000)
    for index in 0..<200 { state.submit("j\(index)", replicas: 2) { $0.maxRetriesFailure = 1 } }
    var policy: any SchedulingPolicy = FirstFit()
    #expect(Self.placeOnce(state, &policy, limit: 2) == ["j0/task-0", "j0/task-1"])
    state.report("j0/task-0", .succeeded)
    #expect(Self.placeOnce(state, &policy) == ["j1/task-0"])
    state.report("j0/task-1", .running)
    state.report("j0/task-1", .failed)
    #expect(Self.placeOnce(state, &policy) == ["j0/task-1"])
    state.report("j1/task-0", .succeeded)
    #expect(Self.placeOnce(state, &policy) == ["j1/task-1"])
    #expect(state.checkInvariants().isEmpty)
  }

  /// Whatever changes, the policy is asked as often as something may fit, not as often as something waits.
  @Test(arguments: [1, 100])
  func whatCannotBePlacedIsNotAskedFor(shapes: Int) throws {
    let state = TestController()
    state.register("w", milliCPU: 3000)
    for index in 0..<5000 { state.submit("large\(index)") { $0.resources.milliCPU = 5000 + Int64(index % shapes) } }
    for index in 0..<5000 {
      state.submit("gang\(index)", replicas: 4) {
        $0.resources.milliCPU = 1000
        $0.coscheduled = true
      }
    }
    var policy: any SchedulingPolicy = Counting()
    while state.hasSchedulableWork { #expect(Self.placeOnce(state, &policy).isEmpty) }
    #expect((policy as? Counting)?.questions == 4, "one gang stands for all")
    // One that is smaller than what any of them needs, and another large one.
    state.register("x", milliCPU: 900)
    state.submit("larger") { $0.resources.milliCPU = 5000 }
    while state.hasSchedulableWork { #expect(Self.placeOnce(state, &policy).isEmpty) }
    #expect((policy as? Counting)?.questions == 4)
    state.register("y", milliCPU: 5000)
    while state.hasSchedulableWork { _ = Self.placeOnce(state, &policy) }
    #expect(state.taskView("large0/task-0")?.state == .assigned, "the oldest, and nothing is left for a gang")
    #expect(try #require((policy as? Counting)?.questions) <= 9)
    #expect(state.checkInvariants().isEmpty)
  }

  /// Each of thousands of shapes has one job, and there is room for half of them.
  @Test func theOldestOfManyShapesComesFirst() {
    var random = SeededGenerator(seed: 3)
    let state = TestController()
    let sizes = (0..<3000).map { _ in Int64.random(in: 1...100_000, using: &random) }
    for (index, size) in sizes.enumerated() { state.submit("j\(index)") { $0.resources.milliCPU = size } }
    let freeMilliCPU = sizes.reduce(0, +) / 2
    state.register("w", milliCPU: freeMilliCPU)
    var policy: any SchedulingPolicy = Counting()
    var placed: [String] = []
    while state.hasSchedulableWork { placed += Self.placeOnce(state, &policy, limit: 50) }
    var left = freeMilliCPU
    var expected: [String] = []
    for (index, size) in sizes.enumerated() where size <= left {
      left -= size
      expected.append("j\(index)/task-0")
    }
    #expect(placed == expected)
    #expect((policy as? Counting)?.questions == expected.count)
    #expect(state.checkInvariants().isEmpty)
  }

  /// As when a middleware drops it: the others get their turn, and it another one later.
  @Test func aPlacementThatSomebodyRefusesIsTriedAgainAfterTheDelay() throws {
    let state = TestController()
    state.register("w", milliCPU: 1000)
    state.submit("refused", atMs: 1)
    state.submit("other", atMs: 2)
    var policy: any SchedulingPolicy = FirstFit()
    let refused = state.proposePlacements(using: &policy, limit: 4, atMs: 1000)
    #expect(refused.count == 1)
    #expect(state.hasSchedulableWork(atMs: 1000))
    let task = try #require(state.queue.first)
    #expect(state.placementObstacle(of: task) == .notYetConsidered)
    let other = state.proposePlacements(using: &policy, limit: 4, atMs: 1000)
    #expect(other.map { "\(state.handle($0).actions[0].subject)" } == ["other/task-0"])
    #expect(state.checkInvariants().isEmpty)
    state.register("x", milliCPU: 1000)
    #expect(state.proposePlacements(using: &policy, limit: 4, atMs: 1999).isEmpty, "it is held")
    #expect(!state.hasSchedulableWork(atMs: 1999) && state.hasSchedulableWork(atMs: 2000))
    #expect(
      state.proposePlacements(using: &policy, limit: 4, atMs: 2000).map { state.handle($0).outcome } == [.applied])
    #expect(state.queue.isEmpty && state.checkInvariants().isEmpty)
  }

  /// Its worker goes before it gets there: that is nobody's refusal, so it is placed elsewhere at once.
  @Test func aPlacementThatLosesItsWorkerIsMadeElsewhere() {
    let state = TestController()
    state.register("w", milliCPU: 1000)
    state.register("x", milliCPU: 1000)
    state.submit("j", replicas: 2)
    var policy: any SchedulingPolicy = FirstFit()
    let proposals = state.proposePlacements(using: &policy, limit: 4, atMs: 1000)
    _ = state.handle(.workerFailed("w"))
    #expect(proposals.map { state.stillHolds($0) } == [false, true])
    _ = state.handle(proposals[1])
    state.register("y", milliCPU: 1000)
    #expect(Self.placeOnce(state, &policy) == ["j/task-0"])
    #expect(state.checkInvariants().isEmpty)
  }
}
