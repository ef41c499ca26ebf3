import Glibc

/// Descriptors of this process's own for objects that others hold too, to be passed on later; closed with it.
public final class DescriptorSet: Sendable {
  public let raw: [Int32]

  /// Duplicates descriptors, which stay their owners'.
  public init(duplicating descriptors: [Int32]) throws {
    var copies: [Int32] = []
    for descriptor in descriptors {
      let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
      guard copy >= 0 else {
        let error = SystemError.last("duplicate a descriptor")
        for copy in copies { close(copy) }
        throw error
      }
      copies.append(copy)
    }
    raw = copies
  }

  deinit {
    for descriptor in raw { close(descriptor) }
  }
}
