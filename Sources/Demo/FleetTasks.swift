import EventModel
import SeededRandom

/// The tasks that a fleet runs: what is reported of each, and when.
struct FleetTasks {
  struct Running: Hashable, Sendable {
    let attempt: UInt32
    /// Index in the roster.
    let worker: Int
    /// Runs until it is stopped.
    let isService: Bool
  }

  struct Report: Hashable, Sendable {
    let task: TaskHandle
    let attempt: UInt32
    let state: TaskState
    let worker: Int
  }

  private var running: [TaskHandle: Running] = [:]
  private var timers = FleetTimers()
  private var generator: SeededGenerator
  private let durationMs: ClosedRange<Int>

  init(durationMs: ClosedRange<Int>, seed: UInt64) {
    self.durationMs = durationMs
    generator = SeededGenerator(seed: seed)
  }

  func attempt(of task: TaskHandle) -> UInt32? {
    running[task]?.attempt
  }

  /// Begins an attempt; the same one again changes nothing.
  mutating func start(_ task: TaskHandle, _ attempt: Running, nowNs: UInt64) {
    guard running[task]?.attempt != attempt.attempt else { return }
    running[task] = attempt
    let delayMs = Int.random(in: FleetLimits.startDelayMs, using: &generator)
    timers.add(.init(dueNs: nowNs + UInt64(delayMs) * 1_000_000, task: task, attempt: attempt.attempt, state: .running))
  }

  /// Ends an attempt without a report.
  ///
  /// - Returns: whether it ran.
  mutating func stop(_ task: TaskHandle, attempt: UInt32) -> Bool {
    guard running[task]?.attempt == attempt else { return false }
    running[task] = nil
    return true
  }

  /// Ends all that a worker runs, without a report.
  mutating func stopAll(on worker: Int) {
    running = running.filter { $0.value.worker != worker }
  }

  /// The next report that is due; nil when none is.
  mutating func nextReport(nowNs: UInt64) -> Report? {
    while let timer = timers.takeDue(nowNs: nowNs) {
      guard let current = running[timer.task], current.attempt == timer.attempt else { continue }
      if timer.state == .running {
        scheduleEnd(timer.task, current, nowNs: nowNs)
      } else {
        running[timer.task] = nil
      }
      return Report(task: timer.task, attempt: timer.attempt, state: timer.state, worker: current.worker)
    }
    return nil
  }

  private mutating func scheduleEnd(_ task: TaskHandle, _ current: Running, nowNs: UInt64) {
    guard !current.isService else { return }
    let durationMs = Int.random(in: durationMs, using: &generator)
    timers.add(
      .init(
        dueNs: nowNs + UInt64(durationMs) * 1_000_000, task: task, attempt: current.attempt, state: .succeeded))
  }
}
