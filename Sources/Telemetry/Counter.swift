import CRingmaster

/// A number in a counter page that one thread writes and any process reads.
///
/// A plain load and store, without a lock prefix: two writers would lose each other's increments. The memory behind it
/// stays mapped until the process ends, so a counter outlives the page it came from.
@frozen
public struct Counter: BitwiseCopyable, @unchecked Sendable {
  @usableFromInline let address: UnsafeMutableRawPointer

  @inlinable
  init(address: UnsafeMutableRawPointer) {
    self.address = address
  }

  /// Wraps around after 2^64. Only for the counter's one writer thread.
  @inlinable
  @inline(__always)
  public func add(_ amount: UInt64) {
    // Pairs with the relaxed load in `CounterPageReader`: a reader needs no order between counters.
    rm_store_relaxed_u64(address, rm_load_relaxed_u64(address) &+ amount)
  }

  /// Only for the counter's one writer thread.
  @inlinable
  @inline(__always)
  public func increment() {
    add(1)
  }

  /// For numbers that also fall: a depth, a high-water mark. Only for the counter's one writer thread.
  @inlinable
  @inline(__always)
  public func set(_ value: UInt64) {
    rm_store_relaxed_u64(address, value)
  }

  /// What it shows now; from any thread.
  @inlinable
  @inline(__always)
  public var value: UInt64 {
    rm_load_relaxed_u64(address)
  }
}
