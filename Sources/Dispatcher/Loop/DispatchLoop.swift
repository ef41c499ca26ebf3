import CRingmaster
import ControlPlane
import Controller
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import EventRing
import Journal
import Platform
import Telemetry

/// The dispatch thread's duty cycle: poll the rings in batches, decode, run the bus and the state machine, publish
/// results. The only owner of state.
///
/// Move-only and driven by one thread, so nothing in it is locked or checked for exclusivity. A turn makes no system call
/// but the one look at the clock that its caller passes in; a heartbeat allocates nothing.
struct DispatchLoop: ~Copyable {
  var configuration: DispatcherConfiguration
  /// What it is to go on with.
  var nextConfiguration: DispatcherConfiguration?
  /// For whoever drives it: its settings have changed.
  var wasConfigured = false
  var clock: TurnClock
  let counters: CounterSet<DispatcherCounter>
  var state: ControllerState
  var bus: EventBus
  var lanes: LaneTable
  var delivery: ResultDelivery
  var journal: DispatchJournal
  var liveness: LivenessWatch
  var own: OwnEvents
  /// What the sources of events have said.
  var sources: SourceLedger
  var recentOfSources = RecentOfSources()
  var commands: Mailbox<DispatchCommand>.Receiver
  var notices: ControlNotices
  let text: UnsafeMutableRawBufferPointer
  /// Empty between one lane and the next.
  var batch = HeartbeatBatch()
  /// Of records that are no plain heartbeats.
  private var slots = TurnShare()
  var letters: LetterDesk
  var desk = QueryDesk()
  var isShuttingDown = false
  /// The last turn found nothing, and had nothing else to do either.
  private(set) var wasIdle = false

  init(
    configuration: DispatcherConfiguration, parts: DispatcherParts, recovery: consuming Recovery,
    counters: CounterSet<DispatcherCounter>, board: consuming AttentionBoard, barrier: ParkingBarrier,
    commands: consuming Mailbox<DispatchCommand>.Receiver,
    notices: consuming Mailbox<ControlNotice>.Sender
  ) {
    self.configuration = configuration
    self.clock = TurnClock(notBeforeMs: recovery.state.nowMs)
    self.counters = counters
    self.own = OwnEvents(nextNumber: recovery.ledger.ownEvents, policy: parts.policy)
    self.sources = recovery.ledger.sources
    self.letters = LetterDesk(recovery.letters, configuration.deadLetters, counters)
    self.journal = DispatchJournal(
      recovery.takeAppender(), durability: configuration.journal?.durability ?? .sync, epoch: recovery.epoch)
    self.delivery = ResultDelivery(
      recovery.log, ResultDelivery.Limits(configuration), of: journal, counters, passing: parts.passing)
    self.state = recovery.takeState()
    self.bus = parts.bus
    let check = own.check
    bus.fault = { check.problem(with: $0) }
    self.lanes = LaneTable(board: board, barrier: barrier)
    self.liveness = LivenessWatch(intervalMs: configuration.sweepIntervalMs)
    self.commands = commands
    self.notices = ControlNotices(notices)
    self.text = .allocate(byteCount: Int(RM_RECORD_MAX_BYTES), alignment: 16)
  }

  deinit {
    text.deallocate()
  }

  /// One turn.
  ///
  /// - Parameter nowNs: CLOCK_BOOTTIME.
  /// - Returns: whether there was anything to do.
  mutating func turn(nowNs: UInt64) -> Bool {
    let lastTurnNs = clock.advance(toNs: nowNs)
    counters[.turns].increment()
    var worked = handleStall(sinceNs: lastTurnNs)
    if settleDurable() {
      worked = true
      // Before others take their places in the log.
      delivery.publishBacklog(&lanes, at: clock)
    }
    journal.enterWaiting(lanes, lastTransaction: state.transactionLog.lastNumber, &notices)
    journal.keepReservation(&notices)
    worked = takeCommands() || worked
    worked = configure() || worked
    let watches = liveness.isSweeping(nowNs: nowNs)
    if liveness.isDue(nowNs: nowNs) { beginSweep() }
    lanes.wakeRaised()
    worked = drainRings() || worked
    let rested = lanes.restIdle()
    worked = judgeDeadlines() || worked
    worked = placePendingTasks() || worked
    journal.seal(stateHash: state.stateHash, lastTransaction: state.transactionLog.lastNumber, timeMs: clock.nowMs)
    delivery.publishBacklog(&lanes, at: clock)
    worked = answerQueries() || worked
    wasIdle = !worked && !watches && !rested
    return worked
  }

  /// Takes a batch of records from each ring that is polled. Once the slots of the turn are used up, the other rings have
  /// only their heartbeats taken, and the next turn begins with them.
  private mutating func drainRings() -> Bool {
    let round = slots.begin(configuration.slotsPerTurn, groups: lanes.groups)
    var worked = false
    for step in round.steps {
      let group = round.group(step)
      var awake = lanes.awake[group: group] & round.mask(step)
      while awake != 0 {
        let lane = group << 6 | awake.trailingZeroBitCount
        awake &= awake &- 1
        let leftBefore = slots.left
        let (handled, leaves) = drain(lane)
        slots.finish(lane, of: round, leftBefore: leftBefore)
        worked = worked || handled > 0 || leaves
        if leaves { remove(lane) }
      }
    }
    return worked
  }

  /// Takes a batch of records from one ring.
  ///
  /// - Returns: how many, and whether the lane is to be removed.
  private mutating func drain(_ index: Int) -> (handled: Int, leaves: Bool) {
    let lane = lanes[index]
    if lane.pointee.isQuarantined { return (0, letGoWhenIdle(index)) }
    let limit = configuration.recordsPerPeerPerTurn
    var mayShortcut = !bus.wantsHeartbeats && lane.pointee.role != .observe && lane.pointee.refusal == nil
    var handled = 0
    var requests: UInt64 = 0
    while handled < limit {
      guard let payload = lane.pointee.consumer.head(as: rm_payload.self) else {
        lane.pointee.isDrained = true
        break
      }
      if mayShortcut, let heartbeat = PlainHeartbeat(payload) {
        if lane.pointee.role != .worker {
          handled += takeHeartbeats(of: index, limit: limit - handled)
          continue
        } else if speaks(for: heartbeat.worker, index) {
          handled += takeHeartbeats(of: index, limit: 1)
          counters[.heartbeatsOfOwn].increment()
          continue
        }
      }
      let head = unsafeBitCast(payload, to: rm_event_head.self)
      guard lane.pointee.mayRead(head) else {
        lanes.setAside(index)
        break
      }
      guard slots.left > 0, lane.pointee.role == .observe || !isJournaled(head) || resumeOrBlock(),
        !delivery.holdForReader(head, lane: index, &lanes, at: clock)
      else { break }
      handled += 1
      slots.take(Int(head.slots))
      if UInt32(head.kind) >= RM_KIND_QUERY { requests += 1 }
      if let fault = handleRecord(head, lane: index) {
        count(records: UInt64(handled), requests: requests, from: lane)
        lanes.quarantine(index, fault, &notices, counters)
        return (handled, false)
      }
      mayShortcut = mayShortcut && lane.pointee.refusal == nil
    }
    if handled > 0 {
      lane.pointee.idlePolls = 0
      count(records: UInt64(handled), requests: requests, from: lane)
    }
    if lane.pointee.consumer.position >= lane.pointee.drainTarget { lane.pointee.isDrained = true }
    if handled < limit { lane.pointee.consumer.release() }
    if handled > 0 { return (handled, false) }
    lane.pointee.idlePolls &+= 1
    return (0, letGoWhenIdle(index))
  }

  @inline(__always)
  private func count(records: UInt64, requests: UInt64, from lane: UnsafeMutablePointer<PeerLane>) {
    lane.pointee.received &+= records
    counters[.eventsReceived].add(records &- requests)
    if requests > 0 { counters[.requestsReceived].add(requests) }
  }

  /// Idle polls from one look at whether the peer cut its rings short to the next.
  private static let idlePollsBetweenChecks: UInt32 = 64

  private mutating func letGoWhenIdle(_ index: Int) -> Bool {
    let lane = lanes[index]
    if !lane.pointee.isQuarantined, lane.pointee.idlePolls % Self.idlePollsBetweenChecks == 1,
      lane.pointee.isPoisoned
    {
      lanes.quarantine(index, "its shared memory was truncated", &notices, counters)
    }
    guard lane.pointee.isLeaving, lane.pointee.isDrained, journal.settleRemoval(of: lane) else {
      return false
    }
    notices.post(.removed(peer: lane.pointee.id))
    counters[.peersDetached].increment()
    return true
  }

  private mutating func remove(_ lane: Int) {
    liveness.carriers.remove(lanes[lane].pointee.carrier, configuration, &notices)
    delivery.remove(lane, lanes)
    lanes.remove(at: lane)
  }

  /// When an event happened, for the state machine. Only what tells that a worker lives is as old as its peer says: a job that
  /// its peer made older would be placed before others.
  func eventMs(_ head: rm_event_head) -> Int64 {
    switch EventKind(rawValue: head.kind) {
    case .workerHeartbeat, .workerRegistered: clock.receivedMs(head.timestamp_ns)
    default: clock.nowMs
    }
  }
}
