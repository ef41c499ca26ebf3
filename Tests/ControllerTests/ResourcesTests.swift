import Controller
import EventModel
import SeededRandom
import Testing

@Suite struct ResourcesTests {
  private static func register(_ state: TestController, _ name: String, _ capacity: Resources) -> Transaction {
    state.handle(.workerRegistered(name, address: "a", metadata: WorkerMetadata(capacity: capacity)))
  }

  private static func missing(_ state: TestController, _ task: String, on worker: String) -> Shortage? {
    state.handle(.taskAssigned(.name(task), worker: .name(worker))).missing
  }

  @Test func whatIsHeldIsGivenBack() throws {
    let state = TestController()
    let capacity = Resources(milliCPU: 4000, memoryBytes: 1000, devices: ["gpu": 2])
    _ = Self.register(state, "w", capacity)
    let asked = Resources(milliCPU: 1000, memoryBytes: 500, devices: ["gpu": 1])
    state.submit("j", replicas: 3) { $0.resources = asked }
    state.run("j/task-0", on: "w")
    state.run("j/task-1", on: "w")
    #expect(
      state.workerView("w")?.committed == Resources(milliCPU: 2000, memoryBytes: 1000, devices: ["gpu": 2]))
    #expect(
      Self.missing(state, "j/task-2", on: "w") == Shortage(resource: .memory, needed: 500, free: 0))
    state.report("j/task-0", .succeeded)
    #expect(state.workerView("w")?.committed == asked)
    _ = state.handle(.jobCancelled("j", reason: "enough"))
    #expect(state.workerView("w")?.committed == Resources())
    #expect(state.checkInvariants().isEmpty)
  }

  /// Devices in the order of the bytes of their names, whichever came first.
  @Test func theFirstThatLacksIsNamed() {
    let state = TestController()
    _ = Self.register(state, "w", Resources(milliCPU: 1000, devices: ["zip": 1, "b": 2]))
    state.submit("j") { $0.resources = Resources(milliCPU: 500, devices: ["zip": 2, "b": 5, "Zip": 0]) }
    #expect(Self.missing(state, "j/task-0", on: "w") == Shortage(resource: .device("b"), needed: 5, free: 2))
    state.submit("k") { $0.resources.devices = ["zip": 1, "é": 1, "e\u{301}": 1] }
    #expect(
      Self.missing(state, "k/task-0", on: "w")?.resource.name.utf8.elementsEqual("devices.e\u{301}".utf8) == true)
  }

  /// It has less now than its tasks hold; what asks for 0 of that fits all the same.
  @Test func whatATaskAsksZeroOfIsNotLookedAt() {
    let state = TestController()
    _ = Self.register(state, "w", Resources(milliCPU: 2000, memoryBytes: 10, devices: ["gpu": 1]))
    state.submit("j") { $0.resources = Resources(milliCPU: 2000, memoryBytes: 10, devices: ["gpu": 1]) }
    state.run("j/task-0", on: "w")
    _ = Self.register(state, "w", Resources(milliCPU: 1000))
    state.submit("none") { $0.resources = Resources() }
    #expect(state.handle(.taskAssigned("none/task-0", worker: "w")).outcome == .applied)
    state.submit("some") { $0.resources = Resources(milliCPU: 1) }
    #expect(Self.missing(state, "some/task-0", on: "w") == Shortage(resource: .cpu, needed: 1, free: -1000))
    #expect(state.checkInvariants().isEmpty)
  }

  @Test func aClusterHasSoManyKindsOfDevices() {
    let state = TestController()
    var all = DeviceCounts()
    for kind in 0..<Limits.deviceKinds { all["kind-\(kind)"] = 1 }
    #expect(Self.register(state, "w", Resources(devices: all)).outcome == .applied)
    #expect(Self.register(state, "v", Resources(devices: ["other": 1])).outcome == .rejected(.malformed))
    #expect(state.submit("j") { $0.resources.devices = ["other": 1] }.outcome == .rejected(.malformed))
    #expect(state.submit("known") { $0.resources.devices = ["kind-3": 1] }.outcome == .applied)
    _ = state.handle(.workerFailed("w"))
    #expect(state.submit("j") { $0.resources.devices = ["other": 1] }.outcome == .applied)
    #expect(Self.register(state, "w", Resources(devices: all)).outcome == .rejected(.malformed))
    _ = state.handle(.jobCancelled("j", reason: "typo"))
    #expect(Self.register(state, "w", Resources(devices: all)).outcome == .applied)
    #expect(state.checkInvariants().isEmpty)
  }

  /// Its own kinds make room for others, in this life and in the next.
  @Test(arguments: ["i1", "i2"]) func aWorkerSwapsItsDevicesWhereNoKindIsFree(_ incarnation: String) throws {
    let state = TestController()
    var all = Resources(milliCPU: 1000)
    for kind in 1..<Limits.deviceKinds { all.devices["k\(kind)"] = 1 }
    func register(_ name: String, _ capacity: Resources, _ incarnation: String) -> Outcome {
      state.handle(
        .workerRegistered(
          name, address: "a", metadata: WorkerMetadata(capacity: capacity), incarnation: incarnation)
      ).outcome
    }
    #expect(register("w", all, "i1") == .applied)
    state.submit("j") { $0.resources.devices = ["held": 1] }
    var others = Resources(milliCPU: 1000, devices: ["held": 1])
    for kind in 2..<Limits.deviceKinds { others.devices["other\(kind)"] = 2 }
    #expect(register("w", others, incarnation) == .applied)
    #expect(state.workerView("w")?.metadata.capacity == others)
    others.devices["more"] = 1
    others.devices["too much"] = 1
    #expect(register("w", others, incarnation) == .rejected(.malformed))
    #expect(state.workerView("w")?.metadata.capacity.devices["held"] == 1)
    #expect(state.checkInvariants().isEmpty)
  }

  @Test(arguments: [
    Resources(milliCPU: -1), Resources(memoryBytes: -1), Resources(memoryBytes: .max),
    Resources(devices: ["gpu": -1]), Resources(devices: ["gpu": .max]),
  ])
  func whatNoArithmeticBearsIsRefused(_ resources: Resources) {
    let state = TestController()
    #expect(Self.register(state, "w", resources).outcome == .rejected(.malformed))
    #expect(state.submit("j") { $0.resources = resources }.outcome == .rejected(.malformed))
  }

  @Test func theLargestAmountsAddUp() {
    let state = TestController()
    let most = Resources(
      milliCPU: Limits.milliCPU.upperBound, memoryBytes: Limits.memoryBytes.upperBound,
      devices: ["gpu": Limits.deviceCount.upperBound])
    for worker in 0..<20 { _ = Self.register(state, "w\(worker)", most) }
    state.submit("j", replicas: 21) {
      $0.resources = most
      $0.coscheduled = true
    }
    var policy: any SchedulingPolicy = FirstFit()
    #expect(state.proposePlacements(using: &policy, limit: 8).isEmpty)
    _ = Self.register(state, "w20", most)
    #expect(state.proposePlacements(using: &policy, limit: 8).count == 21)
  }

  /// By a scan over all workers, for each policy, while workers come, go and change.
  @Test(arguments: ["first-fit", "least-loaded"])
  func policiesFindWhatAScanFinds(_ name: String) {
    var random = SeededGenerator(seed: 12)
    let state = TestController()
    var policy: any SchedulingPolicy = name == "first-fit" ? FirstFit() : LeastLoaded()
    for step in 0..<600 {
      let worker = "w\(Int.random(in: 0..<40, using: &random))"
      if Int.random(in: 0..<8, using: &random) == 0 {
        let lost = state.handle(.workerFailed(.name(worker))).lines.filter { $0.hasPrefix("task_requeued") }
        for line in lost {
          _ = state.handle(.jobCancelled(.name(String(line.split { " /".contains($0) }[1])), reason: "done"))
        }
      }
      if step < 40 || Int.random(in: 0..<4, using: &random) == 0 {
        _ = Self.register(state, worker, Self.draw(12, &random))
      }
      let asked = Self.draw(5, &random)
      state.submit("j\(step)") { $0.resources = asked }
      let expected = Self.scan(state, asked, takesFirst: name == "first-fit")
      let proposals = state.proposePlacements(using: &policy, limit: 1)
      #expect(
        proposals.map { state.handle($0).actions[0].worker?.name } == (expected.map { [$0] } ?? []), "step \(step)")
      if expected == nil { _ = state.handle(.jobCancelled(.name("j\(step)"), reason: "done")) }
      #expect(state.checkInvariants().isEmpty, "step \(step)")
    }
  }

  private static func draw(_ most: Int64, _ random: inout SeededGenerator) -> Resources {
    var drawn = Resources(
      milliCPU: Int64.random(in: 0...most, using: &random), memoryBytes: Int64.random(in: 0...most, using: &random))
    for device in ["gpu", "nic"] { drawn.devices[device] = max(0, Int64.random(in: -most...most, using: &random)) }
    return drawn
  }

  private static func scan(_ state: TestController, _ asked: Resources, takesFirst: Bool) -> String? {
    var best: (name: String, free: Int64)?
    var slot = 0
    while let worker = state.nextWorker(from: slot) {
      slot = Int(worker.handle.index) + 1
      let (total, held) = (worker.metadata.capacity, worker.committed)
      func fits(_ amount: (Resources) -> Int64) -> Bool {
        amount(asked) == 0 || amount(asked) <= amount(total) - amount(held)
      }
      guard fits(\.milliCPU), fits(\.memoryBytes), fits({ $0.devices["gpu"] }), fits({ $0.devices["nic"] }) else {
        continue
      }
      let free = total.milliCPU - held.milliCPU
      if best == nil || !takesFirst && free > best!.free { best = (worker.name, free) }
    }
    return best?.name
  }

  @Test func theObstacleIsWhatIsShortBesideTheRest() throws {
    let state = TestController()
    _ = Self.register(state, "cpu", Resources(milliCPU: 8000, devices: ["gpu": 1]))
    _ = Self.register(state, "gpu", Resources(milliCPU: 1000, devices: ["gpu": 4]))
    state.submit("j") { $0.resources = Resources(milliCPU: 2000, devices: ["gpu": 2]) }
    func obstacle() -> PlacementObstacle? {
      state.task(named: TaskName(job: "j", index: 0)).flatMap { state.placementObstacle(of: $0) }
    }
    let best = WorkerIdentity(handle: try #require(state.worker(named: "cpu")), name: "cpu")
    #expect(
      obstacle()
        == .tooLarge(
          Shortage(resource: .device("gpu"), needed: 2, free: 1), largestWorker: best, workersConsidered: 2))
    _ = Self.register(state, "both", Resources(milliCPU: 2000, devices: ["gpu": 2]))
    #expect(obstacle() == .notYetConsidered)
  }

  /// What a job asks for and what a worker has are saved; what is held is reckoned anew, whatever the kinds' numbers are.
  @Test func aRestoredStateHoldsTheSame() {
    let state = TestController()
    _ = Self.register(state, "gone", Resources(devices: ["first": 1, "second": 1]))
    _ = Self.register(state, "w", Resources(milliCPU: 4000, memoryBytes: 9, devices: ["gpu": 2, "second": 1]))
    _ = state.handle(.workerFailed("gone"))
    state.submit("j") { $0.resources = Resources(milliCPU: 1, memoryBytes: 2, devices: ["gpu": 1]) }
    state.run("j/task-0", on: "w")
    let restored = TestController(restoring: state.save(), configuration: ControllerConfiguration(), atMs: 0)
    #expect(restored.workerView("w")?.committed == state.workerView("w")?.committed)
    #expect(restored.stateHash == state.stateHash)
    #expect(restored.checkInvariants().isEmpty)
  }
}
