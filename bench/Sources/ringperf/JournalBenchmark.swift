import CRingmaster
import CRingperf
import EventModel
import Platform
import RingmasterClient

/// State-changing events that a real dispatcher process with a journal makes durable, from clients that each await the
/// results of a batch before they send the next.
///
/// An event is a failed heartbeat: the smallest that changes state, so that the journal is most of the work. One thread of
/// this process drives all clients.
final class JournalBenchmark {
  let clients: Int
  let batch: Int
  private let dispatcher: DispatcherUnderTest
  private let workers: [WorkerHandle]
  private let peers: UnsafeMutableBufferPointer<Attachment>
  private let clock: TickClock
  private var nextWorker = 0

  private static let workerCount = 1000

  /// - Parameters:
  ///   - folder: where the journal is to be.
  ///   - batch: events of one client under way.
  init(clients: Int, batch: Int, folder: String, cpus: CPUList, clock: TickClock) throws {
    self.clients = clients
    self.batch = batch
    self.clock = clock
    dispatcher = try DispatcherUnderTest(cpus: cpus.other, journalParent: folder)
    workers = try dispatcher.registerWorkers(Self.workerCount)
    // Results of three slots at most, twice over.
    var capacity = 1024
    while capacity < batch * 8 { capacity *= 2 }
    peers = .allocate(capacity: clients)
    for index in 0..<clients {
      (peers.baseAddress! + index).initialize(
        to: try dispatcher.attach(
          role: .control, name: "ringperf-journal-\(index)", submissionCapacity: capacity, resultCapacity: capacity))
    }
  }

  deinit {
    peers.deinitialize()
    peers.deallocate()
  }

  /// - Returns: events made durable a second.
  func round(durationNs: UInt64) throws -> Double {
    var inFlight = [Int](repeating: 0, count: clients)
    var answered = 0
    let startNs = Clock.monotonicNs()
    let endNs = startNs + durationNs
    var isOver = false
    while true {
      var open = 0
      for index in 0..<clients {
        if inFlight[index] == 0, !isOver {
          try publish(index)
          inFlight[index] = batch
        }
        let done = try results(index)
        inFlight[index] -= done
        answered += done
        open += inFlight[index]
      }
      if isOver && open == 0 { break }
      isOver = Clock.monotonicNs() >= endNs
    }
    return Double(answered) / (Double(Clock.monotonicNs() - startNs) / 1e9)
  }

  /// One event at a time.
  func latencies(events: Int) throws -> LatencyRecorder {
    var recorder = LatencyRecorder()
    for _ in 0..<events {
      let start = rp_ticks()
      try publish(0, count: 1)
      while try results(0) == 0 { rm_pause() }
      recorder.record(ns: clock.ns(rp_ticks() &- start))
    }
    return recorder
  }

  private func publish(_ index: Int, count: Int? = nil) throws {
    for _ in 0..<(count ?? batch) {
      let event = Event.workerHeartbeatFailed(.handle(workers[nextWorker]))
      nextWorker = nextWorker + 1 == workers.count ? 0 : nextWorker + 1
      guard try peers[index].submission.publish(event, wantsResult: true) != nil else {
        throw BenchmarkError("the submission ring is full")
      }
    }
    peers[index].submission.flush()
  }

  /// - Returns: results that came.
  private func results(_ index: Int) throws -> Int {
    var count = 0
    while let payload = try peers[index].results.nextHead() {
      let kind = UInt32(truncatingIfNeeded: payload.words.0 & 0xFF)
      guard kind != RM_KIND_OVERRUN else { throw BenchmarkError("results were lost") }
      guard kind == RM_KIND_TRANSACTION else { continue }
      let transaction = unsafeBitCast(payload, to: rm_transaction_head.self)
      guard transaction.outcome == 0, UInt32(transaction.promise) == RM_PROMISE_DURABLE else {
        throw BenchmarkError("an event was not applied, or its result is not durable")
      }
      count += 1
    }
    return count
  }
}
