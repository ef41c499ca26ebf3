import CPlatform
import Glibc

/// Memory that appears twice, one time behind the other: what runs over the end continues at the beginning, so any run of up
/// to `size` bytes is contiguous. Of this process alone.
public struct MirroredMemory: ~Copyable, @unchecked Sendable {
  public let base: UnsafeMutableRawPointer
  /// Bytes, half of what is mapped.
  public let size: Int

  /// - Parameter size: a multiple of the page size.
  public init(size: Int) throws {
    precondition(size > 0 && size % Int(getpagesize()) == 0, "mirrored memory comes in pages, got \(size) bytes")
    let file = FileDescriptor(owning: try checked(rm_memfd("ringmaster-mirror"), "create mirrored memory"))
    let error = posix_fallocate(file.raw, 0, size)
    guard error == 0 else { throw SystemError("reserve \(size) bytes of memory", code: error) }
    // One range for both, so that nothing else comes between.
    guard let range = mmap(nil, 2 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), range != MAP_FAILED else {
      throw SystemError.last("reserve addresses for mirrored memory")
    }
    for place in [range, range + size] {
      guard mmap(place, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, file.raw, 0) == place else {
        let error = SystemError.last("map mirrored memory")
        munmap(range, 2 * size)
        throw error
      }
    }
    base = range
    self.size = size
  }

  deinit {
    munmap(base, 2 * size)
  }
}
