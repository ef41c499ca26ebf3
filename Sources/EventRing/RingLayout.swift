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
  public func initialize(_ base: UnsafeMutableRawPointer, peer: UInt32, direction: UInt32) {
    let geometry = rm_ring_geometry(
      magic: RM_RING_MAGIC, abi_version: RM_ABI_VERSION, slot_size: RM_SLOT_SIZE, capacity: UInt64(capacity),
      slots_offset: RM_SLOTS_OFFSET, peer: peer, direction: direction, reserved: 0)
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

/// Why a piece of memory cannot be used as a ring, or a record not be put in one.
public enum RingError: Error, Hashable, Sendable, CustomStringConvertible {
  case impossibleCapacity(Int)
  case notARing
  case otherABI(expected: UInt32, actual: UInt32)
  case truncated(expected: Int, actual: Int)
  case recordTooLong(slots: Int, maximum: Int)

  public var description: String {
    switch self {
    case .impossibleCapacity(let capacity):
      "a ring of \(capacity) slots is not possible: use a power of two from \(RM_RING_MIN_CAPACITY) to \(RM_RING_MAX_CAPACITY)"
    case .notARing: "the memory holds no ring: its magic number or geometry is wrong"
    case .otherABI(let expected, let actual):
      "the ring has ABI version \(actual), this program has \(expected): use programs of one release"
    case .truncated(let expected, let actual): "the ring's memory has \(actual) bytes, its geometry needs \(expected)"
    case .recordTooLong(let slots, let maximum):
      "a record of \(slots) slots does not fit this ring, which takes \(maximum): shorten its text or attach with a larger ring"
    }
  }
}
