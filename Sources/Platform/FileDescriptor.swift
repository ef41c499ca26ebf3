import Glibc

/// An open file descriptor with one owner; closed when it goes.
public struct FileDescriptor: ~Copyable, Sendable {
  public let raw: Int32

  public init(owning raw: Int32) {
    precondition(raw >= 0, "a file descriptor is not negative, got \(raw)")
    self.raw = raw
  }

  deinit {
    _ = Glibc.close(raw)
  }

  /// Gives the descriptor up without closing it.
  public consuming func release() -> Int32 {
    let raw = raw
    discard self
    return raw
  }

  public func duplicate() throws -> FileDescriptor {
    try Self.duplicate(of: raw)
  }

  /// Of a descriptor that stays its owner's.
  public static func duplicate(of raw: Int32) throws -> FileDescriptor {
    let copy = fcntl(raw, F_DUPFD_CLOEXEC, 0)
    guard copy >= 0 else { throw SystemError.last("duplicate a file descriptor") }
    return FileDescriptor(owning: copy)
  }
}
