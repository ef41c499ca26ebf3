/// The connections that have yet to say who they are. There are only so many, and nobody's can keep another user's out:
/// one that is too many takes the place of the oldest of the user who has most of them.
struct Greeters {
  private struct Greeter {
    let descriptor: Int32
    let uid: UInt32
    let deadlineNs: UInt64
  }

  static let maximum = 64
  /// How long a connection may take to say who it is.
  static let patienceNs: UInt64 = 5_000_000_000

  /// The oldest first.
  private var waiting: [Greeter] = []

  /// - Parameter nowNs: CLOCK_BOOTTIME, as in `takeLate`.
  mutating func insert(_ descriptor: Int32, uid: UInt32, nowNs: UInt64) {
    waiting.append(Greeter(descriptor: descriptor, uid: uid, deadlineNs: nowNs + Self.patienceNs))
  }

  mutating func remove(_ descriptor: Int32) {
    waiting.removeAll { $0.descriptor == descriptor }
  }

  /// Which one has to go; nil while there is room for all.
  var surplus: Int32? {
    guard waiting.count > Self.maximum else { return nil }
    var counts: [UInt32: Int] = [:]
    for greeter in waiting { counts[greeter.uid, default: 0] += 1 }
    let most = counts.values.max()
    return waiting.first { counts[$0.uid] == most }?.descriptor
  }

  /// Those whose time is over, the oldest first.
  func late(nowNs: UInt64) -> [Int32] {
    waiting.prefix { $0.deadlineNs < nowNs }.map(\.descriptor)
  }
}
