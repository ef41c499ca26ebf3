/// When to look for workers that have been silent too long, and as of when.
///
/// A deadline is judged as of a moment up to which every ring has been drained: a heartbeat that was published in time
/// counts even if the dispatcher comes to it late.
struct LivenessSweep {
  enum Phase {
    /// Nothing to do before this moment (CLOCK_BOOTTIME, ns).
    case waiting(untilNs: UInt64)
    /// Draining what had been published at `asOfMs`.
    case draining(asOfMs: Int64)
    /// Judging the workers, slice by slice.
    case judging(asOfMs: Int64)
  }

  private(set) var phase = Phase.waiting(untilNs: 0)
  private var intervalNs: UInt64
  /// Workers looked at in one turn.
  static let slotsPerTurn = 1024

  init(intervalMs: Int64) {
    intervalNs = UInt64(intervalMs) * 1_000_000
  }

  /// From the end of the next sweep on.
  mutating func setInterval(ms: Int64) {
    intervalNs = UInt64(ms) * 1_000_000
  }

  func isDue(nowNs: UInt64) -> Bool {
    if case .waiting(let untilNs) = phase { nowNs >= untilNs } else { false }
  }

  mutating func beginDraining(asOfMs: Int64) {
    phase = .draining(asOfMs: asOfMs)
  }

  mutating func beginJudging() {
    guard case .draining(let asOfMs) = phase else { return }
    phase = .judging(asOfMs: asOfMs)
  }

  mutating func finish(nowNs: UInt64) {
    phase = .waiting(untilNs: nowNs &+ intervalNs)
  }

  /// How long the dispatch thread may sleep: 0 in the middle of a sweep.
  func napUs(nowNs: UInt64) -> Int64 {
    guard case .waiting(let untilNs) = phase, untilNs > nowNs else { return 0 }
    return Int64((untilNs - nowNs) / 1000) + 1
  }
}
