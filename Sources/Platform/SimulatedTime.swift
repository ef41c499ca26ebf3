import CPlatform

/// What the clocks say to the thread that made this, in the place of the machine's, until it goes: for simulations.
public final class SimulatedTime {
  private let time: UnsafeMutablePointer<rm_simulated_time>

  /// One a thread.
  public init(bootNs: UInt64, wallMs: Int64) {
    precondition(rm_simulated_time() == nil, "this thread has a simulated time already")
    time = .allocate(capacity: 1)
    time.initialize(to: rm_simulated_time(boot_ns: bootNs, wall_ms: wallMs, is_synchronized: true))
    rm_simulate_time(time)
  }

  deinit {
    rm_simulate_time(nil)
    time.deallocate()
  }

  /// CLOCK_BOOTTIME and CLOCK_MONOTONIC, in nanoseconds.
  public var bootNs: UInt64 {
    get { time.pointee.boot_ns }
    set { time.pointee.boot_ns = newValue }
  }

  /// Milliseconds since 1970.
  public var wallMs: Int64 {
    get { time.pointee.wall_ms }
    set { time.pointee.wall_ms = newValue }
  }

  /// Does the machine keep its wall clock by others'?
  public var isSynchronized: Bool {
    get { time.pointee.is_synchronized }
    set { time.pointee.is_synchronized = newValue }
  }

  /// Lets both clocks go on.
  public func advance(ns: UInt64) {
    let before = bootNs / 1_000_000
    bootNs &+= ns
    wallMs += Int64(bootNs / 1_000_000 - before)
  }
}
