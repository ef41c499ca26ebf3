import CRingmaster
import Platform

/// A ring in shared memory, as the side that owns the mapping holds it.
///
/// Make one producer or one consumer of it; they must not outlive it.
public struct SharedRing: ~Copyable, Sendable {
  public private(set) var memory: SharedMemory
  public let layout: RingLayout

  private init(memory: consuming SharedMemory, layout: RingLayout) {
    self.memory = memory
    self.layout = layout
  }

  /// Creates the shared-memory object `name`. Its descriptor is in `memory` until closed.
  public static func create(
    name: String, capacity: Int, owner: RingOwner, direction: UInt32
  ) throws -> SharedRing {
    let layout = try RingLayout(capacity: capacity)
    let memory = try SharedMemory.create(name: name, size: layout.size, guarded: true)
    layout.initialize(memory.base, owner: owner, direction: direction)
    return SharedRing(memory: memory, layout: layout)
  }

  /// Maps the ring that an earlier process created for an owner, by its name.
  ///
  /// - Parameter capacity: what it was created with.
  /// - Throws: `ForeignObject` when another user made it, or could write to it; `RingError.otherOwner` when a ring of somebody else has the name; also when its peer, who can write there,
  ///   spoilt what says whose it is.
  public static func open(name: String, capacity: Int, owner: RingOwner) throws -> SharedRing {
    let layout = try RingLayout(capacity: capacity)
    let memory = try SharedMemory.open(name: name, writable: true, guarded: true)
    guard memory.size == layout.size, try RingLayout.attach(memory.base, size: memory.size) == layout else {
      throw RingError.truncated(expected: layout.size, actual: memory.size)
    }
    let actual = RingOwner(memory.base.load(as: rm_ring_geometry.self))
    guard actual == owner else { throw RingError.otherOwner(expected: owner, actual: actual) }
    return SharedRing(memory: memory, layout: layout)
  }

  /// Whose ring has a name, and how far it was read; nil when no ring has it.
  public static func inspect(name: String) -> (owner: RingOwner, stamp: RingStamp)? {
    guard let memory = try? SharedMemory.open(name: name, writable: false, guarded: true),
      let layout = try? RingLayout.attach(memory.base, size: memory.size)
    else { return nil }
    let ring = SharedRing(memory: memory, layout: layout)
    return (RingOwner(ring.memory.base.load(as: rm_ring_geometry.self)), ring.stamp)
  }

  /// Maps a ring that another process created and passed on.
  public static func attach(_ descriptor: consuming FileDescriptor) throws -> SharedRing {
    let memory = try SharedMemory.map(descriptor, writable: true, guarded: true)
    let layout = try RingLayout.attach(memory.base, size: memory.size)
    return SharedRing(memory: memory, layout: layout)
  }

  /// A ring between threads of this process.
  public static func inProcess(capacity: Int) throws -> SharedRing {
    let layout = try RingLayout(capacity: capacity)
    let memory = try SharedMemory.anonymous(size: layout.size)
    layout.initialize(memory.base, owner: RingOwner(peer: 0), direction: RM_SUBMISSION)
    return SharedRing(memory: memory, layout: layout)
  }

  public func producer() -> RingProducer {
    RingProducer(base: memory.base, layout: layout)
  }

  /// Goes on where the producer before this one, which has ended, published its last whole record.
  public func resumedProducer() -> RingProducer {
    RingProducer(resuming: memory.base, layout: layout)
  }

  /// - Parameter position: of the first record to read: 0, or where a consumer before this one stopped.
  public func consumer(
    position: UInt64 = 0, takesLinesOver: Bool = RingConsumer.gainsByTakingLinesOver
  ) -> RingConsumer {
    RingConsumer(base: memory.base, layout: layout, position: position, takesLinesOver: takesLinesOver)
  }

  /// What the consumer before this one gave back last: the peer could write there.
  public var claimedRelease: UInt64 {
    rm_load_acquire_u64(memory.base + Int(RM_RELEASED_OFFSET))
  }

  /// What the dispatcher before this one noted last.
  public var stamp: RingStamp {
    let place = memory.base + Int(RM_CONSUMER_STAMP_OFFSET)
    return RingStamp(epoch: rm_load_relaxed_u64(place), transaction: rm_load_relaxed_u64(place + 8))
  }

  /// Of the shared-memory object, to pass on. Only before `closeDescriptor`.
  public var rawDescriptor: Int32 {
    switch memory.descriptor {
    case .some(let descriptor): return descriptor.raw
    case .none: preconditionFailure("the descriptor of this ring has been closed")
    }
  }

  public mutating func closeDescriptor() {
    memory.closeDescriptor()
  }

  /// The other side cut the object short.
  public var isPoisoned: Bool {
    memory.isPoisoned
  }

  /// The name of a peer's ring: `/ringmaster.<instance>.<peer>.<key>.<in|out>`, as seen from the dispatcher.
  ///
  /// - Parameter key: random, so that nobody can put anything under the name beforehand.
  public static func name(instance: String, peer: UInt32, key: UInt64, direction: UInt32) -> String {
    "/ringmaster.\(instance).\(peer).\(String(key, radix: 16)).\(direction == RM_SUBMISSION ? "in" : "out")"
  }
}
