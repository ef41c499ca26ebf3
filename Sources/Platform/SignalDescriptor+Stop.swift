import Glibc

extension SignalDescriptor {
  /// The signals that ask a process to end in order: SIGTERM and SIGINT.
  ///
  /// Call before any thread is started.
  public static func ofStopSignals() throws -> SignalDescriptor {
    try SignalDescriptor([SIGTERM, SIGINT])
  }
}
