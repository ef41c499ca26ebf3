import EventModel

/// Why an entity is as it is: its present state, and the chain back to the external events that led to it.
public struct Explanation: Hashable, Sendable {
  public enum Present: Hashable, Sendable {
    case worker(WorkerView)
    case job(JobView)
    /// The obstacle is nil unless the task is PENDING.
    case task(TaskView, TaskBudgets, PlacementObstacle?)
    /// It is not there any more, and only the log tells of it.
    case gone
  }

  public let subject: Subject
  public let present: Present
  /// Newest first, and each step before the one that led to it.
  public let steps: [ExplanationStep]
  /// Do the steps reach back to how it began? Not when transactions about it have left the log, or there were more steps
  /// than `ControllerLimits.explanationSteps`.
  public let isComplete: Bool
}

/// One link of the chain: an action, or the external event at the end of it.
public struct ExplanationStep: Hashable, Sendable {
  /// The number of the transaction that it belongs to.
  public let transaction: UInt64
  public let timestampMs: Int64
  /// The event of that transaction.
  public let event: Event
  /// Nil when this step is the event itself.
  public let action: Action?
  /// The position among the steps of what led to this one; nil for an event, which came from outside.
  public let cause: Int?
}

/// What a task may still spend.
public struct TaskBudgets: Hashable, Sendable {
  public struct Budget: Hashable, Sendable {
    public let used: Int32
    public let limit: Int32

    /// The task itself ends when more than the limit is used.
    public var left: Int32 { max(0, limit - used) }
  }

  /// Failures that are retried.
  public let failures: Budget
  /// Losses and preemptions after it had started.
  public let preemptions: Budget
  /// Losses before it had started.
  public let deliveries: Budget
}
