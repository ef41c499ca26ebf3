import Controller
import EventModel
import SeededRandom
import Testing

@Suite struct GangPlacementTests {
  private static func propose(
    _ state: TestController, limit: Int = 256, atMs: Int64? = nil, _ policy: any SchedulingPolicy = FirstFit()
  ) -> [Event] {
    var policy = policy
    return state.proposePlacements(using: &policy, limit: limit, atMs: atMs)
  }

  private static func place(_ state: TestController, limit: Int = 256) -> [String] {
    var placed: [String] = []
    while state.hasSchedulableWork {
      for event in propose(state, limit: limit) {
        placed += state.handle(event).actions.filter { $0.kind == .taskAssigned }.map { "\($0.subject)" }
      }
    }
    return placed
  }

  private static func submitGang(
    _ state: TestController, _ name: String = "g", replicas: Int32 = 3, atMs: Int64? = nil
  ) {
    state.submit(name, replicas: replicas, atMs: atMs) {
      $0.coscheduled = true
      $0.resources.milliCPU = 1000
    }
  }

  @Test func allOrNothingAndTheQueueGoesOnBehindIt() {
    let state = TestController()
    state.register("w", milliCPU: 2000)
    Self.submitGang(state, atMs: 1)
    state.submit("later", replicas: 2, atMs: 2)
    #expect(Self.place(state) == ["later/task-0", "later/task-1"])
    state.register("x", milliCPU: 2500)
    #expect(Self.place(state).isEmpty, "room for two of three")
    state.register("y", milliCPU: 1000)
    #expect(Self.place(state) == ["g/task-0", "g/task-1", "g/task-2"])
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func whatIsHeldForAGangThatDoesNotFitIsGivenBackWithinTheCall() {
    let state = TestController()
    state.register("w", milliCPU: 2000)
    Self.submitGang(state, atMs: 1)
    state.submit("later", replicas: 2, atMs: 2)
    #expect(Self.propose(state).count == 2)
    #expect(state.checkInvariants().isEmpty, "the tree of free capacity is as it was")
  }

  @Test func aGangIsNeverSplitOverTwoCalls() {
    let state = TestController()
    state.register("w", milliCPU: 100_000)
    state.submit("single", atMs: 1)
    Self.submitGang(state, replicas: 10, atMs: 2)
    let first = Self.propose(state, limit: 4)
    #expect(first.count == 1, "the gang does not fit behind it")
    for event in first { _ = state.handle(event) }
    let second = Self.propose(state, limit: 4)
    #expect(second.count == 10)
    for event in second { #expect(state.handle(event).outcome == .applied) }
    #expect(Self.place(state, limit: 4).isEmpty)
  }

  @Test func membersThatRunAlreadyCount() {
    let state = TestController()
    state.register("w", milliCPU: 3000)
    Self.submitGang(state)
    state.run("g/task-1", on: "w")
    #expect(Self.place(state) == ["g/task-0", "g/task-2"])
  }

  /// As after a crash between the commits of a gang: the rest has no room, and two such gangs would wait for each other.
  @Test func aHalfPlacedGangWithoutRoomForTheRestIsTakenOffItsWorkers() {
    let state = TestController()
    state.register("w", milliCPU: 2000)
    Self.submitGang(state)
    _ = state.handle(.taskAssigned("g/task-0", worker: "w"))
    _ = state.handle(.taskAssigned("g/task-2", worker: "w"))
    state.report("g/task-0", .running)
    let proposals = Self.propose(state)
    #expect(proposals.map(\.kind) == [.taskPreempted])
    let transaction = state.handle(proposals[0])
    #expect(
      transaction.lines == [
        "task_state_changed g/task-2", "task_unassigned g/task-2", "task_requeued g/task-2",
        "coscheduled_sibling_requeued g/task-0", "task_unassigned g/task-0", "task_requeued g/task-0",
      ])
    #expect(state.taskView("g/task-2")?.preemptions == 0, "the member that had not started bears it, free of charge")
    #expect(state.taskView("g/task-0")?.preemptions == 0)
    #expect(state.totals.committed.milliCPU == 0)
    #expect(Self.place(state).isEmpty)
    state.register("x", milliCPU: 1000)
    #expect(Self.place(state).count == 3)
  }

  @Test func aGangWhoseCommitWasRejectedIsReleasedAndTriedAgainAfterTheDelay() {
    let state = TestController()
    state.register("w", milliCPU: 2000)
    state.register("x", milliCPU: 1000)
    Self.submitGang(state)
    let proposals = Self.propose(state, atMs: 1000)
    #expect(proposals.count == 3)
    // The last worker is lost between the proposal and its commit.
    _ = state.handle(.workerFailed("x", error: "gone"))
    #expect(proposals.map { state.handle($0).outcome } == [.applied, .applied, .rejected(.unknownWorker)])
    #expect(state.hasSchedulableWork(atMs: 1000))
    let release = Self.propose(state, atMs: 1000)
    #expect(release.map(\.kind) == [.taskPreempted])
    #expect(release.map { state.handle($0).outcome } == [.applied])
    #expect(state.totals.committed.milliCPU == 0 && state.queue.count == 3)
    state.register("y", milliCPU: 1000)
    while state.hasSchedulableWork(atMs: 1999) { #expect(Self.propose(state, atMs: 1999).isEmpty, "it is held") }
    #expect(state.hasSchedulableWork(atMs: 2000))
    for event in Self.propose(state, atMs: 2000) { #expect(state.handle(event).outcome == .applied) }
    #expect(state.totals.tasks[.assigned] == 3)
    #expect(Self.propose(state, atMs: 2000).isEmpty && !state.hasSchedulableWork(atMs: 10_000))
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func aGangWhoseCommitsAllGotLostIsTriedAgain() {
    let state = TestController()
    state.register("w")
    Self.submitGang(state)
    #expect(Self.propose(state, atMs: 1000).count == 3)
    #expect(Self.propose(state, atMs: 1001).isEmpty, "nobody handled them; there is nothing to release")
    #expect(!state.hasSchedulableWork(atMs: 2000))
    #expect(Self.propose(state, atMs: 2001).count == 3)
  }

  /// The room that was meant for the first is there for the second, while the first is held.
  @Test func anotherGangTakesTheRoomOfOneWhoseCommitsGotLost() {
    let state = TestController()
    state.register("w", milliCPU: 4000)
    Self.submitGang(state, "lost", replicas: 3, atMs: 1)
    Self.submitGang(state, "other", replicas: 4, atMs: 2)
    #expect(Self.propose(state, atMs: 1000).count == 3)
    while state.hasSchedulableWork(atMs: 1001) {
      for event in Self.propose(state, atMs: 1001) { #expect(state.handle(event).outcome == .applied) }
    }
    #expect(state.jobView("other")?.taskCounts[.assigned] == 4)
    #expect(state.checkInvariants().isEmpty)
  }

  /// A large gang is not gone through at every change, only once enough has changed for it to fit.
  @Test func aGangIsAskedForAgainOnceItMayFit() {
    let state = TestController()
    for index in 0..<20 { state.register("w\(index)", milliCPU: 1000) }
    state.submit("running", replicas: 20, atMs: 1)
    #expect(Self.place(state).count == 20)
    Self.submitGang(state, replicas: 15, atMs: 2)
    #expect(Self.place(state).isEmpty)
    var policy: any SchedulingPolicy = Asked()
    for index in 0..<15 {
      #expect(state.totals.tasks[.pending] == 15)
      state.report("running/task-\(index)", .succeeded)
      while state.hasSchedulableWork {
        for event in state.proposePlacements(using: &policy, limit: 20) { _ = state.handle(event) }
      }
    }
    #expect(state.totals.tasks[.pending] == 0 && state.totals.tasks[.assigned] == 20)
    let questions = (policy as? Asked)?.questions ?? 0
    #expect(questions >= 15 && questions <= 60, "\(questions) questions")
    #expect(state.checkInvariants().isEmpty)
  }

  /// First fit, and how often.
  private struct Asked: SchedulingPolicy {
    var questions = 0
    var name: String { "asked" }
    var asksByShape: Bool { true }

    mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
      questions += 1
      return cluster.firstWorker(withFree: task.ask)
    }
  }

  @Test func aGangThatWasSentBackAfterItsCommitIsNotHeld() {
    let state = TestController()
    state.register("w")
    state.submit("g", replicas: 2) {
      $0.coscheduled = true
      $0.maxRetriesFailure = 1
    }
    for event in Self.propose(state, atMs: 1000) { _ = state.handle(event) }
    state.report("g/task-1", .failed)
    #expect(Self.propose(state, atMs: 1000).count == 2)
  }

  /// It holds its worker no longer than until the scheduler comes to it, which needs no worker that may get tasks.
  @Test func aPartOfAGangIsSentBackThoughNoWorkerIsOpen() {
    let state = TestController()
    state.register("w", milliCPU: 1000)
    Self.submitGang(state)
    #expect(state.handle(.taskAssigned("g/task-2", worker: "w")).outcome == .applied)
    #expect(state.handle(.workerDrain("w")).outcome == .applied)
    for event in Self.propose(state, atMs: 1000) { _ = state.handle(event) }
    #expect(state.jobView("g")?.taskCounts.active == 0)
    #expect(Self.propose(state, atMs: 1001).isEmpty)
    #expect(state.checkInvariants().isEmpty)
  }

  /// Random gangs on a small fleet that keeps changing: never does one stay half placed, and what waits has no room.
  @Test(arguments: UInt64(1)...20)
  func noGangStaysHalfPlaced(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let state = TestController()
    var nowMs: Int64 = 0
    for step in 0..<120 {
      nowMs += 2000
      switch Int.random(in: 0..<6, using: &random) {
      case 0, 1: state.register("w\(Int.random(in: 0..<5, using: &random))", milliCPU: 4000, atMs: nowMs)
      case 2: _ = state.handle(.workerFailed(.name("w\(Int.random(in: 0..<5, using: &random))")))
      case 3:
        let replicas = Int32.random(in: 1...6, using: &random)
        state.submit("g\(step)", replicas: replicas, atMs: nowMs) {
          $0.coscheduled = true
          $0.resources.milliCPU = 1500
        }
      case 4: _ = state.handle(.jobCancelled(.name("g\(Int.random(in: 0..<120, using: &random))"), reason: "stop"))
      default:
        guard let task = state.queue.randomElement(using: &random) else { break }
        _ = state.handle(.taskAssigned(.handle(task), worker: .name("w\(Int.random(in: 0..<5, using: &random))")))
      }
      var turns = 0
      while state.hasSchedulableWork(atMs: nowMs), turns < 50 {
        for event in Self.propose(state, limit: 4, atMs: nowMs) where Int.random(in: 0..<10, using: &random) > 0 {
          _ = state.handle(event)
        }
        turns += 1
        nowMs += 300
      }
      #expect(turns < 50, "seed \(seed), step \(step): the scheduler does not come to rest")
      let violations = state.checkInvariants()
      #expect(violations.isEmpty, "seed \(seed), step \(step): \(violations)")
    }
    // Nothing gets lost any more: now every gang is whole or waits.
    nowMs += 10_000
    for _ in 0..<100 where state.hasSchedulableWork(atMs: nowMs) {
      for event in Self.propose(state, atMs: nowMs) { _ = state.handle(event) }
      nowMs += 1000
    }
    #expect(!state.hasSchedulableWork(atMs: nowMs), "seed \(seed)")
    var slot = 0
    while let job = state.nextJob(from: slot) {
      let counts = job.taskCounts
      #expect(counts.active == 0 || counts[.pending] == 0, "seed \(seed): \(job.name) is half placed")
      slot = Int(job.handle.index) + 1
    }
  }
}
