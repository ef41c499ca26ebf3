import EventRing
import Platform
import Telemetry

/// The lanes of all attached peers, each at the index that is its byte on the attention board, and which of them are polled or
/// wait.
///
/// Invariant: only lanes with a peer are in the sets. A lane that is not awake is parked, so that its producer raises its hand,
/// or set aside until its peer has been told what it waits for.
struct LaneTable: ~Copyable {
  private let lanes: UnsafeMutablePointer<PeerLane>
  /// Groups of 64 lanes in use, from the lowest.
  private(set) var groups = 0
  private(set) var occupied = LaneSet()
  /// Rings that are polled each turn; the others' producers raise their hands.
  private(set) var awake = LaneSet()
  /// Lanes with slots that wait for the journal.
  private var held = LaneSet()
  /// Lanes with events that wait until their peer has read its answers.
  private(set) var waitingForReader = LaneSet()
  private let board: AttentionBoard
  private let barrier: ParkingBarrier
  private var turnsSinceNap: UInt64 = 0

  init(board: consuming AttentionBoard, barrier: ParkingBarrier) {
    lanes = .allocate(capacity: AttentionBoard.lanes)
    self.board = board
    self.barrier = barrier
  }

  deinit {
    for lane in occupied.members {
      (lanes + lane).deinitialize(count: 1)
    }
    lanes.deallocate()
  }

  /// Valid until the lane is removed.
  @inline(__always)
  subscript(lane: Int) -> UnsafeMutablePointer<PeerLane> {
    precondition(occupied.contains(lane), "lane \(lane) has no peer")
    return lanes + lane
  }

  var count: Int { occupied.count }

  /// The first lane with a peer at or after `lane`.
  func next(from lane: Int) -> Int? {
    occupied.first(from: lane)
  }

  mutating func insert(_ lane: consuming PeerLane, at index: Int) {
    precondition(!occupied.contains(index), "lane \(index) has a peer already")
    // Raised for whoever had it before.
    board.lower(index)
    (lanes + index).initialize(to: lane)
    occupied.insert(index)
    awake.insert(index)
    groups = max(groups, index >> 6 + 1)
  }

  mutating func remove(at index: Int) {
    precondition(occupied.contains(index), "lane \(index) has no peer")
    (lanes + index).deinitialize(count: 1)
    occupied.remove(index)
    awake.remove(index)
    held.remove(index)
    waitingForReader.remove(index)
    while groups > 0, occupied[group: groups - 1] == 0 { groups -= 1 }
  }

  func index(of peer: UInt32) -> Int? {
    for lane in occupied.members {
      if lanes[lane].id == peer { return lane }
    }
    return nil
  }

  // MARK: The journal

  /// Keeps the slots from a position on until a record is durable.
  mutating func hold(_ lane: Int, position: UInt64, until record: UInt64) {
    assert(record > 0, "what no record tells of waits for none")
    self[lane].pointee.held.hold(position, until: record)
    self[lane].pointee.updateHold()
    held.insert(lane)
  }

  /// Gives the slots back that waited for a record that is durable, with a stamp of how far the dispatcher has come.
  mutating func settleHeld(durable: UInt64, epoch: UInt64, transaction: UInt64) {
    for lane in held.members {
      assert(!lanes[lane].held.isEmpty, "a lane that waits for the journal holds slots")
      lanes[lane].held.settle(durable: durable)
      lanes[lane].updateHold()
      lanes[lane].consumer.stamp(epoch: epoch, transaction: transaction)
      lanes[lane].consumer.release()
      if lanes[lane].held.isEmpty { held.remove(lane) }
    }
  }

  // MARK: Attention

  /// Polls after which a ring that had nothing sleeps while others are busy, and how often that is looked at.
  private static let idlePollsBeforeSleep: UInt32 = 1024
  private static let turnsBetweenNaps: UInt64 = 256

  /// Wakes the rings whose producers raised their hands. The protocol's proof obligations stand at
  /// `RingProducer.consumerIsParked` and `AttentionBoard`.
  mutating func wakeRaised() {
    for group in 0..<groups {
      var raised = board.takeRaised(group: group) & occupied[group: group]
      while raised != 0 {
        wake(group << 6 | raised.trailingZeroBitCount)
        raised &= raised &- 1
      }
    }
  }

  /// Polls a ring again that slept or had been set aside.
  mutating func wake(_ lane: Int) {
    guard !awake.contains(lane) else { return }
    self[lane].pointee.consumer.unpark()
    self[lane].pointee.idlePolls = 0
    awake.insert(lane)
  }

  /// Takes a lane out of those that are polled, until what it waits for has been told. A round of draining does not wait for
  /// it either: a peer that asks so much, or does not read its results, delays itself.
  mutating func setAside(_ lane: Int) {
    assert(awake.contains(lane), "a lane is set aside when it is read")
    self[lane].pointee.isDrained = true
    awake.remove(lane)
  }

  /// Notes whether a lane's next event waits for its peer to read.
  mutating func setWaitingForReader(_ lane: Int, _ waits: Bool) {
    assert(!waits || awake.contains(lane) && !self[lane].pointee.isLeaving, "who leaves reads no more")
    if waits { waitingForReader.insert(lane) } else { waitingForReader.remove(lane) }
  }

  /// Now and then puts the rings to sleep that have been silent for long.
  ///
  /// - Returns: whether it looked for such rings.
  mutating func restIdle() -> Bool {
    turnsSinceNap += 1
    guard turnsSinceNap >= Self.turnsBetweenNaps else { return false }
    turnsSinceNap = 0
    _ = putToSleep { $0 >= Self.idlePollsBeforeSleep }
    return true
  }

  /// Puts every ring to sleep and announces that the dispatcher sleeps too.
  ///
  /// - Returns: false when something was published meanwhile: stay awake. After true, and after waking, call `wakeUp`.
  mutating func goToSleep() -> Bool {
    guard putToSleep(where: { _ in true }) else { return false }
    return board.goToSleep(groups: groups)
  }

  func wakeUp() {
    board.wakeUp()
  }

  /// - Returns: whether all that were meant sleep now; one in which something was published meanwhile stays awake.
  private mutating func putToSleep(where isIdle: (_ idlePolls: UInt32) -> Bool) -> Bool {
    var announced = 0
    for lane in awake.members {
      if isIdle(self[lane].pointee.idlePolls), !self[lane].pointee.isLeaving {
        self[lane].pointee.consumer.release()
        self[lane].pointee.consumer.announcePark()
        self[lane].pointee.isDozing = true
        announced += 1
      }
    }
    guard announced > 0 else { return true }
    parkingBarrier()
    var allSleep = true
    for lane in awake.members {
      if self[lane].pointee.isDozing {
        self[lane].pointee.isDozing = false
        if self[lane].pointee.consumer.confirmPark() {
          awake.remove(lane)
        } else {
          allSleep = false
        }
      } else {
        allSleep = false
      }
    }
    return allSleep
  }

  private func parkingBarrier() {
    guard case .byConsumer = barrier, MemoryBarrier.issue() else { return AttentionBoard.fence() }
  }

  /// Looks at every ring, asleep or not: a hand may have been spoilt, and a producer may have died before it raised one. What is
  /// published now is drained before `isDrained` holds.
  mutating func beginDraining(_ notices: inout ControlNotices, _ counters: CounterSet<DispatcherCounter>) {
    for lane in occupied.members {
      if let fault = lanes[lane].findFault() { quarantine(lane, "\(fault)", &notices, counters) }
      lanes[lane].markForDraining()
      if lanes[lane].consumer.isPublished() || lanes[lane].isPoisoned || lanes[lane].isQuarantined { wake(lane) }
    }
  }

  /// Reads no more from a peer; it is removed once all that it said before is durable.
  mutating func quarantine(
    _ lane: Int, _ reason: String, _ notices: inout ControlNotices, _ counters: CounterSet<DispatcherCounter>
  ) {
    let peer = self[lane]
    assert(!peer.pointee.isQuarantined, "a peer is quarantined once")
    peer.pointee.isQuarantined = true
    peer.pointee.isLeaving = true
    peer.pointee.isDrained = true
    waitingForReader.remove(lane)
    notices.post(.quarantined(peer: peer.pointee.id, reason: reason))
    counters[.peersQuarantined].increment()
  }

  /// Is everything done that was published before the last look at every ring?
  var isDrained: Bool {
    for group in 0..<groups {
      var awake = awake[group: group]
      while awake != 0 {
        if !lanes[group << 6 | awake.trailingZeroBitCount].isDrained { return false }
        awake &= awake &- 1
      }
    }
    return true
  }

  /// Has a peer left that is not removed yet?
  var hasLeavingPeers: Bool {
    for lane in occupied.members {
      if lanes[lane].isLeaving { return true }
    }
    return false
  }
}
