import CRingmaster
import EventModel
import Platform
import RingmasterClient

/// Heartbeats that a real dispatcher process applies, by its own counter, from peers that use the client library.
final class HeartbeatBenchmark {
  let workers: Int
  private let dispatcher: DispatcherUnderTest
  private let peers: UnsafeMutablePointer<Attachment>
  private let peerCount: Int
  private let handles: [WorkerHandle]
  private var next = 0

  private static let burst = 256
  private static let settleNs: UInt64 = 100_000_000

  /// - Parameter shuffled: heartbeats come in an order that no prefetcher guesses, as from a real fleet.
  init(workers: Int, peers count: Int, capacity: Int, shuffled: Bool, cpus: CPUList) throws {
    self.workers = workers
    dispatcher = try DispatcherUnderTest(cpus: cpus.other)
    var handles = try dispatcher.registerWorkers(workers)
    if shuffled {
      var generator = SplitMix64(seed: 1)
      handles.shuffle(using: &generator)
    }
    self.handles = handles
    peerCount = count
    peers = .allocate(capacity: count)
    for index in 0..<count {
      (peers + index).initialize(
        to: try dispatcher.attach(role: .ingest, name: "ringperf-\(index)", submissionCapacity: capacity))
    }
  }

  deinit {
    peers.deinitialize(count: peerCount)
    peers.deallocate()
  }

  /// - Returns: heartbeats applied a second.
  func round(durationNs: UInt64) throws -> Double {
    feed(untilNs: Clock.monotonicNs() + Self.settleNs)
    let before = try dispatcher.counter("heartbeats_applied")
    let startNs = Clock.monotonicNs()
    feed(untilNs: startNs + durationNs)
    let endNs = Clock.monotonicNs()
    let after = try dispatcher.counter("heartbeats_applied")
    let refused = try dispatcher.counter("heartbeats_refused")
    guard refused == 0 else { throw BenchmarkError("the dispatcher refused \(refused) heartbeats") }
    return Double(after - before) / (Double(endNs - startNs) / 1e9)
  }

  private func feed(untilNs deadlineNs: UInt64) {
    handles.withUnsafeBufferPointer { handles in
      var nowNs = Clock.monotonicNs()
      while nowNs < deadlineNs {
        let stampNs = Clock.bootNs()
        var published = 0
        for index in 0..<peerCount {
          var left = Self.burst
          while left > 0, peers[index].submission.publishHeartbeat(handles[next], timestampNs: stampNs) {
            next = next + 1 == handles.count ? 0 : next + 1
            left -= 1
          }
          published += Self.burst - left
          peers[index].submission.flush()
        }
        if published == 0 { rm_pause() }
        nowNs = Clock.monotonicNs()
      }
    }
  }
}

/// The same numbers for the same seed, on every machine.
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
