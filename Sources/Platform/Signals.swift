import CPlatform
import Glibc

/// Signals as descriptors: blocked in every thread, read by one.
public struct SignalDescriptor: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  /// What asks a process to end in its own good time.
  public static let termination: [Int32] = [SIGTERM, SIGINT]
  /// What asks a process without a terminal to read its configuration anew.
  public static let hangUp = SIGHUP

  /// Call before any thread is started, so that all inherit the mask.
  public init(_ signals: [Int32]) throws {
    let raw = try checked(rm_signalfd(signals, signals.count), "create a signalfd")
    descriptor = FileDescriptor(owning: raw)
  }

  /// The next signal that arrived; nil when none did.
  public func next() -> Int32? {
    let signal = rm_signalfd_next(descriptor.raw)
    return signal > 0 ? signal : nil
  }
}
