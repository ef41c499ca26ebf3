import CRingmaster
import EventRing
import SeededRandom
import Testing

/// Batches: published whole at one store, and read many slots at once.
@Suite struct BatchTests {
  private static func numbered(_ number: UInt64) -> rm_payload {
    rm_payload(words: (number, number &* 3, 0, 0, 0, 0, ~number))
  }

  private func withBatch<Result>(
    _ capacity: Int, _ body: (UnsafeMutableBufferPointer<rm_payload>) throws -> Result
  ) rethrows -> Result {
    let batch = UnsafeMutableBufferPointer<rm_payload>.allocate(capacity: capacity)
    defer { batch.deallocate() }
    return try body(batch)
  }

  @Test(arguments: [1, 2, 15, 16]) func aBatchComesOutAsItWentIn(slots: Int) throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    var consumer = ring.consumer()
    withBatch(64) { batch in
      #expect(consumer.copyPublished(into: batch) == 0)
      for round in 0..<UInt64(100) {
        let first = round * UInt64(slots)
        #expect(producer.tryPublish(slots: slots) { Self.numbered(first + UInt64($0)) } == first)
        #expect(consumer.copyPublished(into: batch) == slots)
        for index in 0..<slots {
          #expect(batch[index].words.0 == first + UInt64(index))
          #expect(batch[index].words.6 == ~(first + UInt64(index)))
        }
        #expect(consumer.position == first)
        consumer.advance(by: slots)
        consumer.release()
      }
    }
  }

  @Test func recordsOfABatchComeOutInOrder() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    var consumer = ring.consumer()
    for first in stride(from: UInt64(0), to: 1600, by: 16) {
      #expect(producer.tryPublish(records: 16) { Self.numbered(first + UInt64($0)) } == first)
      for index in 0..<UInt64(16) {
        #expect(consumer.head(as: rm_payload.self)?.words.0 == first + index)
        consumer.advance()
      }
      consumer.release()
    }
    for _ in 0..<50 { _ = producer.tryPublish(Self.numbered(0)) }
    #expect(producer.tryPublish(records: 15) { Self.numbered(UInt64($0)) } == nil)
    #expect(producer.position == 1650)
    #expect(producer.tryPublish(records: 14) { Self.numbered(UInt64($0)) } == 1650)
  }

  @Test func aBatchThatDoesNotFitIsNotPublishedAtAll() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    let consumer = ring.consumer()
    for number in 0..<UInt64(50) { _ = producer.tryPublish(Self.numbered(number)) }
    #expect(producer.tryPublish(slots: 15) { Self.numbered(UInt64($0)) } == nil)
    #expect(producer.position == 50)
    #expect(consumer.producerCounters().full == 1)
    #expect(producer.tryPublish(slots: 14) { Self.numbered(UInt64($0)) } == 50)
  }

  /// What stands behind the first slot that is not published is nothing yet, however its sequences look.
  @Test func aBatchWithoutItsHeadIsNotRead() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    let place = RingPlace(ring)
    var producer = ring.producer()
    let consumer = ring.consumer()
    for number in 0..<UInt64(3) { _ = producer.tryPublish(Self.numbered(number)) }
    for position in UInt64(4)..<19 { place.scribble(position + 1, at: place.slotOffset(position)) }
    withBatch(64) { #expect(consumer.copyPublished(into: $0) == 3) }
    let resumed = ring.resumedProducer()
    #expect(resumed.position == 3)
    place.scribble(4, at: place.slotOffset(3))
    withBatch(64) { #expect(consumer.copyPublished(into: $0) == 4) }
  }

  @Test func lookingStopsAtTheEndOfTheBuffer() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    var consumer = ring.consumer()
    for number in 0..<UInt64(64) { _ = producer.tryPublish(Self.numbered(number)) }
    for limit in [0, 1, 10, 64] { withBatch(limit) { #expect(consumer.copyPublished(into: $0) == limit) } }
    consumer.advance(by: 60)
    withBatch(64) { #expect(consumer.copyPublished(into: $0) == 4) }
  }

  /// The consumer stores sequences once more before it releases; the next lap's records must still be told from them.
  @Test func slotsTakenOverAreNotTakenForRecordsOfTheNextLap() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    var consumer = ring.consumer()
    for lap in 0..<UInt64(10) {
      for index in 0..<UInt64(64) { #expect(producer.tryPublish(Self.numbered(lap * 64 + index)) != nil) }
      for index in 0..<UInt64(64) {
        #expect(consumer.head(as: rm_payload.self)?.words.0 == lap * 64 + index)
        consumer.advance()
      }
      consumer.release()
      #expect(consumer.isPublished() == false)
      withBatch(64) { #expect(consumer.copyPublished(into: $0) == 0) }
    }
  }

  @Test(arguments: [64, 1024]) func randomBatchesOfRandomRecordsKeepTheirOrder(capacity: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let ring = try SharedRing.inProcess(capacity: capacity)
    var writer = NumberedWriter(ring.producer())
    var reader = NumberedReader(ring.consumer())
    do {
      while writer.producer.position < UInt64(capacity) * 100 {
        _ = try writer.writeBatch(Int.random(in: 1...8, using: &random))
        if Bool.random(using: &random) { _ = try writer.writeOne() }
        let limit = Int.random(in: 1...capacity, using: &random)
        _ = Bool.random(using: &random) ? try reader.readBatch(slots: limit) : try reader.readOne() ? 1 : 0
        if Int.random(in: 0..<4, using: &random) == 0 { reader.consumer.release() }
      }
      while try reader.readOne() {}
    } catch {
      Issue.record("seed \(seed): \(error)")
    }
    #expect(reader.nextNumber == writer.nextNumber, "seed \(seed)")
  }
}
