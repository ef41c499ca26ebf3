import CRingmaster
import Controller
import EventModel

/// Ingests that are silent themselves, with all the workers that are heard of through them.
extension DispatchLoop {
  /// Notices about one carrier that there may be in a minute: its word is a peer's, and may change all the time.
  private static let noticesPerMinute = 6

  /// Looks how far each ingest has heard.
  mutating func lookAtCarriers() {
    let thresholdMs = carrierSilenceMs
    // Nobody could have been seen to go on.
    let wasStalled = stalledUntilNs != 0 && nowNs < stalledUntilNs &+ UInt64(thresholdMs) * 1_000_000
    var next = lanes.next(from: 0)
    while let lane = next {
      next = lanes.next(from: lane + 1)
      guard lanes[lane].pointee.role.maySend(.workerHeartbeat) else { continue }
      let stampNs = lanes[lane].pointee.consumer.claimedHeardNs
      guard stampNs != 0 else { continue }
      let number = lanes[lane].pointee.carrier
      // The peer's word: nothing is heard in the future.
      let heardMs = clock.ms(bootNs: min(stampNs, nowNs))
      carriers[number].heardMs = heardMs
      if carriers[number].untoldChanges > 0 { tellState(of: number) }
      if nowMs - heardMs <= thresholdMs {
        guard let sinceMs = carriers[number].silentSinceMs else { continue }
        carriers[number].silentSinceMs = nil
        if sinceMs < nowMs { carriers[number].pastSilence = sinceMs..<nowMs }
        tellChange(of: number, "it was silent for \(nowMs - sinceMs) ms")
      } else if carriers[number].silentSinceMs != nil {
        // It comes further, and is still behind.
        carriers[number].silentSinceMs = heardMs
      } else if !wasStalled {
        carriers[number].silentSinceMs = heardMs
        tellChange(of: number, "all that came to it in the last \(nowMs - heardMs) ms is not in its ring")
      }
    }
  }

  /// Its workers may come back through another one.
  mutating func carrierLeaves(_ lane: Int) {
    let number = lanes[lane].pointee.carrier
    carriers[number].isGone = true
    guard let heardMs = carriers[number].heardMs else { return }
    if carriers[number].silentSinceMs == nil { carriers[number].silentSinceMs = heardMs }
    tell(number, "it has left")
  }

  /// From which silence on an ingest counts as silent: before any of its workers can be lost.
  private var carrierSilenceMs: Int64 {
    let controller = configuration.controller
    return max(min(controller.stallThresholdMs, controller.silentAfterMs), Int64(RM_HEARD_INTERVAL_MS) * 2)
  }

  private mutating func tellChange(of number: UInt16, _ cause: String) {
    guard mayTell(number) else { return carriers[number].untoldChanges += 1 }
    tell(number, cause)
  }

  /// Says how it is with one that changed more often than is told.
  private mutating func tellState(of number: UInt16) {
    guard mayTell(number) else { return }
    let changes = carriers[number].untoldChanges
    tell(number, "it fell silent or was heard again \(changes) more times since the last entry about it")
  }

  private mutating func mayTell(_ number: UInt16) -> Bool {
    carrierNotices.take(carriers[number].peer, perMinute: Self.noticesPerMinute, nowNs: nowNs)
  }

  private mutating func tell(_ number: UInt16, _ cause: String) {
    carriers[number].untoldChanges = 0
    let carrier = carriers[number]
    let isSilent = carrier.silentSinceMs != nil
    let grace = isSilent ? "; ingest_grace_ms is \(configuration.ingestGraceMs)" : ""
    if notices.offer(.ingest(peer: carrier.peer, isSilent: isSilent, cause: "\(carrier.name): \(cause)\(grace)")) {
      postedNotice = true
    }
  }

  /// Notes through whom a worker was heard of that registered, or whose heartbeat made a transaction.
  mutating func noteCarrier(of result: borrowing DispatchResult, lane: Int) {
    switch result.event.kind {
    case .workerRegistered, .workerHeartbeat: break
    default: return
    }
    guard case .handled(let transaction) = result.disposition, transaction.outcome == .applied,
      case .worker(let worker, _) = transaction.subject
    else { return }
    state.noteCarrier(lanes[lane].pointee.carrier, of: worker)
  }
}
