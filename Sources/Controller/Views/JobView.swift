import EventModel

/// A job, as people read it.
public struct JobView: Hashable, Sendable {
  public let handle: JobHandle
  public let name: String
  public let state: JobState
  /// The reason it was cancelled for, or the error of its first task that has one; nil for a job that succeeded.
  public let error: String?
  public let request: JobRequest
  public let submittedMs: Int64
  /// Nil until it ends.
  public let endedMs: Int64?
  public let taskCounts: TaskStateCounts
  /// The parent's name, also after the parent was pruned.
  public let parentName: String?
  /// 0 for a root job.
  public let depth: Int
  /// Counts the jobs in the order of their submission, from 1.
  public let insertionNumber: UInt64
  /// Tasks it has, finished ones too; `ControllerState.task(at:of:)` gives their handles.
  public let taskCount: Int
}

extension ControllerState {
  /// A job; nil when the handle is stale.
  public func view(of job: JobHandle) -> JobView? {
    jobs.slot(of: job).map { jobView($0) }
  }

  /// The first job at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextJob(from slot: Int) -> JobView? {
    firstOccupied(slot..<Int.max, of: .jobs).map { jobView($0) }
  }

  /// The task of a job with this index; nil when there is none.
  public func task(at index: Int, of job: JobHandle) -> TaskHandle? {
    guard let slot = jobs.slot(of: job), index >= 0, index < Int(jobs.rows[slot].taskCount) else { return nil }
    return tasks.handle(Int(jobs.rows[slot].firstTask) + index)
  }

  private func jobView(_ slot: Int) -> JobView {
    let row = jobs.rows[slot]
    let detail = jobs.details[slot]
    return JobView(
      handle: jobs.handle(slot),
      name: detail.name,
      state: row.state,
      error: row.state.isTerminal ? detail.error : firstTaskError(ofJob: slot),
      request: detail.request,
      submittedMs: row.submittedMs,
      endedMs: row.state.isTerminal ? row.endedMs : nil,
      taskCounts: row.counts,
      parentName: detail.parentName,
      depth: Int(row.depth),
      insertionNumber: row.insertionNumber,
      taskCount: Int(row.taskCount))
  }
}
