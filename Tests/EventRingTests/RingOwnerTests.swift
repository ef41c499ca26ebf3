import CRingmaster
import EventRing
import Platform
import Testing

/// A name in a shared folder says nothing about whose ring it is.
@Suite struct RingOwnerTests {
  private static let owner = RingOwner(peer: 7, epoch: 3, journal: SIMD2(1, 2))

  @Test(arguments: [
    RingOwner(peer: 8, epoch: 3, journal: SIMD2(1, 2)), RingOwner(peer: 7, epoch: 4, journal: SIMD2(1, 2)),
    RingOwner(peer: 7, epoch: 3, journal: SIMD2(1, 3)),
  ])
  func aRingIsOpenedForItsOwnerAlone(_ stranger: RingOwner) throws {
    let name = SharedRing.name(
      instance: "owners-\(Machine.processID())-\(stranger.hashValue)", peer: 7, key: 1, direction: RM_SUBMISSION)
    let ring = try SharedRing.create(name: name, capacity: 64, owner: Self.owner, direction: RM_SUBMISSION)
    defer { SharedMemory.unlink(name: name) }
    #expect(ring.layout.capacity == 64)
    _ = try SharedRing.open(name: name, capacity: 64, owner: Self.owner)
    ring.memory.base.storeBytes(of: RM_ABI_VERSION + 1, toByteOffset: 8, as: UInt32.self)
    #expect(throws: RingError.otherABI(expected: RM_ABI_VERSION, actual: RM_ABI_VERSION + 1)) {
      _ = try SharedRing.open(name: name, capacity: 64, owner: Self.owner)
    }
    ring.memory.base.storeBytes(of: RM_ABI_VERSION, toByteOffset: 8, as: UInt32.self)
    #expect(throws: RingError.otherOwner(expected: stranger, actual: Self.owner)) {
      _ = try SharedRing.open(name: name, capacity: 64, owner: stranger)
    }
  }
}
