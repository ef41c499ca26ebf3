import CRingmaster
import Platform
import Synchronization

/// What the two halves of a writer share: a ring of bytes from the one thread to the other, and the words they publish.
///
/// Positions count bytes from 0 and never wrap. Each word is written by one half alone, on a pair of cache lines of its own
/// half's. The memory is mirrored, so what lies between two positions is contiguous.
final class JournalQueue: @unchecked Sendable {
  let ring: MirroredMemory
  private let words: UnsafeMutableRawPointer
  /// Why the status is `failed`.
  let failure = Mutex<SystemError?>(nil)

  /// Of positions: the size is a power of two.
  private let mask: UInt64

  private static let sealedOffset = 0
  private static let consumedOffset = Int(RM_LINE_PAIR)
  private static let durableOffset = consumedOffset + 8
  private static let statusOffset = consumedOffset + 16
  private static let parkedOffset = 2 * Int(RM_LINE_PAIR)
  private static let wordsBytes = 3 * Int(RM_LINE_PAIR)

  init(bytes: Int, durableRecord: UInt64) throws {
    ring = try MirroredMemory(size: bytes)
    mask = UInt64(bytes) - 1
    words = .allocate(byteCount: Self.wordsBytes, alignment: Int(RM_LINE_PAIR))
    words.initializeMemory(as: UInt8.self, repeating: 0, count: Self.wordsBytes)
    rm_store_relaxed_u64(words + Self.durableOffset, durableRecord)
  }

  deinit {
    words.deallocate()
  }

  var capacity: UInt64 { mask &+ 1 }

  @inline(__always)
  func address(of position: UInt64) -> UnsafeMutableRawPointer {
    ring.base + Int(position & mask)
  }

  /// The position behind the newest turn. Stored with release by the appender; the committer's acquire load of it sees the
  /// bytes before it.
  var sealed: UInt64 {
    @inline(__always) get { rm_load_acquire_u64(words + Self.sealedOffset) }
    set { rm_store_release_u64(words + Self.sealedOffset, newValue) }
  }

  /// The position up to which the committer needs the bytes no longer. Stored with release by it after its last read; the
  /// appender's acquire load precedes its writes over them.
  var consumed: UInt64 {
    @inline(__always) get { rm_load_acquire_u64(words + Self.consumedOffset) }
    set { rm_store_release_u64(words + Self.consumedOffset, newValue) }
  }

  /// The number of the newest record that is on the medium. Stored with release by the committer after the sync; the partner
  /// is whoever tells of results, with acquire.
  var durable: UInt64 {
    @inline(__always) get { rm_load_acquire_u64(words + Self.durableOffset) }
    set { rm_store_release_u64(words + Self.durableOffset, newValue) }
  }

  /// Stored with release by the committer, after `failure` when it is `failed`; loaded with acquire by the appender.
  var status: JournalStatus {
    get { JournalStatus(rawValue: rm_load_acquire_u32(words + Self.statusOffset)) ?? .failed }
    set { rm_store_release_u32(words + Self.statusOffset, newValue.rawValue) }
  }

  /// The committer announces that it will sleep.
  ///
  /// Either it then sees what was sealed before, or the appender, which seals before its fence and looks after it, sees the
  /// announcement: both have a full fence between their store and their load.
  func announcePark() {
    rm_store_relaxed_u32(words + Self.parkedOffset, 1)
    rm_fence_seq_cst()
  }

  func unpark() {
    rm_store_relaxed_u32(words + Self.parkedOffset, 0)
  }

  /// Must the committer be woken, now that something was sealed? The partner of `announcePark`.
  @inline(__always)
  func committerIsParked() -> Bool {
    rm_fence_seq_cst()
    return rm_load_relaxed_u32(words + Self.parkedOffset) != 0
  }

  func fail(_ error: SystemError) {
    failure.withLock { $0 = error }
    status = .failed
  }
}
