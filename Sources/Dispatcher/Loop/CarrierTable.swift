import CRingmaster
import ControlPlane
import DispatcherSettings
import EventModel

/// The peers that workers are heard of through, and how far these have heard themselves: the silence of workers whose ingest
/// is silent is not theirs. A worker's row has the number of its carrier.
///
/// Outside the state, as the heartbeats are that it rests on: a replay has neither, and what is not proposed because of it is
/// in no journal.
///
/// Invariant: no silence begins in the future, and none that is over ends there. The number of a peer is not given anew before
/// it has gone.
struct CarrierTable: ~Copyable {
  /// A peer, attached or gone, that workers were heard of through.
  private struct Carrier {
    let peer: UInt32
    let name: String
    /// Up to when it has published all that had come to it, on the controller's clock; nil when it does not say.
    var heardMs: Int64?
    /// It is silent, or gone, and has heard up to then.
    var silentSinceMs: Int64?
    /// The last silence that is over.
    var pastSilence: Range<Int64>?
    var isGone = false
    /// Times that it fell silent or was heard again since the last notice.
    var untoldChanges = 0
  }

  /// Notices about one carrier that there may be in a minute: its word is a peer's, and may change all the time.
  private static let noticesPerMinute = 6

  /// By number; the first is that of workers that nothing was heard of since the start.
  private var carriers = [Carrier(peer: 0, name: "")]
  private var newest = 0
  /// Of notices, by peer.
  private var rates = MinuteRates()

  /// - Returns: the number of a new peer: that of one that has long gone, once all were used.
  mutating func insert(peer: UInt32, name: String) -> UInt16 {
    let carrier = Carrier(peer: peer, name: name)
    if carriers.count <= Int(UInt16.max) {
      carriers.append(carrier)
      newest = carriers.count - 1
    } else {
      // There are more numbers than peers that can be attached.
      repeat { newest = newest % Int(UInt16.max) + 1 } while !carriers[newest].isGone
      carriers[newest] = carrier
    }
    assert(newest > 0 && carriers[newest].peer == peer)
    return UInt16(newest)
  }

  /// Those that have a number, with the one of nobody.
  var count: Int { carriers.count }

  /// The clock they are told by has been set back.
  mutating func forgetSilences() {
    for number in carriers.indices {
      carriers[number].silentSinceMs = nil
      carriers[number].pastSilence = nil
    }
  }

  /// How much of the silence of a worker is its carrier's, as of a moment.
  func excusedMs(_ number: UInt16, lastHeartbeatMs: Int64, asOfMs: Int64, graceMs: Int64) -> Int64 {
    let carrier = carriers[Int(number)]
    if let sinceMs = carrier.silentSinceMs { return min(max(asOfMs - sinceMs, 0), graceMs) }
    // What was said meanwhile may be lost: the worker has all its time again.
    guard let past = carrier.pastSilence, lastHeartbeatMs < past.upperBound else { return 0 }
    return min(past.upperBound - past.lowerBound, graceMs)
  }

  /// Notes how far each ingest says that it has heard.
  mutating func noteHeard(
    by lanes: borrowing LaneTable, at clock: borrowing TurnClock, _ configuration: DispatcherConfiguration,
    _ notices: inout ControlNotices
  ) {
    // From which silence on an ingest counts as silent: before any of its workers can be lost.
    let shortestMs = min(configuration.controller.stallThresholdMs, configuration.controller.silentAfterMs)
    let silenceMs = max(shortestMs, Int64(RM_HEARD_INTERVAL_MS) * 2)
    // Nobody could have been seen to go on.
    let wasStalled =
      clock.stalledUntilNs != 0 && clock.nowNs < clock.stalledUntilNs &+ UInt64(silenceMs) * 1_000_000
    for lane in lanes.occupied.members {
      guard lanes[lane].pointee.role.maySend(.workerHeartbeat) else { continue }
      let stampNs = lanes[lane].pointee.consumer.claimedHeardNs
      guard stampNs != 0 else { continue }
      let number = Int(lanes[lane].pointee.carrier)
      // The peer's word: nothing is heard in the future.
      let (nowMs, heardMs) = (clock.nowMs, clock.ms(bootNs: min(stampNs, clock.nowNs)))
      assert(!carriers[number].isGone && carriers[number].peer == lanes[lane].pointee.id)
      carriers[number].heardMs = heardMs
      if carriers[number].untoldChanges > 0 { tellState(of: number, at: clock, configuration, &notices) }
      if nowMs - heardMs <= silenceMs {
        guard let sinceMs = carriers[number].silentSinceMs else { continue }
        carriers[number].silentSinceMs = nil
        if sinceMs < nowMs { carriers[number].pastSilence = sinceMs..<nowMs }
        tellChange(of: number, "it was silent for \(nowMs - sinceMs) ms", at: clock, configuration, &notices)
      } else if carriers[number].silentSinceMs != nil {
        // It comes further, and is still behind.
        carriers[number].silentSinceMs = heardMs
      } else if !wasStalled {
        carriers[number].silentSinceMs = heardMs
        let cause = "all that came to it in the last \(nowMs - heardMs) ms is not in its ring"
        tellChange(of: number, cause, at: clock, configuration, &notices)
      }
    }
  }

  /// A carrier leaves. Its workers may come back through another one.
  mutating func remove(_ number: UInt16, _ configuration: DispatcherConfiguration, _ notices: inout ControlNotices) {
    let number = Int(number)
    assert(number > 0 && !carriers[number].isGone, "a carrier leaves once")
    carriers[number].isGone = true
    guard let heardMs = carriers[number].heardMs else { return }
    if carriers[number].silentSinceMs == nil { carriers[number].silentSinceMs = heardMs }
    tell(number, "it has left", configuration, &notices)
  }

  private mutating func tellChange(
    of number: Int, _ cause: String, at clock: borrowing TurnClock, _ configuration: DispatcherConfiguration,
    _ notices: inout ControlNotices
  ) {
    guard mayTell(number, at: clock) else { return carriers[number].untoldChanges += 1 }
    tell(number, cause, configuration, &notices)
  }

  /// Reports the state of one that changed more often than is logged.
  private mutating func tellState(
    of number: Int, at clock: borrowing TurnClock, _ configuration: DispatcherConfiguration,
    _ notices: inout ControlNotices
  ) {
    guard mayTell(number, at: clock) else { return }
    let changes = carriers[number].untoldChanges
    tell(
      number, "it fell silent or was heard again \(changes) more times since the last entry about it", configuration,
      &notices)
  }

  private mutating func mayTell(_ number: Int, at clock: borrowing TurnClock) -> Bool {
    rates.take(carriers[number].peer, perMinute: Self.noticesPerMinute, nowNs: clock.nowNs)
  }

  private mutating func tell(
    _ number: Int, _ cause: String, _ configuration: DispatcherConfiguration, _ notices: inout ControlNotices
  ) {
    carriers[number].untoldChanges = 0
    let carrier = carriers[number]
    let isSilent = carrier.silentSinceMs != nil
    let grace = isSilent ? "; ingest_grace_ms is \(configuration.ingestGraceMs)" : ""
    notices.offer(.ingest(peer: carrier.peer, isSilent: isSilent, cause: "\(carrier.name): \(cause)\(grace)"))
  }
}
