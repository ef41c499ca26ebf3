import CRingmaster
import EventRing
import SeededRandom
import Testing

/// The published position in the ring's header: it lags by a known amount, and whoever goes on from it finds the rest.
@Suite struct PublishedPositionTests {
  private let payload = rm_payload(words: (1, 0, 0, 0, 0, 0, 0))

  private func stored(_ ring: borrowing SharedRing) -> UInt64 {
    rm_load_relaxed_u64(ring.memory.base + Int(RM_PUBLISHED_OFFSET))
  }

  @Test(arguments: [(64, 16), (128, 32), (256, 64), (4096, 64)])
  func itIsStoredEverySoManySlots(capacity: Int, interval: UInt64) throws {
    let ring = try SharedRing.inProcess(capacity: capacity)
    var producer = ring.producer()
    for _ in 0..<capacity {
      _ = producer.tryPublish(payload)
      #expect(stored(ring) == producer.position / interval * interval)
    }
  }

  @Test(arguments: [64, 256, 2048]) func aProducerThatComesBackFindsWhatWasNotAnnounced(capacity: Int) throws {
    let seed = UInt64.random(in: 0 ... .max)
    var random = SeededGenerator(seed: seed)
    let ring = try SharedRing.inProcess(capacity: capacity)
    let interval = min(UInt64(RM_PUBLISHED_LAG), UInt64(capacity) / 4)
    var reader = NumberedReader(ring.consumer())
    var number: UInt64 = 0
    var lagged = 0
    for _ in 0..<300 {
      // Each of these producers ends without a word, after some records and batches.
      var writer = NumberedWriter(ring.resumedProducer(), number: number)
      guard writer.producer.position == reader.consumer.position else {
        Issue.record("seed \(seed): \(writer.producer.position) after \(reader.consumer.position)")
        return
      }
      for _ in 0..<Int.random(in: 1...20, using: &random) {
        while try
          !(Bool.random(using: &random) ? writer.writeOne() : writer.writeBatch(Int.random(in: 1...9, using: &random)))
        {
          while try reader.readOne() {}
          reader.consumer.release()
        }
      }
      let lag = writer.producer.position - stored(ring)
      #expect(lag < interval + UInt64(ring.layout.maximumRecordSlots), "seed \(seed)")
      if lag > 0 { lagged += 1 }
      number = writer.nextNumber
      while try reader.readOne() {}
      reader.consumer.release()
    }
    #expect(lagged > 10, "seed \(seed)")
    #expect(reader.nextNumber == number, "seed \(seed)")
  }
}
