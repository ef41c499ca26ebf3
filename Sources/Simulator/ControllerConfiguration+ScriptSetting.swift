import Controller
import EventJSON

extension ControllerConfiguration {
  /// A setting as scripts say it.
  public subscript(setting: ScriptSetting) -> Int64 {
    get {
      switch setting {
      case .workerTimeoutMs: workerTimeoutMs
      case .heartbeatFailureThreshold: Int64(heartbeatFailureThreshold)
      case .jobRetentionMs: jobRetentionMs
      case .transactionLogCapacity: Int64(transactionLogCapacity)
      case .deliveryRetries: Int64(deliveryRetries)
      case .gangRetryDelayMs: gangRetryDelayMs
      case .stallThresholdMs: stallThresholdMs
      case .restartGraceMs: restartGraceMs
      case .restartSpreadMs: restartSpreadMs
      case .silentSharePercent: silentSharePercent
      case .brakeEngageSharePercent: brakeEngageSharePercent
      case .brakeReleaseSharePercent: brakeReleaseSharePercent
      case .brakeMinimumWorkers: Int64(brakeMinimumWorkers)
      case .brakeExpiriesPerMinute: brakeExpiriesPerMinute
      }
    }
    set {
      precondition(setting.range.contains(newValue), "\(setting.rawValue) is in \(setting.range), got \(newValue)")
      switch setting {
      case .workerTimeoutMs: workerTimeoutMs = newValue
      case .heartbeatFailureThreshold: heartbeatFailureThreshold = Int16(newValue)
      case .jobRetentionMs: jobRetentionMs = newValue
      case .transactionLogCapacity: transactionLogCapacity = Int(newValue)
      case .deliveryRetries: deliveryRetries = Int32(newValue)
      case .gangRetryDelayMs: gangRetryDelayMs = newValue
      case .stallThresholdMs: stallThresholdMs = newValue
      case .restartGraceMs: restartGraceMs = newValue
      case .restartSpreadMs: restartSpreadMs = newValue
      case .silentSharePercent: silentSharePercent = newValue
      case .brakeEngageSharePercent: brakeEngageSharePercent = newValue
      case .brakeReleaseSharePercent: brakeReleaseSharePercent = newValue
      case .brakeMinimumWorkers: brakeMinimumWorkers = Int32(newValue)
      case .brakeExpiriesPerMinute: brakeExpiriesPerMinute = newValue
      }
    }
  }

  /// All settings that decide anything, as a script says them: not the size of the log.
  public var decisive: [ScriptSetting: Int64] {
    var settings: [ScriptSetting: Int64] = [:]
    for setting in ScriptSetting.allCases where setting != .transactionLogCapacity { settings[setting] = self[setting] }
    return settings
  }
}

extension ControllerState {
  /// Goes on with other settings, as a dispatcher that was started with them does.
  public mutating func configure(_ settings: [ScriptSetting: Int64]) {
    var configuration = configuration
    for setting in ScriptSetting.allCases {
      if let value = settings[setting] { configuration[setting] = value }
    }
    configure(configuration)
  }
}
