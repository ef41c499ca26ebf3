import CRingmaster
import EventRing
import Glibc
import SeededRandom
import Testing

/// What a producer can do to its consumer: be found out, or publish nothing more.
@Suite struct HostileProducerTests {
  private static let capacity = 64

  /// Reads as the dispatcher does, at most `limit` records.
  private func drain(_ consumer: inout RingConsumer, limit: Int) -> (records: Int, fault: RingFault?) {
    // A batch that is looked at first, as for prefetching: whatever it holds, it is bounded and moves nothing.
    let before = consumer.position
    let batch = UnsafeMutableBufferPointer<rm_event_head>.allocate(capacity: Self.capacity)
    defer { batch.deallocate() }
    let ahead = consumer.copyPublished(into: batch)
    #expect(ahead <= Self.capacity)
    #expect(consumer.position == before)
    #expect((ahead > 0) == consumer.isPublished())
    consumer.prefetch()
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
    defer { text.deallocate() }
    var records = 0
    while records < limit, let head = consumer.head(as: rm_event_head.self) {
      do throws(RingFault) {
        try consumer.copyContinuation(slots: Int(head.slots), into: text)
      } catch {
        return (records, error)
      }
      consumer.advance(by: Int(head.slots))
      records += 1
    }
    consumer.release()
    return (records, nil)
  }

  @Test func randomBytesAreFoundOutOrIgnored() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    var faults = 0
    var records = 0
    for _ in 0..<300 {
      let memory = try FencedMemory(capacity: Self.capacity)
      var consumer = RingConsumer(base: memory.base, layout: memory.layout)
      for _ in 0..<40 {
        let start = Int.random(in: 0..<memory.layout.size, using: &random)
        let count = min(memory.layout.size - start, Int.random(in: 1...2048, using: &random))
        for offset in start..<(start + count) {
          memory.base.storeBytes(of: UInt8.random(in: 0...255, using: &random), toByteOffset: offset, as: UInt8.self)
        }
        // Valid sequences, so that the random heads are looked at.
        for ahead in 0..<UInt64(Int.random(in: 0...Self.capacity, using: &random)) {
          let position = consumer.position &+ ahead
          let offset = Int(RM_SLOTS_OFFSET) + Int(position % UInt64(Self.capacity)) * 64
          memory.base.storeBytes(of: position &+ 1, toByteOffset: offset, as: UInt64.self)
          if Bool.random(using: &random) {
            let slots = UInt16.random(in: 0...20, using: &random)
            memory.base.storeBytes(of: slots, toByteOffset: offset + 10, as: UInt16.self)
          }
        }
        let before = consumer.position
        let drained = drain(&consumer, limit: Self.capacity)
        records += drained.records
        if let fault = drained.fault {
          faults += 1
          #expect(!fault.description.isEmpty)
        }
        #expect(consumer.position &- before <= UInt64(Self.capacity) * 16, "seed \(seed)")
        _ = consumer.producerCounters()
        if consumer.park() { consumer.unpark() }
      }
    }
    #expect(faults > 100, "seed \(seed)")
    #expect(records > 100, "seed \(seed)")
  }

  @Test func theGeometryPageIsNotReadAgain() throws {
    let memory = try FencedMemory(capacity: Self.capacity)
    var producer = RingProducer(base: memory.base, layout: memory.layout)
    var consumer = RingConsumer(base: memory.base, layout: memory.layout)
    memset(memory.base, 0xff, Int(RM_PAGE_SIZE))
    for round in 0..<UInt64(10 * Self.capacity) {
      #expect(producer.tryPublish(rm_payload(words: (round, 0, 0, 0, 0, 0, 0))) == round)
      #expect(consumer.head(as: rm_payload.self)?.words.0 == round)
      consumer.advance()
      consumer.release()
    }
  }

  @Test func aJumpedSequenceIsNoRecord() throws {
    let memory = try FencedMemory(capacity: Self.capacity)
    let consumer = RingConsumer(base: memory.base, layout: memory.layout)
    let slot = memory.base + Int(RM_SLOTS_OFFSET)
    for sequence in [0, 2, 3, 64, 65, 66, 1 << 32, UInt64.max] {
      slot.storeBytes(of: sequence, as: UInt64.self)
      #expect(consumer.isPublished() == false, "sequence \(sequence)")
      #expect(consumer.head(as: rm_payload.self)?.words.0 == nil)
    }
    slot.storeBytes(of: 1, as: UInt64.self)
    #expect(consumer.isPublished() == true)
  }

  @Test(arguments: [Int.min, -1, 0, 17, 64, 65, 512, 65_535, Int.max])
  func anImpossibleLengthIsNamed(slots: Int) throws {
    let memory = try FencedMemory(capacity: Self.capacity)
    let consumer = RingConsumer(base: memory.base, layout: memory.layout)
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
    defer { text.deallocate() }
    #expect(throws: RingFault.impossibleLength(slots: slots, maximum: 16)) {
      try consumer.copyContinuation(slots: slots, into: text)
    }
    #expect("\(RingFault.impossibleLength(slots: slots, maximum: 16))".contains("\(slots)"))
  }

  @Test(arguments: 1..<16) func aMissingContinuationIsNamed(missing: Int) throws {
    let memory = try FencedMemory(capacity: Self.capacity)
    let consumer = RingConsumer(base: memory.base, layout: memory.layout)
    let text = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
    defer { text.deallocate() }
    for position in 0..<16 where position != missing {
      let offset = Int(RM_SLOTS_OFFSET) + position * 64
      memory.base.storeBytes(of: UInt64(position + 1), toByteOffset: offset, as: UInt64.self)
    }
    #expect(throws: RingFault.missingContinuation(slot: missing)) {
      try consumer.copyContinuation(slots: 16, into: text)
    }
    try consumer.copyContinuation(slots: missing, into: text)
  }
}
