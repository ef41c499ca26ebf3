import CPlatform
import CRingmaster
import EventRing
import Glibc
import Platform
import Testing

/// The other side cuts the object short while this side has it mapped.
@Suite(.serialized) struct TruncationTests {
  private let payload = rm_payload(words: (5, 0, 0, 0, 0, 0, 0))

  /// A ring of this process, mapped a second time as the other process has it.
  private func withRing(
    _ name: String = #function, capacity: Int = 1024,
    _ body: (_ mine: borrowing SharedRing, _ theirs: borrowing SharedRing) throws -> Void
  ) throws {
    try SharedMemory.installTruncationGuard()
    let name = uniqueName(name)
    let mine = try SharedRing.create(
      name: name, capacity: capacity, owner: RingOwner(peer: 1), direction: RM_SUBMISSION)
    defer { SharedMemory.unlink(name: name) }
    let theirs = try SharedRing.attach(FileDescriptor(owning: rm_shm_open(name, 1)))
    try body(mine, theirs)
  }

  @Test func theReaderFindsAnEmptyRingAndTheMark() throws {
    try withRing { mine, theirs in
      var producer = theirs.producer()
      for _ in 0..<100 { _ = producer.tryPublish(payload) }
      var consumer = mine.consumer()
      for _ in 0..<10 {
        #expect(consumer.head(as: rm_payload.self)?.words.0 == 5)
        consumer.advance()
      }
      #expect(mine.isPoisoned == false)
      #expect(ftruncate(theirs.rawDescriptor, 0) == 0)
      #expect(consumer.head(as: rm_payload.self)?.words.0 == nil)
      #expect(mine.isPoisoned == true)
      consumer.release()
      #expect(consumer.isPublished() == false)
      #expect(consumer.park() == true)
      consumer.unpark()
      #expect(consumer.producerCounters() == (full: 0, shed: 0))
    }
  }

  @Test func theWriterGoesOnIntoNothingAndFindsTheMark() throws {
    try withRing { mine, theirs in
      var producer = mine.producer()
      #expect(producer.tryPublish(payload) == 0)
      #expect(ftruncate(theirs.rawDescriptor, 0) == 0)
      for position in 1..<1024 { #expect(producer.tryPublish(payload) == UInt64(position)) }
      #expect(producer.tryPublish(payload) == nil)
      #expect(mine.isPoisoned == true)
      #expect(producer.consumerIsParked() == false)
    }
  }

  @Test func aRecordCutInTwoIsAFault() throws {
    try withRing { mine, theirs in
      var producer = theirs.producer()
      // Its head in the first page of slots, its end in the second.
      for _ in 0..<60 { _ = producer.tryPublish(payload) }
      let position = try publish(slots: 16, to: &producer)
      #expect(position == 60)
      let consumer = mine.consumer(position: 60)
      #expect(consumer.isPublished() == true)
      #expect(ftruncate(theirs.rawDescriptor, off_t(RM_SLOTS_OFFSET) + 4096) == 0)
      #expect(consumer.isPublished() == true)
      #expect(mine.isPoisoned == false)
      let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
      defer { text.deallocate() }
      #expect(throws: RingFault.missingContinuation(slot: 4)) {
        try consumer.copyContinuation(slots: 16, into: text)
      }
      #expect(mine.isPoisoned == true)
      #expect(consumer.isPublished() == false)
    }
  }

  @Test func oneTruncatedRingDoesNotTouchAnother() throws {
    try withRing { mine, theirs in
      let name = uniqueName("bystander")
      let bystander = try SharedRing.create(
        name: name, capacity: 64, owner: RingOwner(peer: 2), direction: RM_SUBMISSION)
      defer { SharedMemory.unlink(name: name) }
      var producer = bystander.producer()
      _ = producer.tryPublish(payload)
      #expect(ftruncate(theirs.rawDescriptor, 0) == 0)
      #expect(mine.consumer().isPublished() == false)
      #expect(mine.isPoisoned == true)
      #expect(bystander.isPoisoned == false)
      #expect(bystander.consumer().head(as: rm_payload.self)?.words.0 == 5)
    }
  }

  @Test func aGuardIsCleanForItsNextRing() throws {
    for _ in 0..<20 {
      try withRing { mine, theirs in
        #expect(mine.isPoisoned == false)
        #expect(ftruncate(theirs.rawDescriptor, 0) == 0)
        #expect(mine.consumer().isPublished() == false)
        #expect(mine.isPoisoned == true)
      }
    }
  }

  @Test func memoryWithoutANameKeepsItsSize() throws {
    let memory = try SharedMemory.anonymous(size: 4096)
    switch memory.descriptor {
    case .some(let descriptor):
      #expect(ftruncate(descriptor.raw, 0) == -1 && errno == EPERM)
      #expect(ftruncate(descriptor.raw, 8192) == -1 && errno == EPERM)
    case .none: Issue.record("it has a descriptor")
    }
  }

  @Test func aFaultElsewhereStillEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGBUS)) {
      try SharedMemory.installTruncationGuard()
      let descriptor = FileDescriptor(owning: rm_memfd("unguarded"))
      _ = ftruncate(descriptor.raw, 4096)
      let memory = try SharedMemory.map(try descriptor.duplicate(), writable: true, guarded: false)
      memory.base.storeBytes(of: 1, as: UInt64.self)
      _ = ftruncate(descriptor.raw, 0)
      memory.base.storeBytes(of: 2, as: UInt64.self)
    }
  }
}
