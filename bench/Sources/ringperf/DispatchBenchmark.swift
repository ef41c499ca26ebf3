import CRingmaster
import CRingperf
import EventModel
import Platform

/// From an event's intended moment of sending to the last record of its result, through a real dispatcher process.
///
/// Events are due at a fixed rate whether or not earlier ones have been answered, and each counts from the moment it was
/// due: a dispatcher that stalls is charged for everything that waited meanwhile.
final class DispatchBenchmark {
  private let dispatcher: DispatcherUnderTest
  private var peer: RawPeer
  private let workers: [WorkerHandle]
  private let rate: Double
  private let events: Int
  private let clock: TickClock
  private let ticks: UnsafeMutableBufferPointer<UInt64>

  private static let workerCount = 1000
  private static let ringCapacity: UInt32 = 16_384

  /// - Parameters:
  ///   - rate: events a second.
  ///   - events: in a round.
  init(rate: Double, events: Int, cpus: CPUList, clock: TickClock) throws {
    dispatcher = try DispatcherUnderTest(cpus: cpus.other)
    workers = try dispatcher.registerWorkers(Self.workerCount)
    peer = try RawPeer.attach(
      socketPath: dispatcher.socketPath, submissionCapacity: Self.ringCapacity, resultCapacity: Self.ringCapacity)
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
    let firstPosition = peer.producer.position
    var head = rm_event_head()
    head.kind = EventKind.workerHeartbeat.rawValue
    head.flags = UInt8(RM_FLAG_WANTS_RESULT)
    head.slots = 1
    var sent = 0
    var answered = 0
    var recordsLeft: UInt32 = 0
    var current = 0
    let start = rp_ticks() &+ clock.ticks(ns: 1_000_000)
    func due(_ index: Int) -> UInt64 { start &+ UInt64(Double(index) * interval) }
    var nextDue = start
    while answered < events {
      if sent < events, rp_ticks() >= nextDue {
        head.subject = workers[sent % workers.count].rawValue
        // A full ring is tried again; the moment it was due stays.
        if peer.producer.tryPublish(head) != nil {
          peer.flush()
          sent += 1
          nextDue = due(sent)
        }
      }
      guard let payload = peer.consumer.head(as: rm_payload.self) else {
        rm_pause()
        continue
      }
      let slots = Int(unsafeBitCast(payload, to: rm_result_head.self).slots)
      peer.consumer.advance(by: slots)
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
    peer.consumer.release()
    var recorder = LatencyRecorder()
    for value in ticks { recorder.record(ns: clock.ns(value)) }
    return recorder
  }
}
