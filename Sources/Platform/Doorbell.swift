import CPlatform
import Glibc

/// Wakes a thread that sleeps, of this process or of another one.
///
/// Whether a call blocks is a matter of the open file description, which whoever holds a duplicate can change for all of
/// them: a process that is not trusted gets one of its own, by `separate`.
public struct Doorbell: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  /// A bell between threads that trust each other: an eventfd.
  public init() throws {
    self.descriptor = FileDescriptor(owning: try checked(rm_eventfd(), "create an eventfd"))
  }

  private init(owning descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Takes over a descriptor received from another process.
  public init(received: consuming FileDescriptor) {
    self.descriptor = received
  }

  /// A bell to share with other processes, each by a `separate` one: a pipe.
  public static func shared() throws -> Doorbell {
    Doorbell(owning: FileDescriptor(owning: try checked(rm_pipe_bell(), "create a doorbell", advice: Self.advice)))
  }

  /// The same bell, to pass to another process: what that does to the way it holds it does not touch this one. Only of a
  /// `shared` bell.
  public func separate() throws -> Doorbell {
    Doorbell(
      owning: FileDescriptor(
        owning: try checked(rm_reopen(descriptor.raw), "open a doorbell again", advice: Self.advice)))
  }

  private static let advice = "check that /proc is mounted and that descriptors are left"

  /// Never blocks: a bell that cannot be rung any more rings already.
  public func ring() {
    rm_ring_bell(descriptor.raw)
  }

  /// Resets it after a wake-up.
  public func answer() {
    rm_answer_bell(descriptor.raw)
  }

  /// For another thread of this process.
  public func duplicate() throws -> Doorbell {
    Doorbell(received: try descriptor.duplicate())
  }
}
