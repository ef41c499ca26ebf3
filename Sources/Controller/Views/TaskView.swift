import EventModel

/// A task, as people read it.
public struct TaskView: Hashable, Sendable {
  public let handle: TaskHandle
  public let job: JobHandle
  public let name: TaskName
  public let state: TaskState
  public let error: String?
  /// Of the newest attempt, once it ended with one.
  public let exitCode: Int32?
  /// Attempts that failed.
  public let failures: Int32
  /// Attempts lost or preempted after they had started.
  public let preemptions: Int32
  /// Attempts lost before they had started.
  public let deliveries: Int32
  /// In order of their numbers; perhaps only the newest.
  public let attempts: [AttemptView]
  /// All that were made.
  public let attemptCount: Int
  /// The worker it is on while it is active.
  public let worker: WorkerIdentity?

  /// The number of the newest attempt; nil before the first.
  public var currentAttempt: UInt32? { attempts.last?.number }
}

extension ControllerState {
  /// A task, with so many of its attempts at the most; nil when the handle is stale. O(attempts viewed).
  public func view(of task: TaskHandle, newestAttempts limit: Int = .max) -> TaskView? {
    tasks.slot(of: task).map { taskView($0, newestAttempts: limit) }
  }

  /// The first task at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextTask(from slot: Int, newestAttempts limit: Int = .max) -> TaskView? {
    firstOccupied(slot..<Int.max, of: .tasks).map { taskView($0, newestAttempts: limit) }
  }

  private func taskView(_ slot: Int, newestAttempts limit: Int) -> TaskView {
    let row = tasks.rows[slot]
    let job = jobSlot(ofTask: slot)
    return TaskView(
      handle: tasks.handle(slot),
      job: jobs.handle(job),
      name: TaskName(job: jobs.name(job), index: taskIndex(slot)),
      state: row.state,
      error: errors.optionalText(row.error),
      exitCode: row.hasExitCode ? row.exitCode : nil,
      failures: row.failures,
      preemptions: row.preemptions,
      deliveries: row.deliveries,
      attempts: attemptViews(ofTask: slot, newest: limit),
      attemptCount: Int(row.attemptCount),
      worker: row.worker == noSlot ? nil : cluster.identity(Int(row.worker)))
  }

  func attemptViews(ofTask task: Int, newest limit: Int = .max) -> [AttemptView] {
    var views: [AttemptView] = []
    views.reserveCapacity(min(Int(tasks.rows[task].attemptCount), limit))
    var slot = tasks.rows[task].lastAttempt
    while slot != noSlot, views.count < limit {
      let row = attempts[slot]
      views.append(
        AttemptView(
          number: row.number,
          state: row.state,
          worker: WorkerIdentity(handle: row.worker, name: cluster.names.text(row.workerName)),
          startedMs: row.startedMs,
          endedMs: row.state.isTerminal ? row.endedMs : nil,
          exitCode: row.hasExitCode ? row.exitCode : nil,
          error: errors.optionalText(row.error)))
      slot = row.previous
    }
    views.reverse()
    return views
  }
}
