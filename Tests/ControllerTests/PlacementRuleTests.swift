import Controller
import EventModel
import Testing

/// Who may have which task: drains, constraints and reservations.
@Suite struct PlacementRuleTests {
  private static func obstacle(_ state: TestController, _ job: String) -> PlacementObstacle? {
    state.task(named: TaskName(job: job, index: 0)).flatMap { state.placementObstacle(of: $0) }
  }

  @Test func aDrainBelongsToTheNameWhileTheWorkerIsAway() {
    let state = TestController()
    state.register("w", atMs: 1000)
    state.submit("j", atMs: 1000)
    let drain = Event.workerDrain("w", reason: "disk", submitter: "ana", graceMs: 500, timestampMs: 1000)
    #expect(state.handle(drain).outcome == .applied)
    _ = state.handle(.workerFailed("w", timestampMs: 1100))
    #expect(state.tick(nowMs: 9000).isEmpty, "its loss ends the grace")
    #expect(state.handle(.workerDrain("w", timestampMs: 9000)).outcome == .rejected(.unknownWorker))
    state.register("w", atMs: 9000)
    #expect(state.workerView("w")?.isDraining == true && state.workerView("w")?.drainReason == "disk")
    #expect(state.workerView("w")?.drainEndsMs == nil && state.place().isEmpty)
    #expect(
      Self.obstacle(state, "j")
        == .draining(WorkerIdentity(handle: state.worker(named: "w")!, name: "w"), by: "ana", reason: "disk"))
    let restored = TestController(restoring: state.save(), configuration: .init(), atMs: 9000)
    #expect(restored.save() == state.save() && restored.stateHash == state.stateHash && restored.place().isEmpty)
    _ = state.handle(.workerFailed("w", timestampMs: 9100))
    #expect(state.handle(.workerResumed("w")).lines == ["worker_resumed w"])
    #expect(state.handle(.workerResumed("w")).outcome == .rejected(.unknownWorker))
    state.register("w", atMs: 9200)
    #expect(state.place() == ["j/task-0 w"] && state.checkInvariants().isEmpty)
  }

  @Test func aDrainWithoutGraceCutsItsTasksOff() {
    let state = TestController()
    state.register("w", confirmsStops: true, atMs: 1000)
    state.submit("j", replicas: 2) { $0.maxRetriesPreemption = 0 }
    state.run("j/task-0", on: "w")
    let transaction = state.handle(.workerDrain("w", graceMs: 0, timestampMs: 1000))
    #expect(
      transaction.lines == [
        "worker_draining w", "task_state_changed j/task-0", "task_unassigned j/task-0", "task_requeued j/task-0",
      ])
    #expect(transaction.kills == ["j/task-0 on w"] && transaction.actions[1].cause == .action(0))
    #expect(state.taskView("j/task-0")?.preemptions == 0 && state.workerView("w")?.stoppingCount == 1)
  }

  @Test func constraintsAreMetByWhatAWorkerSaysNow() {
    let state = TestController()
    state.register("w1", zone: "a")
    state.submit("j") { $0.constraints.require = ["zone": ["b", "c"]] }
    state.submit("k") { $0.constraints.forbid = ["zone": ["a"]] }
    #expect(state.place().isEmpty)
    #expect(Self.obstacle(state, "j") == .requirementNotMet(workersConsidered: 1))
    state.register("w1", zone: "b")
    #expect(state.place() == ["j/task-0 w1", "k/task-0 w1"])
    state.register("w2")
    state.submit("any") { $0.constraints.forbid = ["zone": ["b"]] }
    state.submit("none", replicas: 9) { $0.constraints.require = ["cpu": ["8"]] }
    #expect(state.place() == ["any/task-0 w2"], "a resource is no attribute")
    #expect(state.checkInvariants().isEmpty)
  }

  @Test(arguments: ["first-fit", "least-loaded", "best-fit"]) func everyPolicyKeepsToThem(policy: String) {
    let policies: [any SchedulingPolicy] = [FirstFit(), LeastLoaded(), BestFit()]
    let state = TestController()
    for worker in 0..<200 { state.register("w\(worker)", milliCPU: 2000, zone: worker % 20 == 3 ? "x" : "y") }
    state.submit("j", replicas: 15) { $0.constraints.require = ["zone": ["x"]] }
    state.submit("k", replicas: 30) { $0.constraints.forbid = ["zone": ["y"]] }
    let placed = state.place(using: policies.first { $0.name == policy }!)
    #expect(placed.count == 20)
    #expect(placed.allSatisfy { $0.split(separator: " ")[1].dropFirst().wholeMatch(of: /.*3/) != nil })
    if policy == "first-fit" { #expect(placed.first == "j/task-0 w3" && placed[2] == "j/task-2 w23") }
  }

  @Test func bestFitKeepsDevicesTogether() {
    let state = TestController()
    state.register("big", devices: ["gpu": 8])
    state.register("small", devices: ["gpu": 2])
    state.register("none", milliCPU: 16_000)
    state.submit("cpu", replicas: 2) { $0.resources.milliCPU = 4000 }
    state.submit("gpu", replicas: 3) { $0.resources.devices = ["gpu": 1] }
    #expect(
      state.place(using: BestFit()) == [
        "cpu/task-0 none", "cpu/task-1 none", "gpu/task-0 small", "gpu/task-1 small", "gpu/task-2 big",
      ])
  }

  /// `old` has waited for 3 cpus of which only 2 are free.
  private static func reserving(_ adjust: (inout JobRequest) -> Void = { _ in }) -> TestController {
    let state = TestController()
    state.register("w1", milliCPU: 3000, atMs: 0)
    state.register("w2", milliCPU: 1000, atMs: 0)
    state.submit("runs", atMs: 0)
    state.run("runs/task-0", on: "w1")
    state.submit("old", atMs: 0) { request in
      request.resources.milliCPU = 3000
      adjust(&request)
    }
    #expect(state.place().isEmpty)
    _ = state.handle(.workerHeartbeat("w1", timestampMs: 60_001))
    _ = state.handle(.workerHeartbeat("w2", timestampMs: 60_001))
    state.submit("young", replicas: 3, atMs: 60_001)
    return state
  }

  @Test func whatIsBehindGoesOnlyWhereTheReserverCouldNot() {
    let state = Self.reserving()
    #expect(state.place() == ["young/task-0 w2"])
    #expect(Self.obstacle(state, "old")?.isNoCapacity == true)
    #expect(
      state.task(named: TaskName(job: "young", index: 1)).flatMap { state.placementObstacle(of: $0) }
        == .reserved(job: "old"))
    #expect(state.handle(.taskAssigned("young/task-1", worker: "w1")).outcome == .applied, "no part of the state")
    state.report("runs/task-0", .succeeded)
    state.report("young/task-1", .running)
    state.report("young/task-1", .succeeded)
    #expect(state.place() == ["old/task-0 w1"])
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func theReservationEndsWithItsJob() {
    let state = Self.reserving()
    #expect(state.place() == ["young/task-0 w2"])
    _ = state.handle(.jobCancelled("old", reason: "enough"))
    #expect(state.place() == ["young/task-1 w1", "young/task-2 w1"])
  }

  @Test func whatNoWorkerCouldTakeReservesNothing() {
    let state = Self.reserving { $0.resources.milliCPU = 4000 }
    #expect(state.place().count == 3)
    let other = Self.reserving { $0.constraints.require = ["zone": ["moon"]] }
    #expect(other.place().count == 3)
    let drained = Self.reserving()
    _ = drained.handle(.workerDrain("w1", timestampMs: 60_001))
    #expect(drained.place() == ["young/task-0 w2"], "w1 gets no tasks, and w2 would be too small")
  }

  /// What was refused for it is asked for again when something comes that is before it.
  @Test func whatComesIsNotBehindForBeingAlike() {
    let state = Self.reserving()
    #expect(state.place() == ["young/task-0 w2"])
    state.submit("deeper", parent: "young", atMs: 60_001)
    #expect(state.place() == ["deeper/task-0 w1"])
  }

  /// An older one that has waited for long by now keeps its own workers in its place, without any other event.
  @Test func anotherTakesItsPlaceByTheClockAlone() {
    let state = Self.reserving()
    state.register("w3", milliCPU: 1000, devices: ["gpu": 1], atMs: 60_001)
    state.submit("holder", atMs: 60_001) { request in
      request.priority = 1
      request.resources.devices = ["gpu": 1]
    }
    state.submit("deeper", parent: "old", atMs: 60_001) { $0.resources.devices = ["gpu": 1] }
    #expect(state.place() == ["holder/task-0 w3", "young/task-0 w2"])
    _ = state.handle(.workerHeartbeat("w1", timestampMs: 120_001))
    #expect(state.place().isEmpty)
    _ = state.handle(.workerHeartbeat("w1", timestampMs: 120_002))
    #expect(state.place() == ["young/task-1 w1", "young/task-2 w1"])
  }

  @Test func aWorkerThatIsResumedIsKeptToo() {
    let state = Self.reserving()
    _ = state.handle(.workerDrain("w1", timestampMs: 60_001))
    #expect(state.place() == ["young/task-0 w2"])
    _ = state.handle(.workerResumed("w1", timestampMs: 60_001))
    #expect(state.place().isEmpty)
  }

  /// Another job's constraints may have had the same number before.
  @Test func whatIsKeptIsByTheConstraintsOfTheOneThatWaits() {
    let state = TestController()
    for name in ["a", "b"] { state.register(name, milliCPU: 2000, zone: name, atMs: 0) }
    state.submit("runs", replicas: 2, atMs: 0)
    state.run("runs/task-0", on: "a")
    state.run("runs/task-1", on: "b")
    func wait(_ name: String, zone: String, untilMs: Int64) {
      state.submit(name) { request in
        request.resources.milliCPU = 2000
        request.constraints.require = ["zone": [zone]]
      }
      for worker in ["a", "b"] { _ = state.handle(.workerHeartbeat(.name(worker), timestampMs: untilMs)) }
      #expect(state.place().isEmpty)
    }
    wait("one", zone: "a", untilMs: 60_001)
    _ = state.handle(.jobCancelled("one", reason: "enough"))
    wait("two", zone: "b", untilMs: 120_002)
    state.submit("young", replicas: 2)
    #expect(state.place() == ["young/task-0 a"])
  }

  /// A kind of devices gets the number of another, and its worker says that it is as it was.
  @Test func whatIsKeptIsByTheDevicesOfTheOneThatWaits() {
    let state = TestController()
    state.register("other", milliCPU: 500, devices: ["x": 1], atMs: 0)
    state.register("w", milliCPU: 2000, devices: ["gpu": 1], atMs: 0)
    state.submit("runs", atMs: 0) { $0.resources.milliCPU = 2000 }
    state.run("runs/task-0", on: "w")
    func wait(for device: String, untilMs: Int64) {
      state.submit(device) { $0.resources.devices[device] = 1 }
      _ = state.handle(.workerHeartbeat("w", timestampMs: untilMs))
      #expect(state.place().isEmpty)
    }
    wait(for: "gpu", untilMs: 60_001)
    _ = state.handle(.jobCancelled("gpu", reason: "enough"))
    _ = state.handle(.workerFailed("other", error: "gone"))
    state.register("w", milliCPU: 2000, devices: ["gpu": 1])
    wait(for: "tpu", untilMs: 120_003)
    state.submit("young")
    state.report("runs/task-0", .succeeded)
    #expect(state.place() == ["young/task-0 w"])
  }

  /// The one has been placed: the other has not waited.
  @Test func whatWaitsIsTheTaskAndNotItsJob() {
    let state = TestController()
    state.register("w1", milliCPU: 2000, atMs: 0)
    state.submit("pair", replicas: 2, atMs: 0) { $0.resources.milliCPU = 1500 }
    state.run("pair/task-1", on: "w1")
    _ = state.handle(.workerHeartbeat("w1", timestampMs: 60_001))
    _ = state.handle(.taskPreempted("pair/task-1", timestampMs: 60_001))
    state.submit("young", atMs: 60_001) { $0.resources.milliCPU = 500 }
    #expect(state.place() == ["pair/task-0 w1", "young/task-0 w1"])
  }

  @Test func aHigherPriorityIsNotBehind() {
    let state = Self.reserving()
    state.submit("urgent", replicas: 2, atMs: 60_001) { $0.priority = 1 }
    #expect(state.place() == ["urgent/task-0 w1", "urgent/task-1 w1", "young/task-0 w2"])
  }

  @Test func namesAreTheirBytes() {
    let state = TestController()
    let (one, two) = ("caf\u{E9}", "cafe\u{301}")
    for name in [one, two] {
      state.register(name)
      state.submit(name)
      state.run("\(name)/task-0", on: name)
      _ = state.handle(.endpointRegistered(.name("\(name)/task-0"), endpoint: name))
    }
    #expect(state.totals.workers == 2 && state.totals.jobs.total == 2 && state.endpoints.count == 2)
    state.submit("j") { $0.constraints.require = ["zone": [one]] }
    state.register("w", zone: two)
    #expect(state.place().isEmpty)
    let restored = TestController(restoring: state.save(), configuration: .init(), atMs: state.nowMs)
    #expect(restored.save() == state.save() && restored.checkInvariants().isEmpty)
  }

  @Test func aSpecificationHasItsLimit() {
    let state = TestController()
    let text = String(repeating: "x", count: Limits.specificationBytes - 8)
    #expect(state.submit("fits") { $0.specification.command = ["", text].reversed() }.outcome == .applied)
    #expect(state.submit("long") { $0.specification.script = text + "12345" }.outcome == .rejected(.malformed))
    #expect(state.jobView("fits")?.request.specification.recordBytes == Limits.specificationBytes)
  }
}

extension PlacementObstacle {
  fileprivate var isNoCapacity: Bool {
    if case .noCapacity = self { true } else { false }
  }
}
