import ControlPlane
import Controller

/// What the control thread asks for: peers come and go, and other settings, between two events.
extension DispatchLoop {
  /// Results looked at in one turn for peers that are back, before the rest of these waits for the next.
  private static let resultsLookedAtPerTurn = 65_536

  @inline(__always)
  mutating func takeCommands() -> Bool {
    guard commands.hasMessage() else { return false }
    followCommands()
    return true
  }

  @inline(never)
  private mutating func followCommands() {
    var resent = 0
    while resent < Self.resultsLookedAtPerTurn, let command = commands.take() {
      switch command {
      case .attach(let peer, let ends):
        let index = Int(peer.facts.lane)
        insert(PeerLane(peer), at: index)
        stamp(index)
        connect(index, ends)
        counters[.peersAttached].increment()
        journal.enter(peer.facts)
        journal.enterWaiting(lanes, lastTransaction: state.transactionLog.lastNumber, &notices)
      case .reattach(let peer, let ends):
        if let lane = lanes.index(of: peer) {
          connect(lane, ends)
          let newest = state.transactionLog.lastNumber
          let last = ends.resumed.map { journal.resume(peer, after: $0, &notices) } ?? newest
          resent += delivery.resend(after: last, to: lane, lastTransaction: newest, lanes)
          notices.post(.admitted(peer: peer, isRecoverable: true, lastTransaction: last))
        }
      case .detach(let peer):
        if let lane = lanes.index(of: peer) {
          lanes[lane].pointee.isLeaving = true
          lanes[lane].pointee.markForDraining()
          lanes.wake(lane)
        }
      case .configure(let next): nextConfiguration = next
      case .reserveIDs(let id): journal.reserve(upTo: id)
      case .shutDown:
        isShuttingDown = true
        beginDraining()
      }
    }
  }

  mutating func insert(_ lane: consuming PeerLane, at index: Int) {
    var lane = lane
    lane.carrier = liveness.carriers.insert(peer: lane.id, name: lane.peer.facts.name)
    lanes.insert(lane, at: index)
  }

  private mutating func connect(_ lane: Int, _ ends: ResultEnds) {
    lanes[lane].pointee.connect(ends, outboxBytes: configuration.resultBacklogBytes)
    delivery.tellRefusal(of: lane, &lanes)
    delivery.subscribe(lane, to: ends.subscription, lanes)
    lanes.wake(lane)
  }

  /// Takes over the settings that wait to be taken over, once the journal has room for those that decide what events mean.
  mutating func configure() -> Bool {
    // Twice, or it would be copied to be looked at.
    guard case .some = nextConfiguration, let next = nextConfiguration else { return false }
    let before = state.configuration
    guard next.controller == before || journal.hasRoom() else { return false }
    nextConfiguration = nil
    state.configure(next.controller)
    state.dateFormerTimeout(asOfMs: clock.nowMs)
    if state.configuration != before { _ = journal.append(.configured(state.configuration)) }
    configuration = next
    delivery.limits = ResultDelivery.Limits(next)
    letters.limit(to: next.deadLetters)
    liveness.setInterval(ms: next.sweepIntervalMs)
    wasConfigured = true
    notices.post(.configured)
    return true
  }
}
