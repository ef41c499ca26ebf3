import CRingmaster
import Glibc

/// An eventfd: wakes a process that sleeps, from another process.
public struct Doorbell: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  public init() throws {
    self.descriptor = FileDescriptor(owning: try checked(rm_eventfd(), "create an eventfd"))
  }

  /// Takes over a descriptor received from another process.
  public init(received: consuming FileDescriptor) {
    self.descriptor = received
  }

  /// Never blocks: a doorbell that has been rung 2^64 times without being answered rings already.
  public func ring() {
    var one: UInt64 = 1
    _ = write(descriptor.raw, &one, 8)
  }

  /// Resets it after a wake-up.
  public func answer() {
    var count: UInt64 = 0
    _ = read(descriptor.raw, &count, 8)
  }

  public func duplicate() throws -> Doorbell {
    Doorbell(received: try descriptor.duplicate())
  }
}
