import EventModel

extension ControllerConfiguration {
  /// All settings that decide anything: not the size of the log.
  public var decisive: [ControllerSetting: Int64] {
    var settings: [ControllerSetting: Int64] = [:]
    for setting in ControllerSetting.allCases where !setting.isReadAtStartOnly { settings[setting] = self[setting] }
    return settings
  }

  /// From which silence on a worker counts as silent for the brake.
  public var silentAfterMs: Int64 { workerTimeoutMs * silentSharePercent / 100 }

  var brakedExpiryIntervalMs: Int64 { max(60_000 / max(brakeExpiriesPerMinute, 1), 1) }
}
