import Glibc
import Journal
import Platform
import Synchronization

/// A disk that does what it is told to do wrong, and the real one otherwise.
final class FaultyDisk: Sendable {
  enum Fault: Equatable {
    /// Takes at most so many bytes in one call.
    case shortWrites(bytes: Int)
    /// Has room for so many bytes more, then for none.
    case full(afterBytes: Int)
    case failingWrites(code: Int32)
    case failingSyncs(code: Int32)
    case noRoomForSegments
  }

  private let fault = Mutex<Fault?>(nil)
  let writes = Atomic<Int>(0)
  let syncs = Atomic<Int>(0)

  func begin(_ fault: Fault?) {
    self.fault.withLock { $0 = fault }
  }

  /// - Parameter syncs: false for tests of anything else, which need not wait for the disk.
  func calls(syncs reallySyncs: Bool = true) -> JournalFileCalls {
    var calls = JournalFileCalls.system
    calls.allocate = { (descriptor, bytes) throws(SystemError) in
      if self.current == .noRoomForSegments { throw SystemError("reserve", code: ENOSPC) }
      try File.allocate(descriptor, bytes: bytes)
    }
    calls.write = { (descriptor, first, second, offset) throws(SystemError) in
      self.writes.add(1, ordering: .relaxed)
      switch self.current {
      case .shortWrites(let bytes): return try Self.write(first, second, at: offset, to: descriptor, atMost: bytes)
      case .full(let left):
        guard left > 0 else { throw SystemError("write", code: ENOSPC) }
        let written = try Self.write(first, second, at: offset, to: descriptor, atMost: left)
        self.begin(.full(afterBytes: left - written))
        return written
      case .failingWrites(let code): throw SystemError("write", code: code)
      default: return try File.write(first, second, to: descriptor, at: offset)
      }
    }
    calls.syncData = { (descriptor) throws(SystemError) in
      self.syncs.add(1, ordering: .relaxed)
      if case .failingSyncs(let code) = self.current { throw SystemError("sync", code: code) }
      if reallySyncs { try File.syncData(descriptor) }
    }
    if !reallySyncs { calls.syncFolder = { (_) throws(SystemError) in } }
    return calls
  }

  private var current: Fault? { fault.withLock { $0 } }

  private static func write(
    _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer, at offset: Int, to descriptor: Int32,
    atMost limit: Int
  ) throws(SystemError) -> Int {
    let fromFirst = min(first.count, limit)
    let fromSecond = min(second.count, limit - fromFirst)
    return try File.write(
      UnsafeRawBufferPointer(rebasing: first[..<fromFirst]), UnsafeRawBufferPointer(rebasing: second[..<fromSecond]),
      to: descriptor, at: offset)
  }
}
