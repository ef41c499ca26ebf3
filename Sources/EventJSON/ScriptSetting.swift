import EventModel

/// The settings of a state machine that a script can say, by the names that `ringctl simulate --config` and a line
/// `{"type":"CONFIGURED",…}` use.
public enum ScriptSetting: String, CaseIterable, Sendable {
  case workerTimeoutMs = "worker_timeout_ms"
  case heartbeatFailureThreshold = "heartbeat_failure_threshold"
  case jobRetentionMs = "job_retention_ms"
  case transactionLogCapacity = "txn_log_capacity"
  case deliveryRetries = "delivery_retries"
  case gangRetryDelayMs = "gang_retry_delay_ms"
  case stallThresholdMs = "stall_threshold_ms"
  case restartGraceMs = "restart_grace_ms"
  case restartSpreadMs = "restart_spread_ms"
  case silentSharePercent = "silent_share_percent"
  case brakeEngageSharePercent = "brake_engage_share_percent"
  case brakeReleaseSharePercent = "brake_release_share_percent"
  case brakeMinimumWorkers = "brake_minimum_workers"
  case brakeExpiriesPerMinute = "brake_expiries_per_minute"

  private static let dayMs: Int64 = 86_400_000

  /// What it may be.
  public var range: ClosedRange<Int64> {
    switch self {
    case .workerTimeoutMs, .jobRetentionMs: Limits.timeMs
    case .gangRetryDelayMs, .stallThresholdMs, .restartGraceMs, .restartSpreadMs: 0...Self.dayMs
    case .heartbeatFailureThreshold: 1...Int64(Int16.max)
    case .brakeMinimumWorkers: 1...Int64(Int32.max)
    case .silentSharePercent, .brakeEngageSharePercent, .brakeReleaseSharePercent: 0...100
    case .brakeExpiriesPerMinute: 0...60_000
    case .transactionLogCapacity: 1...1_000_000
    case .deliveryRetries: 0...Int64(Limits.retries.upperBound)
    }
  }
}
