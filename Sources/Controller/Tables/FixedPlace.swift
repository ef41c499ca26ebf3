import Synchronization

/// Has whatever contains it passed by address: without it, each call of a non-mutating method copies all of a large value to
/// the stack. An atomic must not move; it is never read.
struct FixedPlace: ~Copyable, Sendable {
  private let place = Atomic(false)
}
