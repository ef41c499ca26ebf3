/// Bounds of the controller's own work and arithmetic.
public enum ControllerLimits {
  /// Timestamps, in milliseconds, with which sums and differences cannot overflow.
  public static let timestampMs: ClosedRange<Int64> = 0...(1 << 53)
  /// Questions put to a scheduling policy in one call of `proposePlacements`, beyond the placements asked for.
  public static let unplaceableTasksPerPass = 1024
  /// Steps of an explanation.
  public static let explanationSteps = 1000
  /// The newest attempts of a task, which its explanation lists.
  public static let explanationAttempts = 20
  /// Silent workers looked at for the reason that a task waits.
  public static let suspendedWorkersPerObstacle = 10_000
}
