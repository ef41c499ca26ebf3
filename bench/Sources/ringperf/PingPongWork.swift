import CRingmaster
import CRingperf
import EventRing

/// The two sides of the round-trip benchmark. Ends are moved into locals, as in `StreamWork`.
enum PingPongWork {
  /// Publishes a record, waits for the answer, publishes the next.
  ///
  /// - Parameter ticks: gets the time of each round trip, from the answer before to this one; one reading of the counter
  ///   for each is part of it.
  static func ask(
    _ producerOwner: UnsafeMutablePointer<RingProducer>, _ consumerOwner: UnsafeMutablePointer<RingConsumer>,
    ticks: UnsafeMutableBufferPointer<UInt64>
  ) {
    var producer = producerOwner.move()
    var consumer = consumerOwner.move()
    var before = rp_ticks()
    for index in 0..<ticks.count {
      let payload = rm_payload(words: (UInt64(truncatingIfNeeded: index), 0, 0, 0, 0, 0, 0))
      while producer.tryPublish(payload) == nil { rm_pause() }
      while consumer.head(as: rm_payload.self) == nil { rm_pause() }
      consumer.advance()
      let now = rp_ticks()
      ticks[index] = now &- before
      before = now
    }
    consumer.release()
    producerOwner.initialize(to: producer)
    consumerOwner.initialize(to: consumer)
  }

  static func answer(
    _ consumerOwner: UnsafeMutablePointer<RingConsumer>, _ producerOwner: UnsafeMutablePointer<RingProducer>,
    rounds: UInt64
  ) {
    var producer = producerOwner.move()
    var consumer = consumerOwner.move()
    var left = rounds
    while left > 0 {
      guard let payload = consumer.head(as: rm_payload.self) else {
        rm_pause()
        continue
      }
      consumer.advance()
      while producer.tryPublish(payload) == nil { rm_pause() }
      left &-= 1
    }
    consumer.release()
    producerOwner.initialize(to: producer)
    consumerOwner.initialize(to: consumer)
  }
}
