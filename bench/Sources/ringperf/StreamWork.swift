import CRingmaster
import EventRing

/// The two sides of the throughput benchmark. The ring's calls are inlined here from `EventRing`: look for calls in the
/// disassembly of these two functions and there are none but the counting of a full ring.
enum StreamWork {
  typealias Producers = UnsafeMutableBufferPointer<UnsafeMutablePointer<RingProducer>>
  typealias Consumers = UnsafeMutablePointer<RingConsumer>

  /// Publishes `records` to each ring, `batch` at a time to one before the next. Each record bears its number.
  static func produce(_ producers: Producers, records: UInt64, batch: Int) {
    if producers.count == 1 {
      produce(producers[0], records: records)
      return
    }
    var next: UInt64 = 0
    var payload = rm_payload()
    while next < records {
      let end = min(next &+ UInt64(batch), records)
      for index in 0..<producers.count {
        var number = next
        while number < end {
          payload.words.0 = number
          if producers[index].pointee.tryPublish(payload) != nil { number &+= 1 } else { rm_pause() }
        }
      }
      next = end
    }
  }

  /// The producer is moved into a local, so that its position lives in a register: a store to any other line between those
  /// to the slots keeps the processor from merging them.
  private static func produce(_ owner: UnsafeMutablePointer<RingProducer>, records: UInt64) {
    var producer = owner.move()
    var next: UInt64 = 0
    var payload = rm_payload()
    while next < records {
      payload.words.0 = next
      if producer.tryPublish(payload) != nil { next &+= 1 } else { rm_pause() }
    }
    owner.initialize(to: producer)
  }

  /// Takes `records` from each of `count` rings, up to `batch` from one before the next.
  ///
  /// - Returns: the sum of the numbers.
  static func consume(_ consumers: Consumers, count: Int, records: UInt64, batch: Int) -> UInt64 {
    if count == 1 { return consume(consumers, records: records) }
    var left = records &* UInt64(count)
    var sum: UInt64 = 0
    while left > 0 {
      var taken: UInt64 = 0
      for index in 0..<count {
        var room = batch
        while room > 0, let payload = consumers[index].head(as: rm_payload.self) {
          sum &+= payload.words.0
          consumers[index].advance()
          taken &+= 1
          room -= 1
        }
      }
      if taken == 0 { rm_pause() }
      left &-= taken
    }
    for index in 0..<count { consumers[index].release() }
    return sum
  }

  private static func consume(_ owner: Consumers, records: UInt64) -> UInt64 {
    var consumer = owner.move()
    var left = records
    var sum: UInt64 = 0
    while left > 0 {
      guard let payload = consumer.head(as: rm_payload.self) else {
        rm_pause()
        continue
      }
      sum &+= payload.words.0
      consumer.advance()
      left &-= 1
    }
    consumer.release()
    owner.initialize(to: consumer)
    return sum
  }
}
