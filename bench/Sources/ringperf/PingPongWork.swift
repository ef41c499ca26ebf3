import CRingmaster
import CRingperf
import EventRing

/// The two sides of the round-trip benchmark.
enum PingPongWork {
  /// Publishes a record, waits for the answer, publishes the next.
  ///
  /// - Parameter ticks: gets the time of each round trip, from the answer before to this one; one reading of the counter
  ///   for each is part of it.
  static func ask(
    _ producer: UnsafeMutablePointer<RingProducer>, _ consumer: UnsafeMutablePointer<RingConsumer>,
    ticks: UnsafeMutableBufferPointer<UInt64>
  ) {
    var payload = rm_payload()
    var before = rp_ticks()
    for index in 0..<ticks.count {
      payload.words.0 = UInt64(truncatingIfNeeded: index)
      while producer.pointee.tryPublish(payload) == nil { rm_pause() }
      while consumer.pointee.head(as: rm_payload.self) == nil { rm_pause() }
      consumer.pointee.advance()
      let now = rp_ticks()
      ticks[index] = now &- before
      before = now
    }
    consumer.pointee.release()
  }

  static func answer(
    _ consumer: UnsafeMutablePointer<RingConsumer>, _ producer: UnsafeMutablePointer<RingProducer>, rounds: UInt64
  ) {
    var left = rounds
    while left > 0 {
      guard let payload = consumer.pointee.head(as: rm_payload.self) else {
        rm_pause()
        continue
      }
      consumer.pointee.advance()
      while producer.pointee.tryPublish(payload) == nil { rm_pause() }
      left &-= 1
    }
    consumer.pointee.release()
  }
}
