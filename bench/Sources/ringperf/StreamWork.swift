import CRingmaster
import EventRing

/// The two sides of the throughput benchmark. The ring's calls are inlined here from `EventRing`: look for calls in the
/// disassembly of these functions and there are none but the counting of a full ring. `.ci/check-hot-loops` does.
///
/// Ends are moved into locals, so that positions live in registers: a store to any other line between those to the slots
/// costs the core half of the stores it has under way.
enum StreamWork {
  typealias Producers = UnsafeMutableBufferPointer<UnsafeMutablePointer<RingProducer>>
  typealias Consumers = UnsafeMutablePointer<RingConsumer>

  /// Publishes `records` to each ring, `batch` at a time to one before the next. Each record bears its number.
  static func produce(_ producers: Producers, records: UInt64, batch: Int) {
    if producers.count == 1, batch == 1 { return produceSingly(producers[0], records: records) }
    let batch = min(batch, producers[0].pointee.layout.maximumRecordSlots)
    if producers.count == 1 { return produceBatches(producers[0], records: records, batch: batch) }
    var next: UInt64 = 0
    while next < records {
      let count = Int(truncatingIfNeeded: min(UInt64(truncatingIfNeeded: batch), records &- next))
      for index in 0..<producers.count { publish(count, from: next, to: &producers[index].pointee) }
      next = next &+ UInt64(truncatingIfNeeded: count)
    }
  }

  @inline(__always)
  private static func publish(_ count: Int, from number: UInt64, to producer: inout RingProducer) {
    while producer.tryPublish(records: count, { payload(number &+ UInt64(truncatingIfNeeded: $0)) }) == nil {
      rm_pause()
    }
  }

  @inline(__always)
  private static func payload(_ number: UInt64) -> rm_payload {
    rm_payload(words: (number, 0, 0, 0, 0, 0, 0))
  }

  @inline(never)
  private static func produceSingly(_ owner: UnsafeMutablePointer<RingProducer>, records: UInt64) {
    var producer = owner.move()
    var next: UInt64 = 0
    while next < records {
      if producer.tryPublish(payload(next)) != nil { next &+= 1 } else { rm_pause() }
    }
    owner.initialize(to: producer)
  }

  @inline(never)
  private static func produceBatches(_ owner: UnsafeMutablePointer<RingProducer>, records: UInt64, batch: Int) {
    var producer = owner.move()
    var next: UInt64 = 0
    while next < records {
      let count = min(UInt64(truncatingIfNeeded: batch), records &- next)
      publish(Int(truncatingIfNeeded: count), from: next, to: &producer)
      next &+= count
    }
    owner.initialize(to: producer)
  }

  /// Takes `records` from each of `count` rings, up to `batch` from one before the next.
  ///
  /// - Returns: the sum of the numbers.
  static func consume(_ consumers: Consumers, count: Int, records: UInt64, batch: Int) -> UInt64 {
    if count == 1, batch == 1 { return consumeSingly(consumers, records: records) }
    let room = UnsafeMutableBufferPointer<rm_payload>.allocate(
      capacity: min(batch, consumers[0].layout.maximumRecordSlots))
    defer { room.deallocate() }
    if count == 1 { return consumeBatches(consumers, records: records, into: room) }
    return consumeAll(consumers, count: count, records: records, into: room)
  }

  @inline(never)
  private static func consumeAll(
    _ consumers: Consumers, count: Int, records: UInt64, into room: UnsafeMutableBufferPointer<rm_payload>
  ) -> UInt64 {
    var left = records &* UInt64(count)
    var sum: UInt64 = 0
    while left > 0 {
      var taken: UInt64 = 0
      for index in 0..<count {
        // The next ring's line comes while this one is worked on.
        consumers[index &+ 1 == count ? 0 : index &+ 1].prefetch()
        taken &+= takeBatch(&consumers[index], &sum, into: room)
      }
      if taken == 0 { rm_pause() }
      left &-= taken
    }
    for index in 0..<count { consumers[index].release() }
    return sum
  }

  @inline(__always)
  private static func takeBatch(
    _ consumer: inout RingConsumer, _ sum: inout UInt64, into room: UnsafeMutableBufferPointer<rm_payload>
  ) -> UInt64 {
    let count = consumer.copyPublished(into: room)
    for index in 0..<count { sum &+= room[index].words.0 }
    consumer.advance(by: count)
    return UInt64(truncatingIfNeeded: count)
  }

  @inline(never)
  private static func consumeBatches(
    _ owner: Consumers, records: UInt64, into room: UnsafeMutableBufferPointer<rm_payload>
  ) -> UInt64 {
    var consumer = owner.move()
    var left = records
    var sum: UInt64 = 0
    while left > 0 {
      let taken = takeBatch(&consumer, &sum, into: room)
      if taken == 0 { rm_pause() }
      left &-= taken
    }
    consumer.release()
    owner.initialize(to: consumer)
    return sum
  }

  @inline(never)
  private static func consumeSingly(_ owner: Consumers, records: UInt64) -> UInt64 {
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
