import CRingmaster
import Platform

/// The board on which producers of sleeping rings raise their hands. Layout: RM_BOARD_* in `ringmaster.h`.
///
/// The hands are written by everybody, so nothing is believed: a raised hand only makes the dispatcher look, and it looks
/// without one too, now and then. Whether the dispatcher sleeps is on a page that it alone can write to. The sizes of both
/// are sealed: nobody can take them from under the others.
public struct AttentionBoard: ~Copyable, Sendable {
  public private(set) var memory: SharedMemory
  private var status: SharedMemory
  /// Lanes there are.
  public static let lanes = Int(RM_BOARD_LANES)

  private init(memory: consuming SharedMemory, status: consuming SharedMemory) {
    self.memory = memory
    self.status = status
  }

  /// A new board, with all hands down.
  public static func create() throws -> AttentionBoard {
    let memory = try SharedMemory.anonymous(size: Int(RM_BOARD_SIZE))
    let status = try SharedMemory.broadcast(size: Int(RM_STATUS_SIZE))
    return AttentionBoard(memory: memory, status: status)
  }

  /// Maps the board that the dispatcher passed. The hands on it are not looked at: any peer could write there.
  public static func attach(
    _ descriptor: consuming FileDescriptor, status statusDescriptor: consuming FileDescriptor
  ) throws -> AttentionBoard {
    var memory = try SharedMemory.map(descriptor, writable: true, guarded: true)
    var status = try SharedMemory.map(statusDescriptor, writable: false, guarded: true)
    guard memory.size >= Int(RM_BOARD_SIZE) else {
      throw RingError.truncated(expected: Int(RM_BOARD_SIZE), actual: memory.size)
    }
    guard status.size >= Int(RM_STATUS_SIZE) else {
      throw RingError.truncated(expected: Int(RM_STATUS_SIZE), actual: status.size)
    }
    memory.closeDescriptor()
    status.closeDescriptor()
    return AttentionBoard(memory: memory, status: status)
  }

  /// What every peer is passed.
  public struct Descriptors: ~Copyable, Sendable {
    public let board: FileDescriptor
    public let status: FileDescriptor
  }

  /// To pass to every peer.
  public func duplicateDescriptors() throws -> Descriptors {
    Descriptors(board: try Self.duplicate(memory), status: try Self.duplicate(status))
  }

  private static func duplicate(_ memory: borrowing SharedMemory) throws -> FileDescriptor {
    switch memory.descriptor {
    case .some(let descriptor): return try descriptor.duplicate()
    case .none: preconditionFailure("the dispatcher keeps the descriptors of its board")
    }
  }

  private func hand(_ lane: Int) -> UnsafeMutableRawPointer {
    precondition(lane >= 0 && lane < Self.lanes, "lane \(lane) of \(Self.lanes)")
    return memory.base + Int(RM_BOARD_ATTENTION_OFFSET) + lane
  }

  // MARK: The producers' side

  /// Asks the dispatcher to look at a ring that sleeps.
  ///
  /// - Returns: whether the dispatcher itself sleeps: ring its doorbell then. Partner of the fence: `goToSleep`.
  public func raise(_ lane: Int) -> Bool {
    rm_store_release_u8(hand(lane), 1)
    rm_fence_seq_cst()
    return rm_load_relaxed_u32(status.base + Int(RM_STATUS_SLEEPING_OFFSET)) != 0
  }

  // MARK: The dispatcher's side

  /// The hands raised among the 64 lanes of a group, as a bit each; takes them down.
  @inline(__always)
  public func takeRaised(group: Int) -> UInt64 {
    let first = memory.base + Int(RM_BOARD_ATTENTION_OFFSET) + group * 64
    var any: UInt64 = 0
    for word in 0..<8 { any |= rm_load_relaxed_u64(first + word * 8) }
    return any == 0 ? 0 : collect(group)
  }

  private func collect(_ group: Int) -> UInt64 {
    var raised: UInt64 = 0
    for bit in 0..<64 where rm_load_acquire_u8(hand(group * 64 + bit)) != 0 {
      rm_store_release_u8(hand(group * 64 + bit), 0)
      raised |= 1 << UInt64(bit)
    }
    return raised
  }

  /// Announces that the dispatcher is about to sleep; every ring must sleep already.
  ///
  /// - Returns: false when a hand went up meanwhile: stay awake. After true, and after waking, call `wakeUp`.
  public func goToSleep(groups: Int) -> Bool {
    rm_store_relaxed_u32(status.base + Int(RM_STATUS_SLEEPING_OFFSET), 1)
    rm_fence_seq_cst()
    let first = memory.base + Int(RM_BOARD_ATTENTION_OFFSET)
    for word in 0..<(groups * 8) where rm_load_acquire_u64(first + word * 8) != 0 {
      wakeUp()
      return false
    }
    return true
  }

  public func wakeUp() {
    rm_store_relaxed_u32(status.base + Int(RM_STATUS_SLEEPING_OFFSET), 0)
  }

  /// The barrier of producers that fence for themselves.
  public static func fence() {
    rm_fence_seq_cst()
  }

  /// Forgets a lane's hand, for its next peer.
  public func lower(_ lane: Int) {
    rm_store_release_u8(hand(lane), 0)
  }
}
