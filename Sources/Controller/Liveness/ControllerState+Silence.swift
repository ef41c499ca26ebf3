import EventModel

/// How long a worker may be silent.
extension ControllerState {
  /// Lets every worker's clock start afresh: what passed before, while nobody listened, is not held against them. Those
  /// that are not heard of afterwards have the restart's grace, and the expiries of the rest are spread.
  public mutating func restartLiveness(atMs timeMs: Int64) {
    for slot in 0..<workerSlots where cluster.isOccupied(slot) {
      cluster.liveness[slot].lastHeartbeatMs = timeMs
    }
    livenessRestartMs = timeMs
    formerTimeout = formerTimeout.map { ($0.ms, timeMs &+ $0.ms) }
    restartDeliveries { _ in timeMs }
  }

  /// The controller did not run for a while, up to `endMs`: nobody can have been heard of, and every deadline shifts by
  /// that.
  mutating func shiftDeadlines(byStallMs stalledMs: Int64, endMs: Int64) -> Outcome {
    guard ControllerLimits.timestampMs.contains(stalledMs) else { return .rejected(.malformed) }
    for slot in 0..<workerSlots where cluster.isOccupied(slot) {
      let lastMs = cluster.liveness[slot].lastHeartbeatMs
      // Whoever was heard of during the stall has all its time from the end on.
      cluster.liveness[slot].lastHeartbeatMs = max(lastMs, min(lastMs + stalledMs, endMs))
    }
    livenessRestartMs = livenessRestartMs.map { max($0, min($0 + stalledMs, endMs)) }
    formerTimeout = formerTimeout.map { ($0.ms, $0.untilMs == .max ? .max : $0.untilMs &+ stalledMs) }
    restartDeliveries { sinceMs in max(sinceMs, min(sinceMs + stalledMs, endMs)) }
    drains.shift(byStallMs: stalledMs, endMs: endMs)
    return .applied
  }

  /// Was the worker not heard of since the last restart?
  @inline(__always)
  private func awaitsRestartGrace(_ lastHeartbeatMs: Int64) -> Bool {
    if let livenessRestartMs { lastHeartbeatMs <= livenessRestartMs } else { false }
  }

  /// Has the worker been silent for so long that the brake counts it?
  func isSilent(_ slot: Int, asOfMs: Int64) -> Bool {
    let lastMs = cluster.liveness[slot].lastHeartbeatMs
    var allowedMs = configuration.silentAfterMs
    guard lastMs < asOfMs &- allowedMs else { return false }
    if isFormerTimeoutInForce(slot, asOfMs: asOfMs) { allowedMs = max(allowedMs, formerTimeout?.ms ?? 0) }
    guard lastMs < asOfMs &- allowedMs else { return false }
    return !awaitsRestartGrace(lastMs) || lastMs < asOfMs &- allowedMs &- configuration.restartGraceMs
  }

  /// How long the worker may be silent, when it has been for longer; nil when it has not.
  func exceededTimeoutMs(_ slot: Int, asOfMs: Int64) -> Int64? {
    let lastMs = cluster.liveness[slot].lastHeartbeatMs
    var allowedMs = configuration.workerTimeoutMs
    guard lastMs < asOfMs &- allowedMs else { return nil }
    if isFormerTimeoutInForce(slot, asOfMs: asOfMs) {
      allowedMs = max(allowedMs, formerTimeout?.ms ?? 0)
      guard lastMs < asOfMs &- allowedMs else { return nil }
    }
    if awaitsRestartGrace(lastMs) {
      allowedMs += configuration.restartGraceMs + Self.spreadMs(slot, over: configuration.restartSpreadMs)
      guard lastMs < asOfMs &- allowedMs else { return nil }
    }
    return allowedMs
  }

  /// A worker that confirms stops lets its tasks run for as long as it was last told: until that is over it is not given up
  /// earlier.
  mutating func noteTimeout(before: Int64, after: Int64) {
    guard after < before else { return }
    let ms = max(before, formerTimeout?.ms ?? 0)
    // From the next judgement on: heartbeats alone move no clock.
    formerTimeout = (ms, .max)
  }

  /// Time passes: from the first call on it ends after its own length.
  public mutating func dateFormerTimeout(asOfMs: Int64) {
    guard let former = formerTimeout, former.untilMs == .max || former.untilMs <= asOfMs else { return }
    formerTimeout = former.untilMs == .max ? (former.ms, asOfMs &+ former.ms) : nil
  }

  /// Another controller goes on: until now nobody's time has run.
  public mutating func keepFormerTimeout() {
    formerTimeout = formerTimeout.map { ($0.ms, .max) }
  }

  private func isFormerTimeoutInForce(_ slot: Int, asOfMs: Int64) -> Bool {
    formerTimeout.map { asOfMs < $0.untilMs } ?? false && cluster.confirmsStops(slot)
  }

  /// A worker that was silent for too long has been heard of again.
  mutating func resumePlacements(on slot: Int) {
    cluster.endSuspension(slot)
    noteGainOfAll(on: slot)
  }

  /// An even spread of the slots over a span: multiples of the golden ratio, without their whole parts.
  private static func spreadMs(_ slot: Int, over spanMs: Int64) -> Int64 {
    let fraction = UInt32(truncatingIfNeeded: slot) &* 0x9E37_79B9
    return Int64(UInt64(fraction).multipliedFullWidth(by: UInt64(max(spanMs, 0)) << 32).high)
  }
}
