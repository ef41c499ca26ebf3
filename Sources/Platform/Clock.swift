import CPlatform
import Glibc

/// The clocks of this machine.
public enum Clock {
  /// Nanoseconds of CLOCK_BOOTTIME: goes on while the machine sleeps, is never stepped, and is the same in all
  /// processes. Deadlines use it.
  @inline(__always)
  public static func bootNs() -> UInt64 {
    if let simulated = rm_simulated_time() { return simulated.pointee.boot_ns }
    var time = timespec()
    clock_gettime(CLOCK_BOOTTIME, &time)
    return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
  }

  /// Nanoseconds of CLOCK_MONOTONIC: for measuring.
  @inline(__always)
  public static func monotonicNs() -> UInt64 {
    if let simulated = rm_simulated_time() { return simulated.pointee.boot_ns }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(truncatingIfNeeded: time.tv_sec) &* 1_000_000_000 &+ UInt64(truncatingIfNeeded: time.tv_nsec)
  }

  /// Milliseconds since 1970.
  public static func wallMs() -> Int64 {
    if let simulated = rm_simulated_time() { return simulated.pointee.wall_ms }
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// Does the machine keep its wall clock by others' (NTP, PTP)? false where it must not be asked.
  public static func isSynchronized() -> Bool {
    if let simulated = rm_simulated_time() { return simulated.pointee.is_synchronized }
    return rm_clock_is_synchronized() != 0
  }

  /// Processor time this process has used, in nanoseconds.
  public static func processCPUNs() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// The controller's clock: milliseconds that read like wall time and behave like CLOCK_BOOTTIME. Set from the wall once,
/// then stepped by `setBack` alone, so that setting the machine's clock kills no worker.
public struct ControllerClock: Sendable {
  private var offsetMs: Int64

  /// - Parameter notBeforeMs: a moment that was already; a wall clock that stands before it is not believed.
  public init(notBeforeMs: Int64 = .min) {
    offsetMs = max(Clock.wallMs(), notBeforeMs) - Int64(Clock.bootNs() / 1_000_000)
  }

  public mutating func setBack(ms: Int64) {
    offsetMs -= ms
  }

  public func ms(bootNs: UInt64) -> Int64 {
    offsetMs + Int64(bootNs / 1_000_000)
  }

  public func nowMs() -> Int64 {
    ms(bootNs: Clock.bootNs())
  }
}
