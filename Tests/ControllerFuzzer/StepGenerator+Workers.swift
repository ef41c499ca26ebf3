import Controller
import EventModel

extension StepGenerator {
  mutating func registration() -> Event {
    let name = random.chance(3) ? accented() : "w\(random.below(profile.fleet))"
    let milliCPU: Int64 =
      isHostile() ? [0, 1, Limits.milliCPU.upperBound][random.below(3)] : 1000 * Int64(1 + random.below(6))
    // Mostly the life it had, so that it refreshes; now and then a new one.
    let incarnation: String? = random.chance(30) ? "life-\(random.below(3))" : nil
    var attributes: [WorkerMetadata.Attribute] = []
    if random.chance(profile.zoned) { attributes.append(.init(key: "zone", value: "z\(random.below(2))")) }
    for attribute in Self.attributes where random.chance(60) {
      attributes.append(.init(key: attribute, value: value()))
    }
    return .workerRegistered(
      name, address: "\(name):8080",
      metadata: WorkerMetadata(
        capacity: capacity(milliCPU: milliCPU), confirmsStops: random.chance(profile.confirming),
        attributes: attributes),
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

  static var attributes: [String] { ["disk", "caf\u{E9}", "cafe\u{301}"] }

  /// Of an attribute.
  mutating func value() -> String { ["ssd", "tape", "caf\u{E9}", "cafe\u{301}"][random.below(4)] }

  mutating func drain(_ state: borrowing ControllerState) -> Event {
    let graceMs: Int64? =
      switch random.below(5) {
      case 0: 0
      case 1, 2: Int64(random.below(4000))
      default: nil
      }
    return .workerDrain(worker(state), reason: text("new disk"), graceMs: graceMs, timestampMs: time())
  }

  /// One that is drained, if there is any, or one that is away.
  mutating func drainedWorker(_ state: borrowing ControllerState) -> WorkerReference {
    guard !isHostile(), random.chance(70) else { return hostileWorker() }
    for _ in 0..<4 {
      if let view = someWorker(state), view.isDraining { return reference(to: view) }
    }
    return worker(state)
  }

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
    for handle in view.stoppingTasks where random.chance(50) {
      guard let task = state.view(of: handle) else { continue }
      reported.append(ReportedTask(task: reference(to: task), attempt: task.currentAttempt ?? 0))
    }
    if random.chance(30) { reported += reportedAtRandom(state) }
    if random.chance(20), let again = random.element(of: reported) { reported.append(again) }
    return .workerReconciled(reference(to: view), reported: reported, timestampMs: time())
  }

  private mutating func reportedAtRandom(_ state: borrowing ControllerState) -> [ReportedTask] {
    var reported: [ReportedTask] = []
    for _ in 0..<random.below(4) {
      let stranger = random.chance(40) ? hostileTask() : task(state)
      reported.append(ReportedTask(task: stranger, attempt: UInt32(random.below(3))))
    }
    return reported
  }
}
