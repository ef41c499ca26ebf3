import CRingmaster
import EventRing
import Testing

@Suite struct FullRingTests {
  private let payload = rm_payload(words: (1, 0, 0, 0, 0, 0, 0))

  @Test func aFullRingTakesNothingAndCountsIt() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    let consumer = ring.consumer()
    for position in 0..<64 { #expect(producer.tryPublish(payload) == UInt64(position)) }
    #expect(consumer.producerCounters().full == 0)
    #expect(producer.tryPublish(payload) == nil)
    #expect(producer.tryPublish(payload) == nil)
    #expect(producer.position == 64)
    #expect(consumer.producerCounters().full == 2)
    producer.countShed(5)
    producer.countShed(1)
    #expect(consumer.producerCounters() == (full: 2, shed: 6))
  }

  @Test func aRecordOfSeveralSlotsGoesInWholeOrNotAtAll() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    var consumer = ring.consumer()
    for _ in 0..<4 { #expect(try publish(slots: 16, to: &producer) != nil) }
    for _ in 0..<8 { consumer.advance() }
    consumer.release()
    #expect(try publish(slots: 16, to: &producer) == nil)
    #expect(consumer.producerCounters().full == 1)
    #expect(producer.position == 64)
    for _ in 0..<8 { consumer.advance() }
    consumer.release()
    #expect(try publish(slots: 16, to: &producer) == 64)
  }

  @Test func theLongestRecordIsAQuarterOfTheRingAndAtMost512Slots() throws {
    for (capacity, longest) in [(64, 16), (1024, 256), (2048, 512), (8192, 512)] {
      let ring = try SharedRing.inProcess(capacity: capacity)
      var producer = ring.producer()
      #expect(throws: RingError.recordTooLong(slots: longest + 1, maximum: longest)) {
        _ = try publish(slots: longest + 1, to: &producer)
      }
      #expect(producer.position == 0)
      #expect(try publish(slots: longest, to: &producer) == 0)
      #expect(ring.consumer().producerCounters().full == 0)
    }
  }

  @Test func roomComesBackWithTheReleaseAndNotBefore() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    var consumer = ring.consumer()
    for _ in 0..<64 { _ = producer.tryPublish(payload) }
    for _ in 0..<63 { consumer.advance() }
    #expect(consumer.released == 0)
    #expect(producer.tryPublish(payload) == nil)
    consumer.release()
    #expect(consumer.released == 63)
    #expect(producer.tryPublish(payload) == 64)
    #expect(producer.unreleased == 2)
  }

  @Test func aBusyConsumerReleasesNowAndThenByItself() throws {
    let ring = try SharedRing.inProcess(capacity: 256)
    var producer = ring.producer()
    var consumer = ring.consumer()
    for _ in 0..<256 { _ = producer.tryPublish(payload) }
    var releases = 0
    for _ in 0..<256 {
      let before = consumer.released
      consumer.advance()
      if consumer.released != before { releases += 1 }
      #expect(consumer.position - consumer.released < 64)
    }
    #expect(releases == 4)
    #expect(producer.tryPublish(payload) == 256)
  }
}
