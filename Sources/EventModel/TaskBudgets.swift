/// What a task may still spend.
public struct TaskBudgets: Hashable, Sendable {
  public struct Budget: Hashable, Sendable {
    public let used: Int32
    public let limit: Int32

    /// The task itself ends when more than the limit is used.
    public var left: Int32 { max(0, limit - used) }

    public init(used: Int32, limit: Int32) {
      self.used = used
      self.limit = limit
    }
  }

  /// Failures that are retried.
  public let failures: Budget
  /// Losses and preemptions after it had started.
  public let preemptions: Budget
  /// Losses before it had started.
  public let deliveries: Budget

  /// When it ends UNSCHEDULABLE if it is PENDING then; nil when it may wait for ever.
  public let schedulingDeadlineMs: Int64?

  public init(failures: Budget, preemptions: Budget, deliveries: Budget, schedulingDeadlineMs: Int64? = nil) {
    self.schedulingDeadlineMs = schedulingDeadlineMs
    self.failures = failures
    self.preemptions = preemptions
    self.deliveries = deliveries
  }
}
