import EventModel

/// What only a dispatcher says, by its clock.
extension EventJSONDecoder {
  func ownEvent(of kind: EventKind, _ fields: inout JSONFields) throws(EventJSONError) -> Event {
    switch kind {
    case .tick: return .tick(nowMs: try fields.require("now_ms").integer(in: Limits.timeMs))
    case .schedulingDeadlinePassed:
      let task = try task(&fields)
      return .schedulingDeadlinePassed(task, timestampMs: try ownTimestamp(&fields))
    case .controllerStalled:
      let stalledMs = try fields.require("stalled_ms").integer(in: Limits.timeMs)
      return .controllerStalled(stalledMs: stalledMs, timestampMs: try ownTimestamp(&fields))
    case .clockCorrected:
      let aheadMs = try fields.require("ahead_ms").integer(in: Limits.timeMs)
      return .clockCorrected(aheadMs: aheadMs, timestampMs: try ownTimestamp(&fields))
    case .brakeEngaged:
      let census = try census(&fields)
      return .brakeEngaged(census, timestampMs: try ownTimestamp(&fields))
    case .brakeReleased:
      let census = try census(&fields)
      return .brakeReleased(census, timestampMs: try ownTimestamp(&fields))
    default: preconditionFailure("\(kind.name) is no event that only a dispatcher makes")
    }
  }

  /// Does it tell the times of an expiry, or only that somebody said that the worker failed?
  func isExpiry(_ fields: JSONFields) -> Bool {
    speaker == .dispatcher && (fields.has("last_heartbeat_ms") || fields.has("timeout_ms"))
  }

  func workerTimedOut(_ fields: inout JSONFields) throws(EventJSONError) -> Event {
    let worker = try worker(&fields)
    let lastHeartbeatMs = try fields.require("last_heartbeat_ms").integer(in: Limits.timeMs)
    let timeoutMs = try fields.require("timeout_ms").integer(in: Limits.timeMs)
    // For people; it follows from the timeout.
    _ = try error(&fields)
    return .workerTimedOut(
      worker, lastHeartbeatMs: lastHeartbeatMs, timeoutMs: timeoutMs, timestampMs: try ownTimestamp(&fields))
  }

  private func ownTimestamp(_ fields: inout JSONFields) throws(EventJSONError) -> Int64 {
    try fields.require("timestamp_ms").integer(in: Limits.timeMs)
  }

  private func census(_ fields: inout JSONFields) throws(EventJSONError) -> ZoneCensus {
    let zone = try fields.require("zone").label(maxBytes: Limits.metadataBytes)
    let silent = try fields.require("silent_workers").integer(in: 0...Int32.max)
    let workers = try fields.require("workers").integer(in: 0...Int32.max)
    return ZoneCensus(zone: zone, silentWorkers: silent, workers: workers)
  }
}
