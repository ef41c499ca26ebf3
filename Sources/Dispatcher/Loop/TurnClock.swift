import Platform

/// The time of a turn, on the machine's clock and on the controller's.
///
/// Invariant: both tell of the same moment, and no stall ends after it.
struct TurnClock: ~Copyable {
  private var clock: ControllerClock
  /// CLOCK_BOOTTIME as of this turn; 0 before the first.
  private(set) var nowNs: UInt64 = 0
  private(set) var nowMs: Int64 = 0
  /// The end of the last stall; 0 when there was none.
  private(set) var stalledUntilNs: UInt64 = 0
  /// Up to here the time of a turn is held against nobody; 0 when there is no such time.
  private var countsFromNs: UInt64 = 0

  init(notBeforeMs: Int64) {
    clock = ControllerClock(notBeforeMs: notBeforeMs)
  }

  /// Begins a turn.
  ///
  /// - Returns: from when on the time since the last one counts; 0 for the first.
  mutating func advance(toNs nowNs: UInt64) -> UInt64 {
    defer {
      self.nowNs = nowNs
      nowMs = clock.ms(bootNs: nowNs)
    }
    return max(self.nowNs, countsFromNs)
  }

  /// Leaves what this turn did so far out of the time to the next.
  mutating func leaveOut(untilNs: UInt64) {
    countsFromNs = untilNs
  }

  /// How long there was no turn, if workers cannot be blamed for their silence since: a stall, which ends with this turn.
  mutating func takeStall(sinceNs lastTurnNs: UInt64, thresholdMs: Int64) -> Int64? {
    guard lastTurnNs != 0, nowNs > lastTurnNs else { return nil }
    let gapMs = Int64((nowNs - lastTurnNs) / 1_000_000)
    guard gapMs > thresholdMs else { return nil }
    assert(nowNs > stalledUntilNs, "a stall ends after the last one")
    stalledUntilNs = nowNs
    return gapMs
  }

  /// Goes back to the machine's time.
  mutating func setBack(ms: Int64) {
    assert(ms > 0, "the controller's clock is only set back")
    clock.setBack(ms: ms)
    nowMs = clock.ms(bootNs: nowNs)
  }

  /// A moment of CLOCK_BOOTTIME on the controller's clock.
  @inline(__always)
  func ms(bootNs: UInt64) -> Int64 { clock.ms(bootNs: bootNs) }

  /// When a record was received, on the controller's clock. A stamp from the future is not believed.
  @inline(__always)
  func receivedMs(_ timestampNs: UInt64) -> Int64 {
    timestampNs == 0 || timestampNs > nowNs ? nowMs : clock.ms(bootNs: timestampNs)
  }
}
