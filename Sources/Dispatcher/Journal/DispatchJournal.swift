import CRingmaster
import ControlPlane
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import Journal
import Platform

/// The dispatch thread's way to the journal, and the peers that wait for it. Where none is kept, everything is as safe as it
/// gets at once.
///
/// Records are numbered from 1; 0 stands for what awaits nothing. Invariant: what is durable only grows, and those that wait for
/// a record are let go in its order.
struct DispatchJournal: ~Copyable {
  /// A peer whose attachment is being made durable.
  private struct Admission {
    let peer: UInt32
    let record: UInt64
    /// The newest one before: durable once the attachment is.
    let lastTransaction: UInt64
  }

  /// Ids of peers to set aside.
  private struct Reservation {
    let upTo: UInt32
    /// Of the journal; nil while there was no room for it.
    var record: UInt64?
  }

  /// nil when no journal is kept. Owned by this.
  private let appender: UnsafeMutablePointer<JournalAppender>?
  private let durability: JournalSettings.Durability
  let epoch: DispatcherEpoch
  /// As of this turn.
  private(set) var durable: UInt64 = .max
  /// As last told to the control thread.
  private(set) var toldStatus = JournalStatus.running
  private var admissions: [Admission] = []
  private var reservation: Reservation?
  /// New peers for which there is no room yet.
  private var entering: [JournaledPeer] = []
  /// Those that began while the journal had no room for them: they are journaled before what they say.
  private var unwritten: [JournaledPeer] = []
  /// CLOCK_BOOTTIME of the turn in which the queue was found full; nil while there is room.
  private(set) var blockedSinceNs: UInt64?
  /// CLOCK_BOOTTIME since when something waits to become durable and nothing has; nil when nothing waits.
  private var waitingSinceNs: UInt64?

  /// - Parameter appender: nil keeps no journal.
  init(_ appender: consuming JournalAppender?, durability: JournalSettings.Durability, epoch: DispatcherEpoch) {
    self.durability = durability
    self.epoch = epoch
    switch consume appender {
    case .some(let appender):
      durable = appender.durable
      self.appender = .allocate(capacity: 1)
      self.appender?.initialize(to: appender)
    case .none: self.appender = nil
    }
  }

  deinit {
    appender?.deinitialize(count: 1)
    appender?.deallocate()
  }

  var isKept: Bool {
    appender != nil
  }

  /// How safe an event is when its result is published.
  var promise: Promise {
    guard appender != nil else { return .volatile }
    return durability == .sync ? .durable : .accepted
  }

  /// Results up to this record may be published.
  var tellable: UInt64 {
    durability == .sync ? durable : .max
  }

  var status: JournalStatus {
    appender?.pointee.status ?? .running
  }

  /// Why the status is `failed`.
  var failure: SystemError? {
    appender?.pointee.failure
  }

  /// Is there room for one event and what it causes here? Look before each.
  mutating func hasRoom() -> Bool {
    appender?.pointee.hasRoom() ?? true
  }

  /// Looks at how far the journal thread has come.
  ///
  /// - Returns: whether it went on since the last look.
  mutating func refresh(nowNs: UInt64) -> Bool {
    guard let appender else { return false }
    let now = appender.pointee.durable
    assert(now >= durable && now <= appender.pointee.lastRecord, "what is durable was appended, and stays durable")
    let hasAdvanced = now != durable
    durable = now
    if hasAdvanced || durable >= appender.pointee.lastRecord || appender.pointee.status != .running {
      waitingSinceNs = nil
    } else if waitingSinceNs == nil {
      waitingSinceNs = nowNs
    }
    return hasAdvanced
  }

  /// Something that was appended is not durable yet.
  var isAwaited: Bool { waitingSinceNs != nil }

  /// - Returns: the record's number; 0 when there is no journal, `UInt64.max`, which never becomes durable, when it failed.
  mutating func append(_ record: JournalRecord) -> UInt64 {
    guard let appender else { return 0 }
    do {
      return try appender.pointee.append(record) ?? .max
    } catch {
      preconditionFailure("an event that was decoded from a record fits one: \(error)")
    }
  }

  /// Appends what became of an event.
  ///
  /// - Parameter record: of the event.
  mutating func append(_ result: DispatchResult, as record: EventRecord, slots: Int, wantsResult: Bool) -> UInt64 {
    guard let appender else { return 0 }
    let unhandled: UnhandledReason? =
      switch result.disposition {
      case .handled: nil
      case .dropped(let middleware): .dropped(by: middleware)
      case .deadLettered(let reason): .deadLettered(reason, detail: result.deadLetter?.detail ?? reason.name)
      }
    return appender.pointee.append(
      record, id: result.id, slots: UInt32(slots), timestampMs: result.event.timestampMs,
      wantsResult: wantsResult, unhandled: unhandled) ?? .max
  }

  /// Ends a turn: what was appended in it can be written.
  mutating func seal(stateHash: @autoclosure () -> UInt64, lastTransaction: UInt64, timeMs: Int64) {
    guard let appender, appender.pointee.isTurnOpen else { return }
    appender.pointee.seal(stateHash: stateHash(), lastTransaction: lastTransaction, timeMs: timeMs)
  }

  var lastRecord: UInt64 {
    appender?.pointee.lastRecord ?? 0
  }

  /// That wait for the disk, and that may.
  var backlogBytes: Int { Int(clamping: appender?.pointee.backlogBytes ?? 0) }
  var queueBytes: Int { Int(clamping: appender?.pointee.queueBytes ?? 0) }
  var waitingPeers: (entering: Int, admitted: Int) { (entering.count, admissions.count) }

  // MARK: Blockage

  /// Notes that there is no room: since then, or since an earlier moment that was noted.
  mutating func noteBlockage(sinceNs: UInt64) {
    assert(appender != nil && sinceNs > 0)
    if blockedSinceNs == nil { blockedSinceNs = sinceNs }
  }

  /// Notes that there is room.
  ///
  /// - Returns: for how long there was none.
  mutating func endBlockage(nowNs: UInt64) -> UInt64? {
    guard let sinceNs = blockedSinceNs.take() else { return nil }
    assert(sinceNs <= nowNs)
    return nowNs - sinceNs
  }

  // MARK: Peers

  /// Journals a new peer before it may begin, as soon as there is room; without a journal, or with one that cannot write
  /// for now, it begins at once. With one that failed it does not begin: what it said would be lost with this process.
  mutating func enter(_ peer: JournaledPeer) {
    assert(!entering.contains { $0.id == peer.id })
    entering.append(peer)
  }

  /// Journals new peers, as far as there is room.
  mutating func enterWaiting(
    _ lanes: borrowing LaneTable, lastTransaction: UInt64, _ notices: inout ControlNotices
  ) {
    while isKept, status != .failed, hasRoom(), let peer = unwritten.first {
      unwritten.removeFirst()
      guard let lane = lanes.index(of: peer.id), lanes[lane].pointee.removalRecord == nil else { continue }
      _ = append(.peerAttached(peer))
    }
    while status != .failed, let peer = entering.first {
      let canWrite = isKept && hasRoom()
      if status == .running, isKept, !canWrite { return }
      entering.removeFirst()
      // One that has gone meanwhile is not entered behind its removal.
      guard let lane = lanes.index(of: peer.id), lanes[lane].pointee.removalRecord == nil else { continue }
      if canWrite {
        // Also while the disk is full: what it says stands behind that.
        let record = append(.peerAttached(peer))
        assert(record >= admissions.last?.record ?? 0, "peers are admitted in the order of their records")
        if status == .running {
          admissions.append(Admission(peer: peer.id, record: record, lastTransaction: lastTransaction))
          continue
        }
      } else if isKept {
        unwritten.append(peer)
      }
      notices.post(.admitted(peer: peer.id, isRecoverable: false, lastTransaction: lastTransaction))
    }
  }

  /// Lets those peers begin whose attachment is durable.
  mutating func admitDurable(_ notices: inout ControlNotices) {
    while let admission = admissions.first, admission.record <= durable {
      notices.post(
        .admitted(peer: admission.peer, isRecoverable: true, lastTransaction: admission.lastTransaction))
      admissions.removeFirst()
    }
  }

  /// How long an observer waits for a journal that makes nothing durable.
  private static let observerPatienceNs: UInt64 = 1_000_000_000

  /// Lets those begin that wait for a journal that hangs and only look: a dispatcher after this one may not know them.
  ///
  /// - Returns: how long the journal has made nothing durable although something waits for it.
  mutating func admitObservers(
    _ lanes: borrowing LaneTable, nowNs: UInt64, lastTransaction: UInt64, _ notices: inout ControlNotices
  ) -> UInt64 {
    guard let sinceNs = waitingSinceNs else { return 0 }
    let waitNs = nowNs &- sinceNs
    guard waitNs >= Self.observerPatienceNs else { return waitNs }
    for peer in admissions.map(\.peer) + entering.map(\.id) {
      guard let lane = lanes.index(of: peer), lanes[lane].pointee.role == .observe else { continue }
      admissions.removeAll { $0.peer == peer }
      entering.removeAll { $0.id == peer }
      if lanes[lane].pointee.isLeaving { continue }
      notices.post(.admitted(peer: peer, isRecoverable: false, lastTransaction: lastTransaction))
    }
    return waitNs
  }

  /// Sets ids of peers aside, as soon as there is room; `keepReservation` says when that is durable.
  mutating func reserve(upTo id: UInt32) {
    assert(reservation.map { $0.upTo <= id } ?? true, "ids are set aside in order")
    reservation = Reservation(upTo: id)
  }

  mutating func keepReservation(_ notices: inout ControlNotices) {
    guard var reservation else { return }
    if reservation.record == nil {
      guard hasRoom() else { return }
      reservation.record = append(.peerNumbers(upTo: reservation.upTo))
      self.reservation = reservation
    }
    guard let record = reservation.record, record <= durable else { return }
    self.reservation = nil
    notices.post(.reservedIDs(upTo: reservation.upTo))
  }

  /// Where a peer that is back continues. What it read of transactions that then were lost with a part of the journal, or
  /// with a relaxed dispatcher, may come to be under the same numbers again.
  func resume(_ peer: UInt32, after known: KnownTransaction, _ notices: inout ControlNotices) -> UInt64 {
    let behind = epoch.newestShared(with: known.epoch)
    if promise == .durable, known.epoch < epoch.number, known.number > behind {
      notices.post(.peerKnowsMore(peer: peer, transaction: known.number, behind: behind))
    }
    return epoch.resumption(after: known.number, in: known.epoch)
  }

  /// Journals that a peer has gone, once there is room.
  ///
  /// - Returns: whether that is durable, and with it all that the peer said.
  mutating func settleRemoval(of lane: UnsafeMutablePointer<PeerLane>) -> Bool {
    assert(lane.pointee.isLeaving && lane.pointee.isDrained, "a peer is removed behind all that it said")
    guard isKept else { return true }
    if let record = lane.pointee.removalRecord { return record <= durable }
    guard hasRoom() else { return false }
    lane.pointee.removalRecord = append(.peerRemoved(peer: lane.pointee.id))
    return false
  }

  /// Reports the journal's status to the control thread when it has changed.
  mutating func tellStatus(_ notices: inout ControlNotices) {
    guard status != toldStatus else { return }
    toldStatus = status
    notices.post(.journal(status, failure))
  }
}
