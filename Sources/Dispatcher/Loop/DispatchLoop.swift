import CRingmaster
import ControlPlane
import Controller
import DispatcherSettings
import EventBus
import EventCodec
import EventModel
import EventRing
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
  var clock: ControllerClock
  let counters: CounterSet<DispatcherCounter>
  var state: ControllerState
  var bus: EventBus
  let check: EventCheck
  var policy: any SchedulingPolicy
  private let passing: (@Sendable (Passage) -> Void)?
  var lanes: LaneTable
  let epoch: DispatcherEpoch
  var log: ResultLog
  var journal: DispatchJournal
  var encoder = ResultEncoder()
  var rowWriter = RecordWriter()
  var eventWriter = RecordWriter()
  /// Of the event that is handled: the bytes of its ring, or what was made of it when the journal or a reader needed it.
  var eventRecord: EventRecord?
  var sweep: LivenessSweep
  var judge = LivenessJudge()
  var carriers = CarrierTable()
  /// Notices of each carrier, by the number of its peer.
  var carrierNotices = MinuteRates()
  let board: AttentionBoard
  let barrier: ParkingBarrier
  var turnsSinceNap: UInt64 = 0
  var commands: Mailbox<DispatchCommand>.Receiver
  var notices: Mailbox<ControlNotice>.Sender
  let text: UnsafeMutableRawBufferPointer
  /// Empty between one lane and the next.
  var batch = HeartbeatBatch()
  /// Of `slotsPerTurn`; less than nothing when the last record took more than was left.
  private var slotsLeft = 0
  /// The lane that comes first in a turn: the one that had only the rest of a turn's slots, so that it has all of the next.
  private var firstLane = 0
  /// The same of results that waited.
  var firstReader = 0
  /// Events the dispatcher makes itself are numbered in order: peer 0.
  var ownEvents: UInt64
  var letters: DeadLetterStore
  var readers = ReadBudget()
  var due = DueEvents()
  var isShuttingDown = false
  /// The control thread has a notice to read.
  var postedNotice = false
  /// As of this turn.
  var nowNs: UInt64 = 0
  /// The end of the last stall.
  var stalledUntilNs: UInt64 = 0
  var nowMs: Int64 = 0

  init(
    configuration: DispatcherConfiguration, parts: DispatcherParts, recovery: consuming Recovery,
    counters: CounterSet<DispatcherCounter>, board: consuming AttentionBoard, barrier: ParkingBarrier,
    commands: consuming Mailbox<DispatchCommand>.Receiver,
    notices: consuming Mailbox<ControlNotice>.Sender
  ) {
    self.configuration = configuration
    self.clock = ControllerClock(notBeforeMs: recovery.state.nowMs)
    self.counters = counters
    self.ownEvents = recovery.ledger.ownEvents
    self.log = recovery.log
    self.epoch = recovery.epoch
    self.letters = recovery.letters
    letters.limit(to: configuration.deadLetters)
    switch recovery.takeAppender() {
    case .some(let appender):
      journal = DispatchJournal(
        appender, durability: configuration.journal?.durability ?? .sync)
    case .none: journal = DispatchJournal()
    }
    self.state = recovery.takeState()
    self.bus = parts.bus
    self.check = EventCheck()
    let check = check
    bus.fault = { check.problem(with: $0) }
    self.policy = parts.policy
    self.passing = parts.passing
    self.lanes = LaneTable()
    self.sweep = LivenessSweep(intervalMs: configuration.sweepIntervalMs)
    self.board = board
    self.barrier = barrier
    self.commands = commands
    self.notices = notices
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
    let lastTurnNs = self.nowNs
    self.nowNs = nowNs
    nowMs = clock.ms(bootNs: nowNs)
    counters[.turns].increment()
    var worked = noteStall(sinceNs: lastTurnNs)
    if settleDurable() {
      worked = true
      // Before others take their places in the log.
      publishResults()
    }
    enterThoseThatWait()
    reserveIDs()
    worked = takeCommands() || worked
    worked = configure() || worked
    if sweep.isDue(nowNs: nowNs) {
      correctClock()
      // Before the rings: what these say is in the rings then.
      lookAtCarriers()
      lookAtEveryRing()
      noteShedRecords()
      sweep.beginDraining(asOfMs: nowMs)
    }
    wakeRaisedRings()
    worked = drainRings() || worked
    restIdleRings()
    worked = judgeDeadlines() || worked
    worked = placePendingTasks() || worked
    journal.seal(stateHash: state.stateHash, lastTransaction: state.transactionLog.lastNumber, timeMs: nowMs)
    publishResults()
    return answerQueries() || worked
  }

  /// Results looked at in one turn for peers that are back, before the rest of these waits for the next.
  private static let resultsLookedAtPerTurn = 65_536

  private mutating func takeCommands() -> Bool {
    var worked = false
    var resent = 0
    while resent < Self.resultsLookedAtPerTurn, let command = commands.take() {
      worked = true
      switch command {
      case .attach(let peer, let ends):
        let index = Int(peer.facts.lane)
        board.lower(index)
        insert(PeerLane(peer), at: index)
        stamp(index)
        connect(index, ends)
        counters[.peersAttached].increment()
        enter(peer)
      case .reattach(let peer, let ends):
        if let lane = lanes.index(of: peer) {
          connect(lane, ends)
          let last = resumption(of: peer, ends.resumed)
          resent += resendResults(after: last, to: lane)
          admit(peer, isRecoverable: true, lastTransaction: last)
        }
      case .detach(let peer):
        if let lane = lanes.index(of: peer) {
          lanes[lane].pointee.isLeaving = true
          lanes[lane].pointee.markForDraining()
          wake(lane)
        }
      case .configure(let next): nextConfiguration = next
      case .reserveIDs(let id): journal.reservation = DispatchJournal.Reservation(upTo: id)
      case .shutDown:
        isShuttingDown = true
        lookAtEveryRing()
      }
    }
    return worked
  }

  mutating func insert(_ lane: consuming PeerLane, at index: Int) {
    var lane = lane
    lane.carrier = carriers.insert(peer: lane.id, name: lane.peer.facts.name)
    lanes.insert(lane, at: index)
  }

  private mutating func remove(_ lane: Int) {
    carrierLeaves(lane)
    lanes.remove(at: lane)
  }

  private mutating func connect(_ lane: Int, _ ends: ResultEnds) {
    lanes[lane].pointee.connect(ends, outboxBytes: configuration.resultBacklogBytes)
    tellRefusal(lane)
    if ends.subscription == 0 { lanes.subscribed.remove(lane) } else { lanes.subscribed.insert(lane) }
    wake(lane)
  }

  /// Is everything done that was published before the last look at every ring?
  var isDrained: Bool {
    for group in 0..<lanes.groups {
      var awake = lanes.awake[group: group]
      while awake != 0 {
        if !lanes[group << 6 | awake.trailingZeroBitCount].pointee.isDrained { return false }
        awake &= awake &- 1
      }
    }
    return true
  }

  /// Has a peer left that is not removed yet?
  var hasLeavingPeers: Bool {
    var next = lanes.next(from: 0)
    while let lane = next {
      if lanes[lane].pointee.isLeaving { return true }
      next = lanes.next(from: lane + 1)
    }
    return false
  }

  /// Takes a batch of records from each ring that is polled. Once the slots of the turn are used up, the other rings have
  /// only their heartbeats taken, and the next turn begins with them.
  private mutating func drainRings() -> Bool {
    slotsLeft = configuration.slotsPerTurn
    let round = LaneRound(from: firstLane, groups: lanes.groups)
    var worked = false
    for step in round.steps {
      let group = round.group(step)
      var awake = lanes.awake[group: group] & round.mask(step)
      while awake != 0 {
        let lane = group << 6 | awake.trailingZeroBitCount
        awake &= awake &- 1
        let hadSlots = slotsLeft > 0
        let (handled, leaves) = drain(lane)
        if hadSlots, slotsLeft <= 0 { firstLane = round.next(endedAt: lane) }
        worked = worked || handled > 0
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
    if lane.pointee.isQuarantined { return (0, leavesWhenIdle(lane)) }
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
        handled += 1
        batch.append(
          worker: heartbeat.worker, timeMs: receivedMs(heartbeat.timestampNs), at: lane.pointee.consumer.position)
        lane.pointee.consumer.pass()
        if batch.isFull { recordBatch(lane: index) }
        continue
      }
      if !batch.isEmpty { recordBatch(lane: index) }
      let head = unsafeBitCast(payload, to: rm_event_head.self)
      guard lane.pointee.mayRead(head) else {
        setAside(index)
        break
      }
      guard slotsLeft > 0, lane.pointee.role == .observe || !isJournaled(head) || lookForRoom(),
        !mustReadFirst(head, lane: index)
      else { break }
      handled += 1
      slotsLeft -= Int(head.slots)
      if UInt32(head.kind) >= RM_KIND_QUERY { requests += 1 }
      if let fault = handleRecord(head, lane: index) {
        count(records: UInt64(handled), requests: requests, from: lane)
        quarantine(lane, fault)
        return (handled, false)
      }
      mayShortcut = mayShortcut && lane.pointee.refusal == nil
    }
    if !batch.isEmpty { recordBatch(lane: index) }
    if handled > 0 {
      lane.pointee.idlePolls = 0
      count(records: UInt64(handled), requests: requests, from: lane)
    }
    if lane.pointee.consumer.position >= lane.pointee.drainTarget { lane.pointee.isDrained = true }
    if handled < limit { lane.pointee.consumer.release() }
    if handled > 0 { return (handled, false) }
    lane.pointee.idlePolls &+= 1
    return (0, leavesWhenIdle(lane))
  }

  @inline(__always)
  private func count(records: UInt64, requests: UInt64, from lane: UnsafeMutablePointer<PeerLane>) {
    lane.pointee.received &+= records
    counters[.eventsReceived].add(records &- requests)
    if requests > 0 { counters[.requestsReceived].add(requests) }
  }

  /// Idle polls from one look at whether the peer cut its rings short to the next.
  private static let idlePollsBetweenChecks: UInt32 = 64

  private mutating func leavesWhenIdle(_ lane: UnsafeMutablePointer<PeerLane>) -> Bool {
    if !lane.pointee.isQuarantined, lane.pointee.idlePolls % Self.idlePollsBetweenChecks == 1,
      lane.pointee.isPoisoned
    {
      quarantine(lane, "its shared memory was truncated")
    }
    guard lane.pointee.isLeaving, lane.pointee.isDrained, isRemovalDurable(Int(lane.pointee.peer.facts.lane)) else {
      return false
    }
    notices.post(.removed(peer: lane.pointee.id))
    postedNotice = true
    counters[.peersDetached].increment()
    return true
  }

  /// Reads no more from a peer; it is removed once all that it said before is durable.
  mutating func quarantine(_ lane: UnsafeMutablePointer<PeerLane>, _ reason: String) {
    lane.pointee.isQuarantined = true
    lane.pointee.isLeaving = true
    lane.pointee.isDrained = true
    lanes.waitingForReader.remove(Int(lane.pointee.peer.facts.lane))
    notices.post(.quarantined(peer: lane.pointee.id, reason: reason))
    postedNotice = true
    counters[.peersQuarantined].increment()
  }

  @inline(__always)
  func pass(_ passage: Passage) {
    if let passing { passing(passage) }
  }

  /// When an event happened, for the state machine. Only what tells that a worker lives is as old as its peer says: a job that
  /// its peer made older would be placed before others.
  func eventMs(_ head: rm_event_head) -> Int64 {
    switch EventKind(rawValue: head.kind) {
    case .workerHeartbeat, .workerRegistered: receivedMs(head.timestamp_ns)
    default: nowMs
    }
  }

  /// When a record was received, on the controller's clock. A stamp from the future is not believed.
  @inline(__always)
  func receivedMs(_ timestampNs: UInt64) -> Int64 {
    timestampNs == 0 || timestampNs > nowNs ? nowMs : clock.ms(bootNs: timestampNs)
  }
}
