import EventRing
import Platform

/// Which rings are polled: those that had something lately. The others sleep, and their producers raise a hand on the
/// attention board. The protocol's proof obligations stand at `RingProducer.consumerIsParked` and `AttentionBoard`.
extension DispatchLoop {
  /// Polls without a record after which a ring is put to sleep while others are busy, and how often that is looked at.
  private static let idlePollsBeforeSleep: UInt32 = 1024
  private static let turnsBetweenNaps: UInt64 = 256

  /// Wakes the rings whose producers raised their hands.
  mutating func wakeRaisedRings() {
    for group in 0..<lanes.groups {
      var raised = board.takeRaised(group: group) & lanes.occupied[group: group]
      while raised != 0 {
        wake(group << 6 | raised.trailingZeroBitCount)
        raised &= raised &- 1
      }
    }
  }

  mutating func wake(_ lane: Int) {
    guard !lanes.awake.contains(lane) else { return }
    lanes[lane].pointee.consumer.unpark()
    lanes[lane].pointee.idlePolls = 0
    lanes.awake.insert(lane)
  }

  /// Looks at every ring, asleep or not: a hand may have been spoilt, and a producer may have died before it raised one.
  mutating func lookAtEveryRing() {
    var next = lanes.next(from: 0)
    while let lane = next {
      if let fault = lanes[lane].pointee.findFault() { quarantine(lanes[lane], "\(fault)") }
      lanes[lane].pointee.markForDraining()
      if lanes[lane].pointee.consumer.isPublished() || lanes[lane].pointee.isPoisoned
        || lanes[lane].pointee.isQuarantined
      {
        wake(lane)
      }
      next = lanes.next(from: lane + 1)
    }
  }

  /// Now and then puts the rings to sleep that have been silent for long.
  mutating func restIdleRings() {
    turnsSinceNap += 1
    guard turnsSinceNap >= Self.turnsBetweenNaps else { return }
    turnsSinceNap = 0
    _ = putToSleep { $0 >= Self.idlePollsBeforeSleep }
  }

  /// Puts every ring to sleep and announces that the dispatcher sleeps too.
  ///
  /// - Returns: false when something was published meanwhile: stay awake. After true, and after waking, call `wakeUp`.
  mutating func goToSleep() -> Bool {
    guard putToSleep(where: { _ in true }) else { return false }
    return board.goToSleep(groups: lanes.groups)
  }

  func wakeUp() {
    board.wakeUp()
  }

  /// - Returns: whether all that were meant sleep now; one in which something was published meanwhile stays awake.
  private mutating func putToSleep(where isIdle: (_ idlePolls: UInt32) -> Bool) -> Bool {
    var announced = 0
    var next = lanes.awake.first(from: 0)
    while let lane = next {
      if isIdle(lanes[lane].pointee.idlePolls), !lanes[lane].pointee.isLeaving {
        lanes[lane].pointee.consumer.release()
        lanes[lane].pointee.consumer.announcePark()
        lanes[lane].pointee.isDozing = true
        announced += 1
      }
      next = lanes.awake.first(from: lane + 1)
    }
    guard announced > 0 else { return true }
    parkingBarrier()
    var allSleep = true
    next = lanes.awake.first(from: 0)
    while let lane = next {
      if lanes[lane].pointee.isDozing {
        lanes[lane].pointee.isDozing = false
        if lanes[lane].pointee.consumer.confirmPark() {
          lanes.awake.remove(lane)
        } else {
          allSleep = false
        }
      } else {
        allSleep = false
      }
      next = lanes.awake.first(from: lane + 1)
    }
    return allSleep
  }

  private func parkingBarrier() {
    guard case .byConsumer = barrier, MemoryBarrier.issue() else { return AttentionBoard.fence() }
  }
}
