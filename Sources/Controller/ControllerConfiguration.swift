import EventModel

/// The settings that the state machine's decisions depend on. Two controllers with equal settings that handle the same
/// events make the same transactions.
public struct ControllerConfiguration: Sendable, Hashable {
  /// A worker whose last heartbeat is strictly older than this is lost.
  public var workerTimeoutMs: Int64 = 60_000
  /// Failed heartbeats in a row that make a worker lost.
  public var heartbeatFailureThreshold: Int16 = 10
  /// How long a job is kept after its end: seven days.
  public var jobRetentionMs: Int64 = 604_800_000
  /// Transactions kept in memory.
  public var transactionLogCapacity: Int = 1000
  /// Actions and processes to stop that the transactions kept in memory may list together. The newest transaction is kept
  /// whatever it lists.
  public var transactionLogActionCapacity: Int = 200_000
  /// Times that a task may be lost before it started and still be tried again.
  public var deliveryRetries: Int32 = 20
  /// How long what was not committed as it was proposed waits before it is proposed again.
  public var gangRetryDelayMs: Int64 = 1000

  /// A dispatcher that did not run for longer than this was stalled: every deadline shifts by that.
  public var stallThresholdMs: Int64 = 1000
  /// How much longer than `workerTimeoutMs` a worker that was not heard of since a restart may be silent.
  public var restartGraceMs: Int64 = 10_000
  /// The expiries of the workers that are not heard of after a restart are spread over this span.
  public var restartSpreadMs: Int64 = 30_000
  /// Share of `workerTimeoutMs` after which a worker counts as silent, in percent: workers send heartbeats at different
  /// moments, and a fault that silences them all must be seen before the first of them is lost. Heartbeats must come more
  /// often than that.
  public var silentSharePercent: Int64 = 50
  /// When a larger share than this of a zone's workers is silent at once, in percent, its brake engages.
  public var brakeEngageSharePercent: Int64 = 55
  /// When no larger share than this is silent any more, in percent, the brake is released.
  public var brakeReleaseSharePercent: Int64 = 45
  /// A zone with fewer workers than this is not judged by itself, but together with all other workers of which that is
  /// true; with fewer in all, no brake engages.
  public var brakeMinimumWorkers: Int32 = 20
  /// Workers of a braked zone that may be lost in a minute while not all of them are silent. At 0, none.
  public var brakeExpiriesPerMinute: Int64 = 6

  public init() {}

  /// From which silence on a worker counts as silent for the brake.
  public var silentAfterMs: Int64 { workerTimeoutMs * silentSharePercent / 100 }

  var brakedExpiryIntervalMs: Int64 { max(60_000 / max(brakeExpiriesPerMinute, 1), 1) }
}

/// Bounds of the controller's own work and arithmetic.
public enum ControllerLimits {
  /// Timestamps, in milliseconds, with which sums and differences cannot overflow.
  public static let timestampMs: ClosedRange<Int64> = 0...(1 << 53)
  /// Questions put to a scheduling policy in one call of `proposePlacements`, beyond the placements asked for.
  public static let unplaceableTasksPerPass = 1024
  /// Steps of an explanation.
  public static let explanationSteps = 1000
  /// Attempts of a task that its explanation tells, the newest.
  public static let explanationAttempts = 20
  /// Silent workers looked at for the reason that a task waits.
  public static let suspendedWorkersPerObstacle = 10_000
}
