import Controller
import EventModel

extension StepGenerator {
  mutating func task(_ state: borrowing ControllerState) -> TaskReference {
    guard !isHostile(), let job = someJob(state), job.taskCount > 0,
      let view = state.task(at: random.below(job.taskCount), of: job.handle).flatMap({ state.view(of: $0) })
    else { return hostileTask() }
    return reference(to: view)
  }

  mutating func runningTask(_ state: borrowing ControllerState) -> TaskReference {
    guard !isHostile(), let view = someRunningTask(state) else { return task(state) }
    return reference(to: view)
  }

  private mutating func someRunningTask(_ state: borrowing ControllerState) -> TaskView? {
    for _ in 0..<3 {
      guard let worker = someWorker(state) else { return nil }
      if let task = random.element(of: worker.runningTasks) { return state.view(of: task) }
    }
    return nil
  }

  mutating func endpoint() -> String {
    random.chance(10) ? accented() : "endpoint-\(random.below(random.chance(20) ? 24 : 5))"
  }

  /// Mostly of an attempt that stops, with what its worker knows of it.
  mutating func stop(_ state: borrowing ControllerState) -> Event {
    guard !isHostile(), let view = someStoppingTask(state), let current = view.currentAttempt else {
      return .taskStopped(
        runningTask(state), attempt: UInt32(random.below(3)), error: text("claimed"), exitCode: exitCode(),
        endReason: endReason(), timestampMs: time())
    }
    return .taskStopped(
      reference(to: view), attempt: current, error: text("stopped"), exitCode: exitCode(), endReason: endReason(),
      timestampMs: time())
  }

  private mutating func someStoppingTask(_ state: borrowing ControllerState) -> TaskView? {
    for _ in 0..<4 {
      guard let worker = someWorker(state) else { return nil }
      if let task = random.element(of: worker.stoppingTasks) { return state.view(of: task) }
    }
    return nil
  }

  private mutating func endReason() -> EndReason? {
    random.chance(60) ? nil : random.element(of: EndReason.allCases)
  }

  /// What a worker says of a task that it runs, or of any other, one that it is to stop among them.
  mutating func report(_ state: borrowing ControllerState) -> Event {
    if random.chance(10), let view = someStoppingTask(state), let current = view.currentAttempt {
      let states = TaskState.allCases
      return .taskStateChanged(
        reference(to: view), attempt: current, state: states[random.below(states.count)], error: text("late"),
        exitCode: exitCode(), endReason: endReason(), timestampMs: time())
    }
    guard !isHostile(), let view = someRunningTask(state), let current = view.currentAttempt else {
      let states = TaskState.allCases
      return .taskStateChanged(
        task(state), attempt: UInt32(random.below(3)), state: states[random.below(states.count)],
        error: text("claimed"), exitCode: exitCode(), endReason: endReason(), timestampMs: time())
    }
    var attempt = current
    if isHostile() { attempt = random.chance(50) ? current &+ 1 : UInt32(random.below(Int(current) + 1)) }
    let reported = reportedState(after: view.state)
    return .taskStateChanged(
      reference(to: view), attempt: attempt, state: reported,
      error: reported == .running || reported == .building ? nil : text("reported"), exitCode: exitCode(),
      endReason: endReason(), timestampMs: time())
  }

  private mutating func exitCode() -> Int32? {
    random.chance(60) ? nil : Int32([0, 1, 137, -1, Int(Int32.min)][random.below(5)])
  }

  private mutating func reportedState(after state: TaskState) -> TaskState {
    let likely: [TaskState] =
      switch state {
      case .assigned: [.building, .running, .running, .running, .failed, .killed, .workerFailed, .pending, .succeeded]
      case .building: [.running, .running, .running, .building, .failed, .workerFailed, .pending]
      default:
        [
          .succeeded, .succeeded, .succeeded, .failed, .failed, .failed, .killed, .workerFailed, .running, .building,
          .pending,
        ]
      }
    return likely[random.below(likely.count)]
  }
}
