import Platform
import RingmasterClient

/// The wait for room in a full submission ring: bounded over all heartbeats of one receive call, so that a dispatcher
/// that stands still costs each batch one wait and not one a heartbeat.
struct RoomWait {
  private let limitNs: UInt64
  private var startNs: UInt64?
  private var turns = 0

  init(limitNs: UInt64 = UDPIngestLimits.fullRingWaitNs) {
    self.limitNs = limitNs
  }

  /// Waits a little.
  ///
  /// - Returns: whether to try again; false when the time is over or the dispatcher is gone.
  mutating func wait(_ port: borrowing SubmissionPort, _ link: borrowing ControlLink) -> Bool {
    let nowNs = Clock.monotonicNs()
    guard let startNs else {
      // Who sleeps cannot make room.
      port.flush()
      startNs = nowNs
      Machine.yield()
      return true
    }
    guard nowNs &- startNs < limitNs else { return false }
    turns += 1
    if turns <= UDPIngestLimits.fullRingYields {
      Machine.yield()
      return true
    }
    return !Poll.readable(link.descriptor, timeoutUs: UDPIngestLimits.fullRingNapUs)
  }
}
