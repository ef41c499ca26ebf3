import CRingmaster
import EventModel
import Platform

/// Heartbeats that a real dispatcher process applies, by its own counter, from peers that use the client library.
final class HeartbeatBenchmark {
  let workers: Int
  private let dispatcher: DispatcherUnderTest
  /// nil when other processes feed.
  private var feeder: HeartbeatFeeder?
  private let feeding: [[String]]
  private let cpus: CPUList
  private let never: Doorbell

  private static let settleNs: UInt64 = 100_000_000
  private static let startLimitNs: UInt64 = 5_000_000_000
  private static let pollUs: Int64 = 1000

  /// - Parameters:
  ///   - feeders: processes that send, each with `peers` rings; 1 is this process itself.
  ///   - shuffled: heartbeats come in an order that no prefetcher guesses, as from a real fleet.
  init(workers: Int, peers: Int, capacity: Int, feeders: Int = 1, shuffled: Bool, cpus: CPUList) throws {
    self.workers = workers
    self.cpus = cpus
    never = try Doorbell()
    dispatcher = try DispatcherUnderTest(cpus: cpus.other)
    let handles = try dispatcher.registerWorkers(workers)
    let path = dispatcher.socketPath
    if feeders == 1 {
      feeder = try HeartbeatFeeder(
        socketPath: path, handles: handles, peers: peers, capacity: capacity, seed: shuffled ? 1 : nil)
      feeding = []
    } else {
      feeder = nil
      feeding = (1...feeders).map { number in
        [
          Executable.own, "feed", "--socket", path, "--workers", "\(workers)", "--peers", "\(peers)", "--capacity",
          "\(capacity)",
        ] + (shuffled ? ["--seed", "\(number)"] : [])
      }
    }
  }

  /// - Returns: heartbeats applied a second.
  func round(durationNs: UInt64) throws -> Double {
    let children = try feeding.map { try ChildProcess.start($0, cpus: cpus.own) }
    defer { children.forEach { $0.terminate() } }
    if !children.isEmpty { try waitUntilFed() }
    feed(forNs: Self.settleNs)
    let before = try dispatcher.counter("heartbeats_applied")
    let startNs = Clock.monotonicNs()
    feed(forNs: durationNs)
    let endNs = Clock.monotonicNs()
    let after = try dispatcher.counter("heartbeats_applied")
    let refused = try dispatcher.counter("heartbeats_refused")
    guard refused == 0 else { throw BenchmarkError("the dispatcher refused \(refused) heartbeats") }
    return Double(after - before) / (Double(endNs - startNs) / 1e9)
  }

  /// The other processes have begun.
  private func waitUntilFed() throws {
    let before = try dispatcher.counter("heartbeats_applied")
    let deadlineNs = Clock.monotonicNs() + Self.startLimitNs
    while try dispatcher.counter("heartbeats_applied") == before {
      guard Clock.monotonicNs() < deadlineNs else { throw BenchmarkError("no process sent a heartbeat") }
      _ = Poll.readable(never.descriptor.raw, timeoutUs: Self.pollUs)
    }
  }

  private func feed(forNs durationNs: UInt64) {
    let deadlineNs = Clock.monotonicNs() + durationNs
    if feeding.isEmpty {
      feeder?.feed(untilNs: deadlineNs)
      return
    }
    while true {
      let nowNs = Clock.monotonicNs()
      guard nowNs < deadlineNs else { return }
      _ = Poll.readable(never.descriptor.raw, timeoutUs: Int64((deadlineNs - nowNs) / 1000) + 1)
    }
  }
}
