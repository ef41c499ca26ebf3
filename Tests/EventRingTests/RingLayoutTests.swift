import CPlatform
import CRingmaster
import EventRing
import Glibc
import Platform
import SeededRandom
import Testing

@Suite struct RingLayoutTests {
  private static let smallest = Int(RM_RING_MIN_CAPACITY)
  private static let largest = Int(RM_RING_MAX_CAPACITY)

  @Test func everyPowerOfTwoWithinTheLimitsIsACapacity() throws {
    var capacity = Self.smallest
    while capacity <= Self.largest {
      let layout = try RingLayout(capacity: capacity)
      #expect(layout.size == 8192 + capacity * 64)
      #expect(layout.maximumRecordSlots == min(512, capacity / 4))
      capacity *= 2
    }
  }

  @Test(arguments: [
    Int.min, -64, -1, 0, 1, 2, 32, 63, 65, 96, 127, 129, 1000, (1 << 20) - 1, (1 << 20) + 1, 1 << 21, 1 << 62, Int.max,
  ])
  func anyOtherCapacityIsRefused(capacity: Int) {
    #expect(throws: RingError.impossibleCapacity(capacity)) { try RingLayout(capacity: capacity) }
    #expect(throws: RingError.impossibleCapacity(capacity)) {
      _ = try SharedRing.inProcess(capacity: capacity)
    }
  }

  /// A valid geometry page with one thing about it changed, in memory of `size` bytes.
  private func attach(size: Int = 8192 + 64 * 64, _ change: (inout rm_ring_geometry) -> Void) throws -> RingLayout {
    let memory = try SharedMemory.anonymous(size: size)
    let layout = try RingLayout(capacity: 64)
    layout.initialize(memory.base, owner: RingOwner(peer: 7), direction: RM_RESULT)
    var geometry = memory.base.load(as: rm_ring_geometry.self)
    change(&geometry)
    memory.base.storeBytes(of: geometry, as: rm_ring_geometry.self)
    return try RingLayout.attach(memory.base, size: size)
  }

  @Test func whatWasInitialisedCanBeAttached() throws {
    let layout = try attach { geometry in
      #expect(geometry.magic == RM_RING_MAGIC)
      #expect(geometry.abi_version == RM_ABI_VERSION)
      #expect(geometry.slot_size == 64)
      #expect(geometry.slots_offset == 8192)
      #expect(geometry.capacity == 64)
      #expect(geometry.peer == 7)
      #expect(geometry.direction == RM_RESULT)
    }
    #expect(layout.capacity == 64)
  }

  @Test func anotherMagicNumberIsNoRing() {
    #expect(throws: RingError.notARing) { try attach { $0.magic ^= 1 } }
    #expect(throws: RingError.notARing) { try attach { $0 = rm_ring_geometry() } }
  }

  @Test func anotherABIIsNamed() {
    #expect(throws: RingError.otherABI(expected: RM_ABI_VERSION, actual: 9)) { try attach { $0.abi_version = 9 } }
  }

  @Test func otherSlotsAreNoRing() {
    #expect(throws: RingError.notARing) { try attach { $0.slot_size = 128 } }
    #expect(throws: RingError.notARing) { try attach { $0.slots_offset = 4096 } }
    #expect(throws: RingError.notARing) { try attach { $0.capacity = UInt64.max } }
  }

  @Test(arguments: [0, 1, 63, 65, 1 << 21, 1 << 57, UInt64(Int.max)])
  func anImpossibleCapacityInTheGeometryIsNamed(capacity: UInt64) {
    #expect(throws: RingError.impossibleCapacity(Int(capacity))) { try attach { $0.capacity = capacity } }
  }

  @Test func aCapacityBeyondTheMemoryIsTruncated() {
    #expect(throws: RingError.truncated(expected: 8192 + 128 * 64, actual: 8192 + 64 * 64)) {
      try attach { $0.capacity = 128 }
    }
  }

  @Test(arguments: [1, 40, 4096, 8191])
  func memoryWithoutRoomForThePagesIsNotEvenLookedAt(size: Int) throws {
    let memory = try SharedMemory.anonymous(size: size)
    #expect(throws: RingError.truncated(expected: 8192, actual: size)) {
      try RingLayout.attach(memory.base, size: size)
    }
  }

  @Test func garbageIsRefusedWithATypedError() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let memory = try SharedMemory.anonymous(size: 8192 + 64 * 64)
    let layout = try RingLayout(capacity: 64)
    for _ in 0..<20_000 {
      layout.initialize(memory.base, owner: RingOwner(peer: 1), direction: RM_SUBMISSION)
      let hits = Int.random(in: 1...4, using: &random)
      for _ in 0..<hits {
        memory.base.storeBytes(
          of: UInt8.random(in: 0...255, using: &random), toByteOffset: Int.random(in: 0..<32, using: &random),
          as: UInt8.self)
      }
      do throws(RingError) {
        let attached = try RingLayout.attach(memory.base, size: memory.size)
        #expect(attached.size <= memory.size, "seed \(seed)")
      } catch {
        #expect(!error.description.isEmpty, "seed \(seed)")
      }
    }
  }
}

@Suite(.serialized) struct SharedRingTests {
  @Test func aRingIsAttachedByItsDescriptor() throws {
    let name = uniqueName()
    let ring = try SharedRing.create(name: name, capacity: 64, owner: RingOwner(peer: 3), direction: RM_SUBMISSION)
    defer { SharedMemory.unlink(name: name) }
    let other = try SharedRing.attach(FileDescriptor(owning: rm_shm_open(name, 1)))
    var producer = other.producer()
    #expect(producer.tryPublish(rm_payload(words: (1, 2, 3, 4, 5, 6, 7))) == 0)
    let head = ring.consumer().head(as: rm_payload.self)
    #expect(head?.words.6 == 7)
    #expect(SharedMemory.names(prefix: name) == [name])
    SharedMemory.unlink(name: name)
    #expect(SharedMemory.names(prefix: name).isEmpty)
  }

  @Test func aNameIsTakenOnce() throws {
    let name = uniqueName()
    let first = try SharedRing.create(name: name, capacity: 64, owner: RingOwner(peer: 3), direction: RM_SUBMISSION)
    defer { SharedMemory.unlink(name: name) }
    let error = #expect(throws: SystemError.self) {
      _ = try SharedRing.create(name: name, capacity: 64, owner: RingOwner(peer: 4), direction: RM_SUBMISSION)
    }
    #expect(error?.code == EEXIST)
    #expect(first.layout.capacity == 64)
  }

  @Test func anEmptyObjectIsRefused() throws {
    let descriptor = FileDescriptor(owning: rm_memfd("empty"))
    let error = #expect(throws: SystemError.self) { _ = try SharedRing.attach(descriptor.duplicate()) }
    #expect(error?.code == EINVAL)
  }

  @Test func anObjectCutShortIsRefused() throws {
    let name = uniqueName()
    let ring = try SharedRing.create(name: name, capacity: 64, owner: RingOwner(peer: 3), direction: RM_SUBMISSION)
    defer { SharedMemory.unlink(name: name) }
    #expect(ftruncate(ring.rawDescriptor, ring.layout.size - 1) == 0)
    #expect(throws: RingError.truncated(expected: ring.layout.size, actual: ring.layout.size - 1)) {
      _ = try SharedRing.attach(FileDescriptor(owning: rm_shm_open(name, 1)))
    }
  }

  @Test func namesTellInstancePeerAndDirection() {
    func name(_ direction: UInt32) -> String {
      SharedRing.name(instance: "main", peer: 12, key: 255, direction: direction)
    }
    #expect(name(RM_SUBMISSION) == "/ringmaster.main.12.ff.in")
    #expect(name(RM_RESULT) == "/ringmaster.main.12.ff.out")
  }

  /// In a process of its own: it uses up all guards.
  @Test func aRingThatCannotBeGuardedLeavesNoName() async {
    await #expect(processExitsWith: .success) {
      let name = uniqueName("guards")
      let page = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 64)
      while rm_guard_add(page, 0) >= 0 {}
      let error = #expect(throws: SystemError.self) {
        _ = try SharedRing.create(name: name, capacity: 64, owner: RingOwner(peer: 3), direction: RM_SUBMISSION)
      }
      #expect(error?.code == ENOSPC)
      let left = SharedMemory.names(prefix: name)
      SharedMemory.unlink(name: name)
      #expect(left.isEmpty)
    }
  }
}
