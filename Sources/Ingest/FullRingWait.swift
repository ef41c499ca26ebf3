import Platform

/// How long one event has waited for room in the ring, and whether that is worth a word: once the wait is long.
struct FullRingWait {
  private let limitNs: UInt64
  private var startNs: UInt64?
  private var isTold = false

  init(limitNs: UInt64) {
    self.limitNs = limitNs
  }

  /// Notes that there is no room.
  ///
  /// - Returns: whether to say so: once, when the wait becomes long.
  mutating func note() -> Bool {
    let nowNs = Clock.monotonicNs()
    let startNs = startNs ?? nowNs
    self.startNs = startNs
    guard !isTold, nowNs &- startNs >= limitNs else { return false }
    isTold = true
    return true
  }

  /// How long the wait was that was told of, in milliseconds; nil when none was.
  var toldMs: Int? {
    guard isTold, let startNs else { return nil }
    return Int((Clock.monotonicNs() &- startNs) / 1_000_000)
  }
}
