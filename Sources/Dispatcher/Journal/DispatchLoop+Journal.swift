import CRingmaster
import ControlPlane
import EventModel
import Journal

/// What the journal holds up, and lets go once it is durable.
extension DispatchLoop {
  /// Looks at how far the journal has come: gives slots back, lets peers begin, and lets go of those that left.
  ///
  /// - Returns: whether it has come further.
  mutating func settleDurable() -> Bool {
    guard journal.isKept else { return false }
    journal.tellStatus(&notices)
    guard journal.refresh(nowNs: clock.nowNs) else {
      let waitNs = journal.admitObservers(
        lanes, nowNs: clock.nowNs, lastTransaction: state.transactionLog.lastNumber, &notices)
      counters[.journalWaitMs].set(waitNs / 1_000_000)
      return false
    }
    counters[.journalWaitMs].set(0)
    delivery.settle(tellable: journal.tellable)
    lanes.settleHeld(durable: journal.durable, epoch: journal.epoch.number, transaction: delivery.log.newestTold)
    journal.admitDurable(&notices)
    return true
  }

  /// Notes in a ring how far this dispatcher has come, for the next one.
  func stamp(_ lane: Int) {
    guard journal.isKept else { return }
    lanes[lane].pointee.consumer.stamp(epoch: journal.epoch.number, transaction: delivery.log.newestTold)
  }

  /// Appends what became of the record at `position` of a lane, and keeps its slots until that is durable.
  ///
  /// - Returns: the journal's number for it.
  mutating func append(_ result: DispatchResult, slots: Int, lane: Int?, wantsResult: Bool) -> UInt64 {
    guard journal.isKept else { return 0 }
    let slots = lane == nil ? 0 : slots
    let record: UInt64
    if bus.replacedEvent, case .handled(let transaction) = result.disposition {
      record = journal.append(
        .event(JournaledEvent(transaction.event, slots: UInt32(slots), wantsResult: wantsResult)))
    } else {
      record = journal.append(
        result, as: delivery.record(of: result), slots: slots, wantsResult: wantsResult)
    }
    if let lane { lanes.hold(lane, position: result.id.position, until: record) }
    return record
  }

  /// Can it bring about anything that the journal has to take? What only asks is answered however full that is.
  @inline(__always)
  func isJournaled(_ head: rm_event_head) -> Bool {
    switch UInt32(head.kind) {
    case RM_KIND_QUERY, RM_KIND_SUBSCRIBE: false
    default: true
    }
  }

  /// Is there room for one event: in the journal's queue, and for a result that cannot be told yet?
  mutating func hasRoom() -> Bool {
    journal.hasRoom() && delivery.log.hasRoom
  }

  /// Goes on if there is room, or notes that the journal takes nothing more. If that was long, the time in between is made known
  /// as a stall first, because what the workers said meanwhile may have found no room.
  ///
  /// - Returns: whether there is room.
  @inline(__always)
  mutating func resumeOrBlock() -> Bool {
    hasRoom() && journal.blockedSinceNs == nil || endOrNoteBlockage()
  }

  private mutating func endOrNoteBlockage() -> Bool {
    guard hasRoom() else {
      journal.noteBlockage(sinceNs: clock.nowNs)
      return false
    }
    if let blockedNs = journal.endBlockage(nowNs: clock.nowNs) {
      let blockedMs = Int64(blockedNs / 1_000_000)
      if blockedMs > stallThresholdMs { handleOwn(.controllerStalled(stalledMs: blockedMs, timestampMs: clock.nowMs)) }
    }
    return true
  }
}
