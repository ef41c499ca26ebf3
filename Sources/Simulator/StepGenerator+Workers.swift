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
      name, address: "\(name):8080", metadata: WorkerMetadata(milliCPU: milliCPU, attributes: attributes),
      incarnation: incarnation, timestampMs: requiredTime())
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
