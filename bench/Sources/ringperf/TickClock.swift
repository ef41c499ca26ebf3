import CRingperf
import Platform

/// Turns ticks of the processor's counter into nanoseconds.
struct TickClock: Sendable {
  let ticksPerNs: Double

  private static let calibrationNs: UInt64 = 50_000_000

  /// Measures the counter against CLOCK_MONOTONIC for 50 ms.
  static func calibrated() -> TickClock {
    let startNs = Clock.monotonicNs()
    let start = rp_ticks()
    var endNs = startNs
    while endNs &- startNs < calibrationNs { endNs = Clock.monotonicNs() }
    let end = rp_ticks()
    return TickClock(ticksPerNs: Double(end &- start) / Double(endNs &- startNs))
  }

  /// Ticks from which on a turn of a spinning loop counts as interrupted.
  var interruption: UInt64 { ticks(ns: InterruptionWatch.thresholdNs) }

  func ns(_ ticks: UInt64) -> UInt64 {
    UInt64(Double(ticks) / ticksPerNs)
  }

  func ticks(ns: Double) -> UInt64 {
    UInt64(ns * ticksPerNs)
  }
}
