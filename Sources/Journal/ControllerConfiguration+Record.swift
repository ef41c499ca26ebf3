import CRingmaster
import Controller

extension rm_journal_configuration {
  init(_ configuration: ControllerConfiguration) {
    self.init()
    worker_timeout_ms = configuration.workerTimeoutMs
    heartbeat_failure_threshold = Int64(configuration.heartbeatFailureThreshold)
    job_retention_ms = configuration.jobRetentionMs
    delivery_retries = Int64(configuration.deliveryRetries)
    gang_retry_delay_ms = configuration.gangRetryDelayMs
    stall_threshold_ms = configuration.stallThresholdMs
    restart_grace_ms = configuration.restartGraceMs
    restart_spread_ms = configuration.restartSpreadMs
    silent_share_percent = configuration.silentSharePercent
    brake_engage_share_percent = configuration.brakeEngageSharePercent
    brake_release_share_percent = configuration.brakeReleaseSharePercent
    brake_minimum_workers = Int64(configuration.brakeMinimumWorkers)
    brake_expiries_per_minute = configuration.brakeExpiriesPerMinute
    assignment_timeout_ms = configuration.assignmentTimeoutMs
    reservation_after_ms = configuration.reservationAfterMs
  }
}

extension ControllerConfiguration {
  /// - Returns: nil when a number is out of its range.
  init?(_ raw: rm_journal_configuration) {
    guard let threshold = Int16(exactly: raw.heartbeat_failure_threshold),
      let deliveryRetries = Int32(exactly: raw.delivery_retries),
      let minimumWorkers = Int32(exactly: raw.brake_minimum_workers)
    else { return nil }
    self.init()
    workerTimeoutMs = raw.worker_timeout_ms
    heartbeatFailureThreshold = threshold
    jobRetentionMs = raw.job_retention_ms
    self.deliveryRetries = deliveryRetries
    gangRetryDelayMs = raw.gang_retry_delay_ms
    stallThresholdMs = raw.stall_threshold_ms
    restartGraceMs = raw.restart_grace_ms
    restartSpreadMs = raw.restart_spread_ms
    silentSharePercent = raw.silent_share_percent
    brakeEngageSharePercent = raw.brake_engage_share_percent
    brakeReleaseSharePercent = raw.brake_release_share_percent
    brakeMinimumWorkers = minimumWorkers
    brakeExpiriesPerMinute = raw.brake_expiries_per_minute
    assignmentTimeoutMs = raw.assignment_timeout_ms
    reservationAfterMs = raw.reservation_after_ms
  }

  /// These settings with the log sizes of `other`, which decide nothing.
  func keepingLogSizes(of other: ControllerConfiguration) -> ControllerConfiguration {
    var merged = self
    merged.transactionLogCapacity = other.transactionLogCapacity
    merged.transactionLogActionCapacity = other.transactionLogActionCapacity
    return merged
  }
}
