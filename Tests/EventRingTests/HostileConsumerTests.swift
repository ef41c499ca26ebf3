import CRingmaster
import EventRing
import SeededRandom
import Testing

/// What a consumer can do to its producer: stop the ring.
@Suite struct HostileConsumerTests {
  private let payload = rm_payload(words: (1, 0, 0, 0, 0, 0, 0))

  @Test(arguments: [65, 66, 128, 1 << 40, UInt64.max, UInt64.max - 64])
  func aReleaseBeyondWhatWasPublishedIsIgnored(claimed: UInt64) throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    for _ in 0..<64 { _ = producer.tryPublish(payload) }
    RingPlace(ring).scribble(claimed, at: Int(RM_RELEASED_OFFSET))
    #expect(producer.tryPublish(payload) == nil)
    #expect(producer.unreleased == 64)
    RingPlace(ring).scribble(64, at: Int(RM_RELEASED_OFFSET))
    #expect(producer.tryPublish(payload) == 64)
  }

  @Test func aReleaseThatGoesBackIsIgnored() throws {
    let ring = try SharedRing.inProcess(capacity: 64)
    var producer = ring.producer()
    for _ in 0..<64 { _ = producer.tryPublish(payload) }
    RingPlace(ring).scribble(40, at: Int(RM_RELEASED_OFFSET))
    #expect(producer.tryPublish(payload) == 64)
    RingPlace(ring).scribble(3, at: Int(RM_RELEASED_OFFSET))
    for position in 65..<104 { #expect(producer.tryPublish(payload) == UInt64(position)) }
    #expect(producer.tryPublish(payload) == nil)
    #expect(producer.unreleased == 64)
  }

  @Test func randomReleasesNeverGiveMoreRoomThanWasReleased() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let memory = try FencedMemory(capacity: 64)
    var writer = NumberedWriter(RingProducer(base: memory.base, layout: memory.layout))
    // The highest release that can be believed: one that was published.
    var highest: UInt64 = 0
    for _ in 0..<50_000 {
      let next = writer.producer.position
      let claimed =
        switch Int.random(in: 0..<4, using: &random) {
        case 0: UInt64.random(in: 0 ... .max, using: &random)
        case 1: next &+ UInt64.random(in: 1...200, using: &random)
        case 2: UInt64.random(in: 0...next, using: &random)
        default: next - UInt64.random(in: 0...min(next, 64), using: &random)
        }
      memory.base.storeBytes(of: claimed, toByteOffset: Int(RM_RELEASED_OFFSET), as: UInt64.self)
      if claimed <= next { highest = max(highest, claimed) }
      _ = try writer.writeOne()
      guard writer.producer.position - highest <= 64, writer.producer.unreleased <= 64 else {
        Issue.record("seed \(seed): \(writer.producer.position) written and \(highest) released")
        return
      }
    }
    #expect(writer.nextNumber > 1000, "seed \(seed)")
  }
}
