import CRingmaster
import CRingperf
import EventModel
import Platform
import RingmasterClient

/// From an event's intended moment of sending to the last record of its result, through a real dispatcher process.
///
/// Events are due at a fixed rate whether or not earlier ones have been answered, and each counts from the moment it was
/// due: a dispatcher that stalls is charged for everything that waited meanwhile.
final class DispatchBenchmark {
  private let dispatcher: DispatcherUnderTest
  private var peer: Attachment
  private let workers: [WorkerHandle]
  private let rate: Double
  private let events: Int
  private let clock: TickClock
  private let ticks: UnsafeMutableBufferPointer<UInt64>

  private static let workerCount = 1000
  private static let ringCapacity = 16_384

  /// - Parameters:
  ///   - rate: events a second.
  ///   - events: in a round.
  init(rate: Double, events: Int, cpus: CPUList, clock: TickClock) throws {
    dispatcher = try DispatcherUnderTest(cpus: cpus.other)
    workers = try dispatcher.registerWorkers(Self.workerCount)
    peer = try dispatcher.attach(
      role: .control, name: "ringperf-dispatch", submissionCapacity: Self.ringCapacity,
      resultCapacity: Self.ringCapacity)
    self.rate = rate
    self.events = events
    self.clock = clock
    ticks = .allocate(capacity: events)
    ticks.initialize(repeating: 0)
  }

  deinit {
    ticks.deallocate()
  }

  func round() throws -> LatencyRecorder {
    let interval = clock.ticksPerNs * 1e9 / rate
    var firstPosition: UInt64 = 0
    var sent = 0
    var answered = 0
    var recordsLeft: UInt32 = 0
    var current = 0
    let start = rp_ticks() &+ clock.ticks(ns: 1_000_000)
    func due(_ index: Int) -> UInt64 { start &+ UInt64(Double(index) * interval) }
    var nextDue = start
    while answered < events {
      if sent < events, rp_ticks() >= nextDue {
        // A full ring is tried again; the moment it was due stays.
        if let id = peer.submission.publishHeartbeatWantingResult(workers[sent % workers.count]) {
          peer.submission.flush()
          if sent == 0 { firstPosition = id.position }
          sent += 1
          nextDue = due(sent)
        }
      }
      guard let payload = try peer.results.nextHead() else {
        rm_pause()
        continue
      }
      let kind = UInt32(truncatingIfNeeded: payload.words.0 & 0xFF)
      if kind == RM_KIND_TRANSACTION {
        let transaction = unsafeBitCast(payload, to: rm_transaction_head.self)
        guard transaction.outcome == 0 else { throw BenchmarkError("the dispatcher did not apply an event") }
        current = Int(transaction.origin_position &- firstPosition)
        recordsLeft = transaction.action_count &+ transaction.kill_count
      } else if kind == RM_KIND_ACTION || kind == RM_KIND_KILL {
        recordsLeft &-= 1
      } else {
        throw BenchmarkError("a record of kind \(kind) on the result ring: results were lost")
      }
      guard recordsLeft == 0 else { continue }
      guard current >= 0, current < sent else { throw BenchmarkError("a result for no event of this round") }
      ticks[current] = rp_ticks() &- due(current)
      answered += 1
    }
    var recorder = LatencyRecorder()
    for value in ticks { recorder.record(ns: clock.ns(value)) }
    return recorder
  }
}
