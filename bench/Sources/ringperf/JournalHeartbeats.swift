import EventModel
import Platform
import RingmasterClient

/// Heartbeats that a dispatcher applies while somebody else changes state all the time, so that its journal, if it keeps
/// one, commits all the time.
final class JournalHeartbeats {
  private let dispatcher: DispatcherUnderTest
  private var feeder: HeartbeatFeeder
  private var changer: Attachment
  private let changed: WorkerHandle
  private var underWay = 0
  private(set) var changes = 0

  private static let workerCount = 100_000
  private static let settleNs: UInt64 = 100_000_000
  /// Between two looks at the results of the changes.
  private static let sliceNs: UInt64 = 500_000

  init(folder: String?, cpus: CPUList) throws {
    dispatcher = try DispatcherUnderTest(cpus: cpus.other, journalParent: folder)
    let handles = try dispatcher.registerWorkers(Self.workerCount + 1)
    changed = handles[Self.workerCount]
    feeder = try HeartbeatFeeder(
      socketPath: dispatcher.socketPath, handles: Array(handles.dropLast()), peers: 1, capacity: 4096, seed: 1)
    changer = try dispatcher.attach(role: .control, name: "ringperf-changer")
  }

  /// - Returns: heartbeats applied a second.
  func round(durationNs: UInt64) throws -> Double {
    try feed(forNs: Self.settleNs)
    let before = try dispatcher.counter("heartbeats_applied")
    let startNs = Clock.monotonicNs()
    try feed(forNs: durationNs)
    let seconds = Double(Clock.monotonicNs() - startNs) / 1e9
    return Double(try dispatcher.counter("heartbeats_applied") - before) / seconds
  }

  private func feed(forNs durationNs: UInt64) throws {
    let endNs = Clock.monotonicNs() + durationNs
    while Clock.monotonicNs() < endNs {
      feeder.feed(untilNs: Clock.monotonicNs() + Self.sliceNs)
      while let message = try changer.results.next() {
        guard case .result = message else { continue }
        underWay -= 1
        changes += 1
      }
      guard underWay == 0 else { continue }
      if try changer.submission.publish(.workerHeartbeatFailed(.handle(changed)), wantsResult: true) != nil {
        underWay += 1
      }
      changer.submission.flush()
    }
  }
}
