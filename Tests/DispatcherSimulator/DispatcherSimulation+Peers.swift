import CRingmaster
import Dispatcher
import EventCodec
import EventModel

/// Peers that attach, leave, come back and read; and the control thread.
extension DispatcherSimulation {
  /// How long a dispatcher waits for peers of the one before it, and then some for who comes in the last moment.
  private static let surelyAwaitedNs: UInt64 = 25_000_000_000

  /// A peer that always catches up within this, and does not find its ring full, loses no answer of its own.
  private static let lagNs: UInt64 = 900_000_000
  /// Behind this much time, a ring of which a peer reads a quarter or more may have been full.
  private static let fullRingNs: UInt64 = 50_000_000

  /// - Parameter isPressing: also when there are as many as usual.
  func attach(isPressing: Bool = false) throws {
    guard let dispatcher, isPressing || order.count(where: { $0.stage != .gone && $0.role != .worker }) < scenario.peers
    else { return }
    let role: Role = [.control, .control, .control, .ingest, .observe][random.below(5)]
    // The first of all drives the cluster.
    let chosen = order.contains { $0.stage != .gone && $0.role == .control } ? role : .control
    let subscription: UInt32 = [0, RM_SUBSCRIBE_TRANSACTIONS, RM_SUBSCRIBE_ASSIGNMENTS][random.below(3)]
    var request = SteppedDispatcher.Request(
      name: "peer", role: chosen, submissionCapacity: scenario.submissionSlots, resultCapacity: scenario.resultSlots,
      subscription: subscription, token: (0..<Int(RM_TOKEN_BYTES)).map { _ in UInt8(random.below(256)) })
    request.name = "peer \(order.count)"
    let user = rules.chance(50) ? SimulatedPeer.User.known : .unknown
    request.uid = user.uid
    guard let reply = try dispatcher.attach(request) else { return }
    if peers[reply.peer] != nil, !wasDamaged {
      fail("peer number given twice", "a new peer was given \(reply.peer), which another one has or had")
    }
    var ports = try SimulatedPeer.Ends(reply).ports(peer: reply.peer, epoch: dispatcher.epoch.number)
    let peer = SimulatedPeer(
      id: reply.peer, role: chosen, token: request.token, user: user, subscription: subscription,
      isSlow: random.chance(scenario.slowReaders), life: life, submission: ports.takeSubmission(),
      results: ports.takeResults())
    peers[reply.peer] = peer
    order.append(peer)
    replies[reply.peer] = reply
    if random.chance(30) { try tend() }
  }

  /// One that leaves says so, or does not come back.
  func detach() throws {
    guard let dispatcher, order.count(where: { $0.stage == .attached }) > 1,
      let peer = random.element(of: order.filter { $0.stage == .attached && $0.role != .worker })
    else { return }
    peer.submission?.flush()
    dispatcher.detach(peer.id)
    end(peer)
  }

  /// It is gone; what it said stays said.
  func end(_ peer: SimulatedPeer) {
    peer.stage = .gone
    peer.submission = nil
    peer.results = nil
    peer.awaited = [:]
    peer.queries = []
  }

  /// Nobody begins once the dispatcher knows that its journal failed; who only looks loses nothing.
  func checkNobodyBegins(on dispatcher: SteppedDispatcher) {
    var hasFailed = false
    while let notice = dispatcher.nextNotice() {
      switch notice {
      case .journal(.failed, _): hasFailed = true
      case .admitted(let id, false, _) where hasFailed && peers[id]?.role != .observe:
        fail("begun on a failed journal", "peer \(id) may begin, and what it says is lost with this dispatcher")
      default: break
      }
    }
  }

  /// The control thread's turn.
  func tend() throws {
    guard let dispatcher else { return }
    for peer in order where peer.stage == .away { try comeBack(peer, dispatcher) }
    dispatcher.tend()
    while let notice = dispatcher.nextNotice() {
      switch notice {
      case .admitted(let id, let isRecoverable, let lastTransaction):
        guard let peer = peers[id], let reply = replies.removeValue(forKey: id), peer.stage != .gone else { continue }
        if peer.wasAttached {
          try SimulatedPeer.Ends(reply).renew(
            &peer.submission, &peer.results, lastTransaction: lastTransaction, epoch: dispatcher.epoch.number)
          if let known = peer.knowsMoreThan {
            fail(
              "lost tail unnoticed",
              "peer \(id) had results up to \(peer.lastTransaction) before the end of the journal was lost behind "
                + "\(known), and came back without a word")
          }
          peer.lastTransaction = min(peer.lastTransaction, lastTransaction)
        } else {
          peer.lastTransaction = lastTransaction
          peer.results?.begin(after: lastTransaction)
        }
        (peer.stage, peer.isRecoverable, peer.wasAttached) = (.attached, isRecoverable, true)
        peer.noteCaughtUp(time.bootNs)
        peer.laggedNs = 0
        if peer.role == .worker { try machineIsAdmitted(peer) }
      case .quarantined(let id, let reason):
        guard let peer = peers[id] else { continue }
        if !peer.isHostile {
          fail("disconnected", "peer \(id), which keeps to the protocol, was disconnected: \(reason)")
        }
        peer.isComplete = false
        end(peer)
      case .peerKnowsMore(let id, let transaction, let behind):
        peers[id]?.knowsMoreThan = nil
        if !wasDamaged, profile != .relaxed {
          fail("lost tail", "peer \(id) knows of transaction \(transaction), the journal of \(behind)")
        }
      case .removed(let id): peers[id]?.isRemoved = true
      case .journal: break
      }
    }
  }

  private func comeBack(_ peer: SimulatedPeer, _ dispatcher: SteppedDispatcher) throws {
    // Some take their time.
    if random.chance(peer.isSlow ? 90 : 30) { return }
    var request = SteppedDispatcher.Request(
      name: "peer", role: peer.role, submissionCapacity: scenario.submissionSlots,
      resultCapacity: scenario.resultSlots, subscription: peer.subscription, token: peer.token)
    request.name = "peer again"
    let last = peer.results?.progress.lastTransaction ?? 0
    guard
      let reply = try dispatcher.attach(
        request, returning: peer.id, lastTransaction: last, epoch: peer.results?.epoch ?? 0)
    else {
      if time.bootNs &- peer.awaySinceNs < Self.surelyAwaitedNs, peer.isComplete, !wasSalvaged, !isDamaged {
        fail("cannot come back", "peer \(peer.id) was not known any more right after a restart")
      }
      return end(peer)
    }
    peer.stage = .admitting
    replies[peer.id] = reply
  }

  // MARK: Reading

  func readSomething() throws {
    guard let peer = random.element(of: order.filter { $0.stage == .attached }) else { return }
    if peer.isSlow, random.chance(90) { return }
    try read(peer, limit: 1 + random.below(600))
  }

  /// What observers said of an event is in its result, unless that was made anew of the journal.
  private func checkObservations(of result: DispatchResult) {
    guard scenario.hasObservers, result.transaction != nil else { return }
    if result.observations.isEmpty, restarts > 0 { return }
    if result.observations != TalkativeObserver.observations(of: result.event.id) {
      fail("observations", "the result of \(result.event.id) says \(result.observations)")
    }
  }

  func read(_ peer: SimulatedPeer, limit: Int) throws {
    // A part of a long result is no message.
    if time.bootNs &- peer.caughtUpNs > Self.lagNs { peer.laggedNs = time.bootNs }
    for _ in 0..<limit {
      guard let message = try peer.results?.next() else {
        peer.noteCaughtUp(time.bootNs)
        return
      }
      let gapNs = time.bootNs &- peer.caughtUpNs
      if peer.role == .worker { peer.inbox.append(message) }
      if noteSaid(message) {
        if case .result(let result) = message { noteRead(.refused(result.event.id), by: peer) }
        if case .refused(let id, _, _) = message { noteRead(.refused(id), by: peer) }
        continue
      }
      switch message {
      case .result(let result):
        peer.recordsSinceCaughtUp += ResultEncoder.recordCount(of: result)
        if gapNs > Self.fullRingNs, peer.recordsSinceCaughtUp > scenario.resultSlots / 4 { peer.laggedNs = time.bootNs }
        checkObservations(of: result)
        noteRead(
          .answer(
            result.event.id,
            transaction: result.transaction.map { Account.Name(epoch: result.epoch, number: $0.number) },
            isDurable: result.promise == .durable), by: peer)
      case .refused(let id, let reason, let detail):
        if reason == .malformed, !peer.isHostile, peer[id.position]?.isWellFormed == true {
          fail("refused without cause", "the \(peer[id.position]!.kind) of \(id) was refused: \(detail)")
        }
        noteRead(.refused(id), by: peer)
      case .overrun(let from, let to, let settledBefore):
        if from > to { fail("gap", "peer \(peer.id) was told that \(from) to \(to) are lost") }
        noteRead(.lost(from...max(from, to), settledBefore: settledBefore), by: peer)
      case .queryDone(let request, next: _): noteRead(.queryDone(request), by: peer)
      case .row, .heartbeatRefused: break
      }
    }
  }
}
