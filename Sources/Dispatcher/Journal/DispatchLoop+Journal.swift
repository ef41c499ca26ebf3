import CRingmaster
import EventModel
import Journal

/// What the journal holds up, and lets go once it is durable.
extension DispatchLoop {
  /// Looks at how far the journal has come: gives slots back, lets peers begin, and lets go of those that left.
  ///
  /// - Returns: whether it has come further.
  mutating func settleDurable() -> Bool {
    guard journal.isKept else { return false }
    tellStatus()
    guard journal.refresh(nowNs: clock.nowNs) else {
      letObserversBegin()
      return false
    }
    counters[.journalWaitMs].set(0)
    let durable = journal.durable
    log.settle(tellable: journal.tellable)
    lanes.settleHeld(durable: durable, epoch: epoch.number, transaction: log.newestTold)
    while let admission = journal.admissions.first, admission.record <= durable {
      admit(admission.peer, isRecoverable: true, lastTransaction: admission.lastTransaction)
      journal.admissions.removeFirst()
    }
    return true
  }

  /// Notes in a ring how far this dispatcher has come, for the next one.
  func stamp(_ lane: Int) {
    guard journal.isKept else { return }
    lanes[lane].pointee.consumer.stamp(epoch: epoch.number, transaction: log.newestTold)
  }

  /// Where a peer that is back goes on. What it was told of transactions that then were lost with a part of the journal, or
  /// with a relaxed dispatcher, may come to be under the same numbers again.
  mutating func resumption(of peer: UInt32, _ known: KnownTransaction?) -> UInt64 {
    guard let known else { return state.transactionLog.lastNumber }
    if case .lostTail(let behind) = epoch.compare(known.number, in: known.epoch), journal.promise == .durable {
      notices.post(.peerKnowsMore(peer: peer, transaction: known.number, behind: behind))
      }
    return epoch.resumption(after: known.number, in: known.epoch)
  }

  private mutating func tellStatus() {
    let status = journal.status
    guard status != journal.toldStatus else { return }
    journal.toldStatus = status
    notices.post(.journal(status, journal.failure))
  }

  /// Tells the control thread that a peer can begin.
  ///
  /// - Parameter lastTransaction: results of later ones come on its ring; nil for a new peer, for which it is the newest.
  mutating func admit(_ peer: UInt32, isRecoverable: Bool, lastTransaction: UInt64? = nil) {
    notices.post(
      .admitted(
        peer: peer, isRecoverable: isRecoverable,
        lastTransaction: lastTransaction ?? state.transactionLog.lastNumber))
  }

  /// Journals a new peer before it may begin, as soon as there is room; without a journal, or with one that cannot write
  /// for now, it begins at once. With one that failed it does not begin: what it said would be lost with this process.
  mutating func enter(_ peer: AttachedPeer) {
    journal.entering.append(peer.facts)
    enterThoseThatWait()
  }

  @inline(__always)
  mutating func enterThoseThatWait() {
    if !journal.entering.isEmpty { enterWaitingPeers() }
  }

  private mutating func enterWaitingPeers() {
    while journal.status != .failed, let peer = journal.entering.first {
      let canWrite = journal.isKept && journal.status == .running
      if canWrite, !journal.hasRoom() { return }
      journal.entering.removeFirst()
      // One that has gone meanwhile is not entered behind its removal.
      guard let lane = lanes.index(of: peer.id), lanes[lane].pointee.removalRecord == nil else { continue }
      if canWrite {
        let record = journal.append(.peerAttached(peer))
        journal.admissions.append(
          DispatchJournal.Admission(
            peer: peer.id, record: record, lastTransaction: state.transactionLog.lastNumber))
      } else {
        admit(peer.id, isRecoverable: false)
      }
    }
  }

  /// How long an observer waits for a journal that makes nothing durable.
  private static let observerPatienceNs: UInt64 = 1_000_000_000

  /// Lets those begin that wait for a journal that hangs and only look: a dispatcher after this one may not know them.
  private mutating func letObserversBegin() {
    guard let sinceNs = journal.waitingSinceNs else { return counters[.journalWaitMs].set(0) }
    let waitNs = clock.nowNs &- sinceNs
    counters[.journalWaitMs].set(waitNs / 1_000_000)
    guard waitNs >= Self.observerPatienceNs else { return }
    let waiting = journal.admissions.map(\.peer) + journal.entering.map(\.id)
    for peer in waiting {
      guard let lane = lanes.index(of: peer), lanes[lane].pointee.role == .observe else { continue }
      journal.admissions.removeAll { $0.peer == peer }
      journal.entering.removeAll { $0.id == peer }
      if !lanes[lane].pointee.isLeaving { admit(peer, isRecoverable: false) }
    }
  }

  /// Sets ids of peers aside in the journal, as soon as there is room, and says when that is durable.
  @inline(__always)
  mutating func reserveIDs() {
    if journal.reservation != nil { keepReservation() }
  }

  private mutating func keepReservation() {
    guard var reservation = journal.reservation else { return }
    if reservation.record == nil {
      guard journal.hasRoom() else { return }
      reservation.record = journal.append(.peerNumbers(upTo: reservation.upTo))
      journal.reservation = reservation
    }
    guard let record = reservation.record, record <= journal.durable else { return }
    journal.reservation = nil
    notices.post(.reservedIDs(upTo: reservation.upTo))
  }

  /// Appends what became of the record at `position` of a lane, and keeps its slots until that is durable.
  ///
  /// - Returns: the journal's number for it.
  mutating func journal(_ result: DispatchResult, slots: Int, lane: Int?, wantsResult: Bool) -> UInt64 {
    guard journal.isKept else { return 0 }
    let slots = lane == nil ? 0 : slots
    let record: UInt64
    if bus.replacedEvent, case .handled(let transaction) = result.disposition {
      record = journal.append(
        .event(JournaledEvent(transaction.event, slots: UInt32(slots), wantsResult: wantsResult)))
    } else {
      record = journal.append(
        result, as: self.record(of: result.event), slots: slots, wantsResult: wantsResult)
    }
    if let lane { lanes.hold(lane, position: result.event.id.position, until: record) }
    return record
  }

  /// Appends that a record of a lane was no event, and keeps its slots until that is durable.
  ///
  /// - Returns: the journal's number for it.
  mutating func journalMalformed(_ id: EventID, slots: Int, lane: Int, wantsResult: Bool, detail: String) -> UInt64 {
    guard journal.isKept else { return 0 }
    let skipped = SkippedRecord(id: id, slots: UInt32(slots), wantsResult: wantsResult, fault: detail)
    let record = journal.append(.skipped(skipped))
    lanes.hold(lane, position: id.position, until: record)
    return record
  }

  /// Is everything durable that this lane has said, and that it is gone?
  mutating func isRemovalDurable(_ lane: Int) -> Bool {
    guard journal.isKept else { return true }
    if let record = lanes[lane].pointee.removalRecord { return record <= journal.durable }
    guard journal.hasRoom() else { return false }
    lanes[lane].pointee.removalRecord = journal.append(.peerRemoved(peer: lanes[lane].pointee.id))
    return false
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
    journal.hasRoom() && log.hasRoom
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
      if journal.blockedSinceNs == nil { journal.blockedSinceNs = clock.nowNs }
      return false
    }
    if let since = journal.blockedSinceNs {
      journal.blockedSinceNs = nil
      let blockedMs = Int64((clock.nowNs - since) / 1_000_000)
      if blockedMs > stallThresholdMs { handleOwn(.controllerStalled(stalledMs: blockedMs, timestampMs: clock.nowMs)) }
    }
    return true
  }
}
