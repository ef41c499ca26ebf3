import CRingmaster
import CRingperf
import EventRing
import Platform

/// Throughput: another process publishes to one or many rings, this one takes everything out and checks it.
final class StreamBenchmark {
  private let partner: Partner
  private let names: [String]
  private let rings: UnsafeMutablePointer<SharedRing>
  private let consumers: UnsafeMutablePointer<RingConsumer>
  private let records: UInt64
  private let batch: Int
  private let clock: TickClock

  /// - Parameters:
  ///   - records: in each ring, a round.
  ///   - batch: records to or from one ring before the next.
  ///   - producers: rings; the partner serves all of them in turn.
  init(
    capacity: Int, records: Int, batch: Int, producers: Int, cpus: CPUList, threads: Bool, clock: TickClock
  ) throws {
    partner = try Partner.start(cpus: cpus.other, asThread: threads)
    names = (0..<producers).map { _ in ObjectNames.next("ring") }
    self.records = UInt64(records)
    self.batch = batch
    self.clock = clock
    rings = .allocate(capacity: producers)
    consumers = .allocate(capacity: producers)
    for (index, name) in names.enumerated() {
      let ring = try SharedRing.create(
        name: name, capacity: capacity, owner: RingOwner(peer: UInt32(index)), direction: RM_SUBMISSION)
      (consumers + index).initialize(to: ring.consumer())
      (rings + index).initialize(to: ring)
    }
  }

  deinit {
    consumers.deinitialize(count: names.count)
    rings.deinitialize(count: names.count)
    consumers.deallocate()
    rings.deallocate()
    for name in names { SharedMemory.unlink(name: name) }
  }

  /// - Returns: messages a second.
  func round() throws -> Double {
    try partner.prepare(PartnerTask(work: .produce, rings: names, records: records, batch: batch))
    let start = rp_ticks()
    partner.begin()
    let sum = StreamWork.consume(consumers, count: names.count, records: records, batch: batch)
    let end = rp_ticks()
    partner.waitUntilDone()
    let expected = UInt64(names.count) &* (records &* (records &- 1) / 2)
    guard sum == expected else {
      throw BenchmarkError("records were lost or changed: their numbers add up to \(sum), not \(expected)")
    }
    return Double(records) * Double(names.count) / (Double(end &- start) / clock.ticksPerNs / 1e9)
  }
}
