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
