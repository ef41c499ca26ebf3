import Controller
import EventModel

extension StepGenerator {
  mutating func registration() -> Event {
    let name = "w\(random.below(profile.fleet))"
    let milliCPU: Int64 =
      isHostile() ? [0, 1, Limits.milliCPU.upperBound][random.below(3)] : 1000 * Int64(1 + random.below(6))
    // Mostly the life it had, so that it refreshes; now and then a new one.
    let incarnation: String? = random.chance(30) ? "life-\(random.below(3))" : nil
    let attributes =
      random.chance(profile.zoned) ? [WorkerMetadata.Attribute(key: "zone", value: "z\(random.below(2))")] : []
    return .workerRegistered(
      name, address: "\(name):8080",
      metadata: WorkerMetadata(capacity: capacity(milliCPU: milliCPU), attributes: attributes),
      incarnation: incarnation, timestampMs: requiredTime())
  }

  /// Mostly a few devices; now and then more kinds than a cluster may have.
  private mutating func capacity(milliCPU: Int64) -> Resources {
    var capacity = Resources(milliCPU: milliCPU)
    if random.chance(80) { capacity.memoryBytes = Int64(random.below(5)) << 30 }
    for device in Self.devices where random.chance(40) { capacity.devices[device] = Int64(random.below(4)) }
    guard isHostile() else { return capacity }
    capacity.memoryBytes = Limits.memoryBytes.upperBound
    for _ in 0..<random.below(Limits.deviceKinds - Self.devices.count) {
      capacity.devices["kind-\(random.below(15))"] = Limits.deviceCount.upperBound
    }
    return capacity
  }

  /// Two of them are neighbours only by their bytes.
  static var devices: [String] { ["gpu", "nic", "Gpu"] }

  mutating func worker(_ state: borrowing ControllerState) -> WorkerReference {
    guard !isHostile(), let view = someWorker(state) else { return hostileWorker() }
    return reference(to: view)
  }

  mutating func someWorker(_ state: borrowing ControllerState) -> WorkerView? {
    guard state.workerSlots > 0 else { return nil }
    return state.nextWorker(from: random.below(state.workerSlots)) ?? state.nextWorker(from: 0)
  }

  /// Mostly the truth about what the worker runs; some of it missing, some of it made up.
  mutating func reconciliation(_ state: borrowing ControllerState) -> Event {
    guard !isHostile(), let view = someWorker(state) else {
      return .workerReconciled(hostileWorker(), reported: reportedAtRandom(state), timestampMs: time())
    }
    var reported: [ReportedTask] = []
    for handle in view.runningTasks where !random.chance(15) {
      guard let task = state.view(of: handle) else { continue }
      let attempt = (task.currentAttempt ?? 0) &+ (random.chance(5) ? 1 : 0)
      reported.append(ReportedTask(task: reference(to: task), attempt: attempt))
    }
    if random.chance(30) { reported += reportedAtRandom(state) }
    return .workerReconciled(reference(to: view), reported: reported, timestampMs: time())
  }

  private mutating func reportedAtRandom(_ state: borrowing ControllerState) -> [ReportedTask] {
    var reported: [ReportedTask] = []
    for _ in 0..<random.below(4) {
      reported.append(ReportedTask(task: task(state), attempt: UInt32(random.below(3))))
    }
    return reported
  }
}
