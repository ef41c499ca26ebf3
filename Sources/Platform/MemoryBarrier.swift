import CPlatform

/// The asymmetric barrier, membarrier(2): the side that sleeps pays for the ordering, so that the side that runs needs no
/// fence between its store and its load.
public enum MemoryBarrier {
  /// Makes this process one that `issue` reaches. Call before publishing.
  ///
  /// - Returns: false when the kernel has none or forbids it: the process must fence for itself.
  public static func register() -> Bool {
    rm_membarrier_register() == 0
  }

  /// A full barrier on every running thread of every registered process, and on this one. Some microseconds.
  ///
  /// - Returns: false when it is not to be had.
  public static func issue() -> Bool {
    rm_membarrier() == 0
  }
}
