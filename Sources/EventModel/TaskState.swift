extension TaskState {
  /// Finished: no event moves it any more.
  @inlinable
  public var isTerminal: Bool {
    rawValue >= TaskState.succeeded.rawValue
  }

  /// Holds capacity on a worker.
  @inlinable
  public var isActive: Bool {
    rawValue >= TaskState.assigned.rawValue && rawValue <= TaskState.running.rawValue
  }

  /// Its process has started: losing it is charged to the task's budget.
  @inlinable
  public var isExecuting: Bool {
    self == .building || self == .running
  }
}

extension JobState {
  @inlinable
  public var isTerminal: Bool {
    rawValue >= JobState.succeeded.rawValue
  }
}
