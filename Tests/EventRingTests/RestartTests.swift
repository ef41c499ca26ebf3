import CRingmaster
import EventRing
import Testing

/// A ring outlives the processes at its ends: whoever comes back goes on where the one before stopped.
@Suite struct RestartTests {
  private let payload = rm_payload(words: (1, 0, 0, 0, 0, 0, 0))

  @Test func aProducerThatComesBackOverwritesNothingUnread() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var first = ring.producer()
    for _ in 0..<64 { _ = first.tryPublish(payload) }
    var second = ring.resumedProducer()
    #expect(second.position == 64)
    #expect(second.tryPublish(payload) == nil)
    var consumer = ring.consumer()
    consumer.advance()
    consumer.release()
    #expect(second.tryPublish(payload) == 64)
    #expect(second.tryPublish(payload) == nil)
  }

  @Test func aConsumerThatComesBackReleasesWhatWasReadBefore() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    for _ in 0..<64 { _ = producer.tryPublish(payload) }
    var first = ring.consumer()
    for _ in 0..<63 { first.advance() }
    var second = ring.consumer(position: 63)
    #expect(second.isPublished() == true)
    second.advance()
    second.release()
    #expect(producer.tryPublish(payload) == 64)
    #expect(second.isPublished() == true)
  }

  @Test func aConsumerThatHadReadEverythingUnblocksAFullRing() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    for _ in 0..<64 { _ = producer.tryPublish(payload) }
    var consumer = ring.consumer(position: 64)
    consumer.release()
    #expect(producer.tryPublish(payload) == 64)
    #expect(consumer.isPublished() == true)
  }

  @Test func aRecordPublishedAndNotAnnouncedIsKept() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    let place = RingPlace(ring)
    var writer = NumberedWriter(ring.producer())
    for _ in 0..<3 { #expect(try writer.writeOne()) }
    let announced = writer.producer.position
    #expect(try writer.writeOne())
    let whole = writer.producer.position
    place.scribble(announced, at: Int(RM_PUBLISHED_OFFSET))
    let resumed = ring.resumedProducer()
    #expect(resumed.position == whole)
  }

  /// The producer ended after it wrote the continuation and before it wrote the head.
  @Test(arguments: [1, 5, 15]) func aRecordCutOffBeforeItsHeadIsNeverSeen(written: Int) throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    let place = RingPlace(ring)
    var first = ring.producer()
    _ = first.tryPublish(payload)
    for index in (16 - written)..<16 {
      let position = 1 + UInt64(index)
      place.scribble(position + 1, at: place.slotOffset(position))
    }
    var second = ring.resumedProducer()
    var consumer = ring.consumer(position: 1)
    #expect(second.position == 1)
    for position in 1..<17 {
      #expect(consumer.isPublished() == false, "at \(position)")
      #expect(second.tryPublish(payload) == UInt64(position))
      #expect(consumer.isPublished() == true)
      consumer.advance()
    }
    #expect(consumer.isPublished() == false)
  }

  @Test func aHostileReleasedPositionMakesARestartedRingFullAtTheWorst() throws {
    for claimed in [65, 1000, UInt64.max, UInt64.max - 63] {
      let ring = try SharedRing.inProcess(capacity: 64)
      let place = RingPlace(ring)
      var first = ring.producer()
      for _ in 0..<64 { _ = first.tryPublish(payload) }
      place.scribble(claimed, at: Int(RM_RELEASED_OFFSET))
      var second = ring.resumedProducer()
      #expect(second.unreleased == 64)
      #expect(second.tryPublish(payload) == nil)
    }
  }
}
