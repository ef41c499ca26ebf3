// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import Controller
import CRingmaster

extension rm_journal_configuration {
  init(_ configuration: ControllerConfiguration) {
    self.init()
    settings.worker_timeout_ms = Int64(configuration.workerTimeoutMs)
    settings.heartbeat_failure_threshold = Int64(configuration.heartbeatFailureThreshold)
    settings.job_retention_ms = Int64(configuration.jobRetentionMs)
    settings.delivery_retries = Int64(configuration.deliveryRetries)
    settings.gang_retry_delay_ms = Int64(configuration.gangRetryDelayMs)
    settings.stall_threshold_ms = Int64(configuration.stallThresholdMs)
    settings.restart_grace_ms = Int64(configuration.restartGraceMs)
    settings.restart_spread_ms = Int64(configuration.restartSpreadMs)
    settings.silent_share_percent = Int64(configuration.silentSharePercent)
    settings.brake_engage_share_percent = Int64(configuration.brakeEngageSharePercent)
    settings.brake_release_share_percent = Int64(configuration.brakeReleaseSharePercent)
    settings.brake_minimum_workers = Int64(configuration.brakeMinimumWorkers)
    settings.brake_expiries_per_minute = Int64(configuration.brakeExpiriesPerMinute)
    settings.assignment_timeout_ms = Int64(configuration.assignmentTimeoutMs)
    settings.reservation_after_ms = Int64(configuration.reservationAfterMs)
  }
}

extension ControllerConfiguration {
  /// - Returns: nil when a number is out of its type's range.
  init?(_ raw: rm_journal_configuration) {
    self.init()
    self.workerTimeoutMs = raw.settings.worker_timeout_ms
    guard let heartbeatFailureThreshold = Int16(exactly: raw.settings.heartbeat_failure_threshold) else { return nil }
    self.heartbeatFailureThreshold = heartbeatFailureThreshold
    self.jobRetentionMs = raw.settings.job_retention_ms
    guard let deliveryRetries = Int32(exactly: raw.settings.delivery_retries) else { return nil }
    self.deliveryRetries = deliveryRetries
    self.gangRetryDelayMs = raw.settings.gang_retry_delay_ms
    self.stallThresholdMs = raw.settings.stall_threshold_ms
    self.restartGraceMs = raw.settings.restart_grace_ms
    self.restartSpreadMs = raw.settings.restart_spread_ms
    self.silentSharePercent = raw.settings.silent_share_percent
    self.brakeEngageSharePercent = raw.settings.brake_engage_share_percent
    self.brakeReleaseSharePercent = raw.settings.brake_release_share_percent
    guard let brakeMinimumWorkers = Int32(exactly: raw.settings.brake_minimum_workers) else { return nil }
    self.brakeMinimumWorkers = brakeMinimumWorkers
    self.brakeExpiriesPerMinute = raw.settings.brake_expiries_per_minute
    self.assignmentTimeoutMs = raw.settings.assignment_timeout_ms
    self.reservationAfterMs = raw.settings.reservation_after_ms
  }

  /// These settings with those of `other` that are read at the start only and decide nothing.
  func keepingLogSizes(of other: ControllerConfiguration) -> ControllerConfiguration {
    var merged = self
    merged.transactionLogCapacity = other.transactionLogCapacity
    merged.transactionLogActionCapacity = other.transactionLogActionCapacity
    return merged
  }
}
