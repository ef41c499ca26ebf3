import EventModel

/// Why an entity is as it is: its present state, and the chain back to the external events that led to it.
public struct Explanation: Hashable, Sendable {
  public enum Present: Hashable, Sendable {
    case worker(WorkerView)
    /// The obstacle is that of its first PENDING task; nil when it has none.
    case job(JobView, PlacementObstacle?)
    /// The obstacle is nil unless the task is PENDING.
    case task(TaskView, TaskBudgets, PlacementObstacle?)
    /// It is not there any more, and only the log tells of it.
    case gone
  }

  public let subject: Subject
  public let present: Present
  /// Newest first, and each step before the one that led to it.
  public let steps: [StepView]
  /// How far back they go: not to how it began when transactions about it have left the log, or there were more steps than
  /// `ControllerLimits.explanationSteps`.
  public let reach: ExplanationReach

  /// Do the steps go back to how it began?
  public var isComplete: Bool { reach == .creation }
}
