import Controller
import EventModel

/// Neighbouring plain heartbeats of one ring, copied out of it and not applied yet.
struct HeartbeatBatch: ~Copyable {
  /// So many that the cache misses of their workers' rows are waited for together, and so few that the processor has
  /// them all under way.
  static let capacity = 16

  /// The first `count` are in use.
  private(set) var heartbeats = InlineArray<16, Heartbeat>(repeating: Heartbeat(worker: .none, timeMs: 0))
  private(set) var count = 0
  /// Of the first one in its ring.
  private(set) var firstPosition: UInt64 = 0

  @inline(__always)
  var isEmpty: Bool {
    count == 0
  }

  @inline(__always)
  var isFull: Bool {
    count == Self.capacity
  }

  /// - Parameter position: behind that of the last one.
  @inline(__always)
  mutating func append(worker: UInt64, timeMs: Int64, at position: UInt64) {
    if count == 0 { firstPosition = position }
    heartbeats[count] = Heartbeat(worker: WorkerHandle(rawValue: worker), timeMs: timeMs)
    count += 1
  }

  @inline(__always)
  mutating func removeAll() {
    count = 0
  }
}
