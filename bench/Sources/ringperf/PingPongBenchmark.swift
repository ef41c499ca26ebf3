import CRingmaster
import CRingperf
import EventRing
import Platform

/// Round trips over two rings, one each way.
final class PingPongBenchmark {
  private let partner: Partner
  private let names: [String]
  private let there: SharedRing
  private let back: SharedRing
  private let producer: UnsafeMutablePointer<RingProducer>
  private let consumer: UnsafeMutablePointer<RingConsumer>
  private let ticks: UnsafeMutableBufferPointer<UInt64>
  private let clock: TickClock

  init(capacity: Int, rounds: Int, cpus: CPUList, threads: Bool, clock: TickClock) throws {
    partner = try Partner.start(cpus: cpus.other, asThread: threads)
    names = [ObjectNames.next("ring"), ObjectNames.next("ring")]
    there = try SharedRing.create(
      name: names[0], capacity: capacity, owner: RingOwner(peer: 1), direction: RM_SUBMISSION)
    back = try SharedRing.create(name: names[1], capacity: capacity, owner: RingOwner(peer: 1), direction: RM_RESULT)
    producer = .allocate(capacity: 1)
    producer.initialize(to: there.producer())
    consumer = .allocate(capacity: 1)
    consumer.initialize(to: back.consumer())
    ticks = .allocate(capacity: rounds)
    ticks.initialize(repeating: 0)
    self.clock = clock
  }

  deinit {
    producer.deallocate()
    consumer.deallocate()
    ticks.deallocate()
    for name in names { SharedMemory.unlink(name: name) }
  }

  func round() throws -> LatencyRecorder {
    try partner.prepare(PartnerTask(work: .answer, rings: names, records: UInt64(ticks.count)))
    partner.begin()
    PingPongWork.ask(producer, consumer, ticks: ticks)
    partner.waitUntilDone()
    return LatencyRecorder(ticks: UnsafeBufferPointer(ticks), clock: clock)
  }
}

extension LatencyRecorder {
  /// Round trips as they were timed; the first holds the start of the other side and is left out.
  init(ticks: UnsafeBufferPointer<UInt64>, clock: TickClock) {
    self.init()
    for value in ticks.dropFirst() { record(ns: clock.ns(value)) }
  }
}
