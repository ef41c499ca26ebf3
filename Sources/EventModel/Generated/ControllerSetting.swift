// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

/// The settings that the state machine's decisions depend on. The raw value is the wire value.
@frozen
public enum ControllerSetting: UInt8, NamedCode, BitwiseCopyable {
  /// A worker whose last heartbeat is older than this is lost.
  case workerTimeoutMs = 1
  /// Failed heartbeats in a row that make a worker lost.
  case heartbeatFailureThreshold = 2
  /// How long a job is kept after its end, until the next PRUNE.
  case jobRetentionMs = 3
  /// The newest transactions, which stay in memory.
  case transactionLogCapacity = 4
  /// Actions that the transactions in memory may list together; the newest is kept whatever it lists.
  case transactionLogActionCapacity = 5
  /// Times that a task may be lost before it started and still be tried again.
  case deliveryRetries = 6
  /// How long a gang that did not fit as a whole waits before it is proposed again.
  case gangRetryDelayMs = 7
  /// A dispatcher that did not run for longer than this was stalled: every deadline shifts by that. At least four sweep
  /// intervals are allowed whatever this says.
  case stallThresholdMs = 8
  /// How much longer than worker_timeout_ms a worker that was not heard of since a restart may be silent.
  case restartGraceMs = 9
  /// The expiries of workers that are not heard of after a restart are spread over this span.
  case restartSpreadMs = 10
  /// The silence after which a worker counts as silent for the brake. Heartbeats must come more often than that.
  case silentSharePercent = 11
  /// When a larger share than this is silent at once, the zone's brake engages.
  case brakeEngageSharePercent = 12
  /// When no larger share than this is silent any more, the brake is released. At most engage_share_percent.
  case brakeReleaseSharePercent = 13
  /// A zone with fewer workers than this is judged together with all others of which that is true; with fewer in all,
  /// no brake engages.
  case brakeMinimumWorkers = 14
  /// Workers of a braked zone that may be lost in a minute while not all of them are silent. At 0, none.
  case brakeExpiriesPerMinute = 15
  /// A task of which nothing is heard for longer than this after it was assigned is taken back. At 0, never.
  case assignmentTimeoutMs = 16
  /// The first task or gang that does not fit and has waited for longer than this reserves the workers that it could
  /// use.
  case reservationAfterMs = 17

  /// As text has it.
  public var name: String {
    switch self {
    case .workerTimeoutMs: "worker_timeout_ms"
    case .heartbeatFailureThreshold: "heartbeat_failure_threshold"
    case .jobRetentionMs: "job_retention_ms"
    case .transactionLogCapacity: "transaction_log_capacity"
    case .transactionLogActionCapacity: "transaction_log_action_capacity"
    case .deliveryRetries: "delivery_retries"
    case .gangRetryDelayMs: "gang_retry_delay_ms"
    case .stallThresholdMs: "stall_threshold_ms"
    case .restartGraceMs: "restart_grace_ms"
    case .restartSpreadMs: "restart_spread_ms"
    case .silentSharePercent: "silent_share_percent"
    case .brakeEngageSharePercent: "brake_engage_share_percent"
    case .brakeReleaseSharePercent: "brake_release_share_percent"
    case .brakeMinimumWorkers: "brake_minimum_workers"
    case .brakeExpiriesPerMinute: "brake_expiries_per_minute"
    case .assignmentTimeoutMs: "assignment_timeout_ms"
    case .reservationAfterMs: "reservation_after_ms"
    }
  }

  public init?(name: String) {
    guard let value = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = value
  }
}

extension ControllerSetting {
  /// What it may be.
  public var range: ClosedRange<Int64> {
    switch self {
    case .workerTimeoutMs: 1...31536000000
    case .heartbeatFailureThreshold: 1...30000
    case .jobRetentionMs: 0...3153600000000
    case .transactionLogCapacity: 1...1000000
    case .transactionLogActionCapacity: 1...100000000
    case .deliveryRetries: 0...1000000
    case .gangRetryDelayMs: 0...86400000
    case .stallThresholdMs: 1...86400000
    case .restartGraceMs: 0...86400000
    case .restartSpreadMs: 0...86400000
    case .silentSharePercent: 1...100
    case .brakeEngageSharePercent: 0...100
    case .brakeReleaseSharePercent: 0...100
    case .brakeMinimumWorkers: 1...1000000000
    case .brakeExpiriesPerMinute: 0...60000
    case .assignmentTimeoutMs: 0...31536000000
    case .reservationAfterMs: 0...31536000000
    }
  }

  /// The table of the configuration file that it is in.
  public var table: String {
    switch self {
    case .workerTimeoutMs: "liveness"
    case .heartbeatFailureThreshold: "controller"
    case .jobRetentionMs: "controller"
    case .transactionLogCapacity: "controller"
    case .transactionLogActionCapacity: "controller"
    case .deliveryRetries: "controller"
    case .gangRetryDelayMs: "controller"
    case .stallThresholdMs: "liveness"
    case .restartGraceMs: "liveness"
    case .restartSpreadMs: "liveness"
    case .silentSharePercent: "liveness"
    case .brakeEngageSharePercent: "brake"
    case .brakeReleaseSharePercent: "brake"
    case .brakeMinimumWorkers: "brake"
    case .brakeExpiriesPerMinute: "brake"
    case .assignmentTimeoutMs: "controller"
    case .reservationAfterMs: "controller"
    }
  }

  /// Its key in that table.
  public var key: String {
    switch self {
    case .workerTimeoutMs: "worker_timeout_ms"
    case .heartbeatFailureThreshold: "heartbeat_failure_threshold"
    case .jobRetentionMs: "job_retention_ms"
    case .transactionLogCapacity: "transaction_log_capacity"
    case .transactionLogActionCapacity: "transaction_log_action_capacity"
    case .deliveryRetries: "delivery_retries"
    case .gangRetryDelayMs: "gang_retry_delay_ms"
    case .stallThresholdMs: "stall_threshold_ms"
    case .restartGraceMs: "restart_grace_ms"
    case .restartSpreadMs: "restart_spread_ms"
    case .silentSharePercent: "silent_share_percent"
    case .brakeEngageSharePercent: "engage_share_percent"
    case .brakeReleaseSharePercent: "release_share_percent"
    case .brakeMinimumWorkers: "minimum_workers"
    case .brakeExpiriesPerMinute: "expiries_per_minute"
    case .assignmentTimeoutMs: "assignment_timeout_ms"
    case .reservationAfterMs: "reservation_after_ms"
    }
  }

  /// What it counts.
  public var unit: String {
    switch self {
    case .workerTimeoutMs: "ms"
    case .heartbeatFailureThreshold: "events"
    case .jobRetentionMs: "ms"
    case .transactionLogCapacity: "transactions"
    case .transactionLogActionCapacity: "actions"
    case .deliveryRetries: "losses"
    case .gangRetryDelayMs: "ms"
    case .stallThresholdMs: "ms"
    case .restartGraceMs: "ms"
    case .restartSpreadMs: "ms"
    case .silentSharePercent: "% of worker_timeout_ms"
    case .brakeEngageSharePercent: "% of a zone's workers"
    case .brakeReleaseSharePercent: "% of a zone's workers"
    case .brakeMinimumWorkers: "workers"
    case .brakeExpiriesPerMinute: "workers a minute"
    case .assignmentTimeoutMs: "ms"
    case .reservationAfterMs: "ms"
    }
  }

  /// Whole sentences, for people.
  public var meaning: String {
    switch self {
    case .workerTimeoutMs: "A worker whose last heartbeat is older than this is lost."
    case .heartbeatFailureThreshold: "Failed heartbeats in a row that make a worker lost."
    case .jobRetentionMs: "How long a job is kept after its end, until the next PRUNE."
    case .transactionLogCapacity: "The newest transactions, which stay in memory."
    case .transactionLogActionCapacity: "Actions that the transactions in memory may list together; the newest is kept whatever it lists."
    case .deliveryRetries: "Times that a task may be lost before it started and still be tried again."
    case .gangRetryDelayMs: "How long a gang that did not fit as a whole waits before it is proposed again."
    case .stallThresholdMs: "A dispatcher that did not run for longer than this was stalled: every deadline shifts by that. At least four sweep intervals are allowed whatever this says."
    case .restartGraceMs: "How much longer than worker_timeout_ms a worker that was not heard of since a restart may be silent."
    case .restartSpreadMs: "The expiries of workers that are not heard of after a restart are spread over this span."
    case .silentSharePercent: "The silence after which a worker counts as silent for the brake. Heartbeats must come more often than that."
    case .brakeEngageSharePercent: "When a larger share than this is silent at once, the zone's brake engages."
    case .brakeReleaseSharePercent: "When no larger share than this is silent any more, the brake is released. At most engage_share_percent."
    case .brakeMinimumWorkers: "A zone with fewer workers than this is judged together with all others of which that is true; with fewer in all, no brake engages."
    case .brakeExpiriesPerMinute: "Workers of a braked zone that may be lost in a minute while not all of them are silent. At 0, none."
    case .assignmentTimeoutMs: "A task of which nothing is heard for longer than this after it was assigned is taken back. At 0, never."
    case .reservationAfterMs: "The first task or gang that does not fit and has waited for longer than this reserves the workers that it could use."
    }
  }

  /// Read at the start only: it sizes the memory for transactions and decides nothing.
  public var isReadAtStartOnly: Bool {
    [.transactionLogCapacity, .transactionLogActionCapacity].contains(self)
  }
}
