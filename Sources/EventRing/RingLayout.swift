import CRingmaster
import Platform

/// The geometry of a ring, checked once when it is created or attached and never read from shared memory again.
@frozen
public struct RingLayout: Hashable, Sendable, BitwiseCopyable {
  /// Slots; a power of two.
  public let capacity: Int

  /// - Throws: `RingError.impossibleCapacity` unless `capacity` is a power of two within the limits of the layout.
  public init(capacity: Int) throws(RingError) {
    let limits = Int(RM_RING_MIN_CAPACITY)...Int(RM_RING_MAX_CAPACITY)
    guard limits.contains(capacity), capacity & (capacity - 1) == 0 else {
      throw .impossibleCapacity(capacity)
    }
    self.capacity = capacity
  }

  /// Bytes of the shared-memory object.
  public var size: Int {
    Int(RM_SLOTS_OFFSET) + capacity * Int(RM_SLOT_SIZE)
  }

  /// Slots of the longest record that this ring takes: a quarter of it, so that one record never blocks it for long.
  public var maximumRecordSlots: Int {
    min(Int(RM_RECORD_MAX_SLOTS), capacity / 4)
  }

  /// Writes the geometry page of a new ring. Its other pages are zero, as the kernel gives them.
  public func initialize(_ base: UnsafeMutableRawPointer, owner: RingOwner, direction: UInt32) {
    let geometry = rm_ring_geometry(
      magic: RM_RING_MAGIC, abi_version: RM_ABI_VERSION, slot_size: RM_SLOT_SIZE, capacity: UInt64(capacity),
      slots_offset: RM_SLOTS_OFFSET, peer: owner.peer, direction: direction, reserved: 0, epoch: owner.epoch,
      journal: (owner.journal.x, owner.journal.y))
    base.storeBytes(of: geometry, as: rm_ring_geometry.self)
  }

  /// Reads and checks the geometry of a ring that another process made.
  public static func attach(_ base: UnsafeMutableRawPointer, size: Int) throws(RingError) -> RingLayout {
    guard size >= Int(RM_SLOTS_OFFSET) else { throw .truncated(expected: Int(RM_SLOTS_OFFSET), actual: size) }
    let geometry = base.load(as: rm_ring_geometry.self)
    guard geometry.magic == RM_RING_MAGIC else { throw .notARing }
    guard geometry.abi_version == RM_ABI_VERSION else {
      throw .otherABI(expected: RM_ABI_VERSION, actual: geometry.abi_version)
    }
    guard geometry.slot_size == RM_SLOT_SIZE, geometry.slots_offset == RM_SLOTS_OFFSET,
      let capacity = Int(exactly: geometry.capacity)
    else { throw .notARing }
    let layout = try RingLayout(capacity: capacity)
    guard size >= layout.size else { throw .truncated(expected: layout.size, actual: size) }
    return layout
  }
}

/// Whose ring it is: written into it when it is made, and compared before it is opened again by its name.
public struct RingOwner: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  public var peer: UInt32
  /// In which the peer attached.
  public var epoch: UInt64
  /// The id of the journal that the peer is in; zero without one.
  public var journal: SIMD2<UInt64>

  public init(peer: UInt32, epoch: UInt64 = 0, journal: SIMD2<UInt64> = .zero) {
    self.peer = peer
    self.epoch = epoch
    self.journal = journal
  }

  init(_ geometry: rm_ring_geometry) {
    self.init(
      peer: geometry.peer, epoch: geometry.epoch, journal: SIMD2(geometry.journal.0, geometry.journal.1))
  }

  public var description: String {
    "peer \(peer) of epoch \(epoch) in journal \(String(journal.x, radix: 16)):\(String(journal.y, radix: 16))"
  }
}

/// How far the dispatcher that read a ring last had come. The peer could write there: what it claims harms itself alone.
public struct RingStamp: Hashable, Sendable, BitwiseCopyable {
  public let epoch: UInt64
  /// The newest durable one.
  public let transaction: UInt64
}

/// Why a piece of memory cannot be used as a ring, or a record not be put in one.
public enum RingError: Error, Hashable, Sendable, CustomStringConvertible {
  case impossibleCapacity(Int)
  case notARing
  case otherABI(expected: UInt32, actual: UInt32)
  case truncated(expected: Int, actual: Int)
  /// It was made for somebody else, or by another life of the journal.
  case otherOwner(expected: RingOwner, actual: RingOwner)
  case recordTooLong(slots: Int, maximum: Int)

  public var description: String {
    switch self {
    case .impossibleCapacity(let capacity):
      "a ring of \(capacity) slots is not possible: use a power of two from \(RM_RING_MIN_CAPACITY) to \(RM_RING_MAX_CAPACITY)"
    case .notARing: "the memory holds no ring: its magic number or geometry is wrong"
    case .otherABI(let expected, let actual):
      "the ring has ABI version \(actual), this program has \(expected): use programs of one release"
    case .otherOwner(let expected, let actual): "the ring is of \(actual), not of \(expected)"
    case .truncated(let expected, let actual): "the ring's memory has \(actual) bytes, its geometry needs \(expected)"
    case .recordTooLong(let slots, let maximum):
      "a record of \(slots) slots does not fit this ring, which takes \(maximum): shorten its text or attach with a larger ring"
    }
  }
}
