// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import EventModel

/// The settings that the state machine's decisions depend on. Two controllers with equal settings that handle the same
/// events make the same transactions.
public struct ControllerConfiguration: Sendable, Hashable {
  /// A worker whose last heartbeat is older than this is lost.
  public var workerTimeoutMs: Int64 = 60000
  /// Failed heartbeats in a row that make a worker lost.
  public var heartbeatFailureThreshold: Int16 = 10
  /// How long a job is kept after its end, until the next PRUNE.
  public var jobRetentionMs: Int64 = 604800000
  /// The newest transactions, which stay in memory.
  public var transactionLogCapacity: Int = 1000
  /// Actions that the transactions in memory may list together; the newest is kept whatever it lists.
  public var transactionLogActionCapacity: Int = 200000
  /// Times that a task may be lost before it started and still be tried again.
  public var deliveryRetries: Int32 = 20
  /// How long a gang that did not fit as a whole waits before it is proposed again.
  public var gangRetryDelayMs: Int64 = 1000
  /// A dispatcher that did not run for longer than this was stalled: every deadline shifts by that. At least four sweep
  /// intervals are allowed whatever this says.
  public var stallThresholdMs: Int64 = 1000
  /// How much longer than worker_timeout_ms a worker that was not heard of since a restart may be silent.
  public var restartGraceMs: Int64 = 10000
  /// The expiries of workers that are not heard of after a restart are spread over this span.
  public var restartSpreadMs: Int64 = 30000
  /// The silence after which a worker counts as silent for the brake. Heartbeats must come more often than that.
  public var silentSharePercent: Int64 = 50
  /// When a larger share than this is silent at once, the zone's brake engages.
  public var brakeEngageSharePercent: Int64 = 55
  /// When no larger share than this is silent any more, the brake is released. At most engage_share_percent.
  public var brakeReleaseSharePercent: Int64 = 45
  /// A zone with fewer workers than this is judged together with all others of which that is true; with fewer in all,
  /// no brake engages.
  public var brakeMinimumWorkers: Int32 = 20
  /// Workers of a braked zone that may be lost in a minute while not all of them are silent. At 0, none.
  public var brakeExpiriesPerMinute: Int64 = 6
  /// A task of which nothing is heard for longer than this after it was assigned is taken back. At 0, never.
  public var assignmentTimeoutMs: Int64 = 60000
  /// The first task or gang that does not fit and has waited for longer than this reserves the workers that it could
  /// use.
  public var reservationAfterMs: Int64 = 60000

  public init() {}

  /// A setting by its name, as a number in its range.
  public subscript(setting: ControllerSetting) -> Int64 {
    get {
      switch setting {
      case .workerTimeoutMs: Int64(workerTimeoutMs)
      case .heartbeatFailureThreshold: Int64(heartbeatFailureThreshold)
      case .jobRetentionMs: Int64(jobRetentionMs)
      case .transactionLogCapacity: Int64(transactionLogCapacity)
      case .transactionLogActionCapacity: Int64(transactionLogActionCapacity)
      case .deliveryRetries: Int64(deliveryRetries)
      case .gangRetryDelayMs: Int64(gangRetryDelayMs)
      case .stallThresholdMs: Int64(stallThresholdMs)
      case .restartGraceMs: Int64(restartGraceMs)
      case .restartSpreadMs: Int64(restartSpreadMs)
      case .silentSharePercent: Int64(silentSharePercent)
      case .brakeEngageSharePercent: Int64(brakeEngageSharePercent)
      case .brakeReleaseSharePercent: Int64(brakeReleaseSharePercent)
      case .brakeMinimumWorkers: Int64(brakeMinimumWorkers)
      case .brakeExpiriesPerMinute: Int64(brakeExpiriesPerMinute)
      case .assignmentTimeoutMs: Int64(assignmentTimeoutMs)
      case .reservationAfterMs: Int64(reservationAfterMs)
      }
    }
    set {
      precondition(setting.range.contains(newValue), "\(setting.name) is in \(setting.range), got \(newValue)")
      switch setting {
      case .workerTimeoutMs: workerTimeoutMs = Int64(newValue)
      case .heartbeatFailureThreshold: heartbeatFailureThreshold = Int16(newValue)
      case .jobRetentionMs: jobRetentionMs = Int64(newValue)
      case .transactionLogCapacity: transactionLogCapacity = Int(newValue)
      case .transactionLogActionCapacity: transactionLogActionCapacity = Int(newValue)
      case .deliveryRetries: deliveryRetries = Int32(newValue)
      case .gangRetryDelayMs: gangRetryDelayMs = Int64(newValue)
      case .stallThresholdMs: stallThresholdMs = Int64(newValue)
      case .restartGraceMs: restartGraceMs = Int64(newValue)
      case .restartSpreadMs: restartSpreadMs = Int64(newValue)
      case .silentSharePercent: silentSharePercent = Int64(newValue)
      case .brakeEngageSharePercent: brakeEngageSharePercent = Int64(newValue)
      case .brakeReleaseSharePercent: brakeReleaseSharePercent = Int64(newValue)
      case .brakeMinimumWorkers: brakeMinimumWorkers = Int32(newValue)
      case .brakeExpiriesPerMinute: brakeExpiriesPerMinute = Int64(newValue)
      case .assignmentTimeoutMs: assignmentTimeoutMs = Int64(newValue)
      case .reservationAfterMs: reservationAfterMs = Int64(newValue)
      }
    }
  }
}
