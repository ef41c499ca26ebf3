import EventModel

/// One try of a task on one worker, as people read it.
public struct AttemptView: Hashable, Sendable {
  /// Counts from 0.
  public let number: UInt32
  public let state: TaskState
  /// The worker it ran on, which may be gone since.
  public let worker: WorkerIdentity
  public let startedMs: Int64
  /// Nil until it ends.
  public let endedMs: Int64?
  public let exitCode: Int32?
  public let error: String?

  public init(
    number: UInt32, state: TaskState, worker: WorkerIdentity, startedMs: Int64, endedMs: Int64?, exitCode: Int32?,
    error: String?
  ) {
    self.number = number
    self.state = state
    self.worker = worker
    self.startedMs = startedMs
    self.endedMs = endedMs
    self.exitCode = exitCode
    self.error = error
  }
}

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
  /// In order of their numbers.
  public let attempts: [AttemptView]
  /// The worker it is on while it is active.
  public let worker: WorkerIdentity?

  /// The number of the newest attempt; nil before the first.
  public var currentAttempt: UInt32? { attempts.last?.number }
}

extension ControllerState {
  /// A task; nil when the handle is stale. O(attempts).
  public func view(of task: TaskHandle) -> TaskView? {
    tasks.slot(of: task).map { taskView($0) }
  }

  /// The first task at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextTask(from slot: Int) -> TaskView? {
    var slot = max(slot, 0)
    while slot < tasks.rows.count {
      if tasks.rows[slot].job != noSlot { return taskView(slot) }
      slot += 1
    }
    return nil
  }

  private func taskView(_ slot: Int) -> TaskView {
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
      attempts: attemptViews(ofTask: slot),
      worker: row.worker == noSlot ? nil : cluster.identity(Int(row.worker)))
  }

  func attemptViews(ofTask task: Int) -> [AttemptView] {
    var views: [AttemptView] = []
    views.reserveCapacity(Int(tasks.rows[task].attemptCount))
    var slot = tasks.rows[task].lastAttempt
    while slot != noSlot {
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
