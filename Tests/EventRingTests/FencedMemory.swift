import EventRing
import Glibc
import Platform

/// A ring's memory between pages that must not be touched: an access outside it ends the test process.
struct FencedMemory: ~Copyable {
  private static let fence = 1 << 16
  private let mapping: UnsafeMutableRawPointer
  private let size: Int
  let layout: RingLayout

  init(capacity: Int) throws {
    let layout = try RingLayout(capacity: capacity)
    let size = layout.size + 2 * Self.fence
    guard let mapped = mmap(nil, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), mapped != MAP_FAILED,
      mprotect(mapped + Self.fence, layout.size, PROT_READ | PROT_WRITE) == 0
    else { throw SystemError.last("map fenced memory") }
    layout.initialize(mapped + Self.fence, owner: RingOwner(peer: 1), direction: 0)
    self.layout = layout
    self.size = size
    mapping = mapped
  }

  deinit {
    munmap(mapping, size)
  }

  var base: UnsafeMutableRawPointer {
    mapping + Self.fence
  }
}
