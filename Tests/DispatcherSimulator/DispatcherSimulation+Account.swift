import Controller
import Dispatcher
import EventModel

/// Looking at what the dispatcher did.
extension DispatcherSimulation {
  /// All invariants of the state are computed anew at every look while it has so many workers, jobs and tasks; with more, at
  /// every second, third, ... look, so that a look costs the same.
  private static let entitiesPerLook = 160

  func observe(_ dispatcher: SteppedDispatcher) {
    if let exceeded = dispatcher.exceededBound { fail("memory unbounded", exceeded.description) }
    dispatcher.read { state in
      let last = state.transactionLog.lastNumber
      var isKnown = true
      while account.lastSeen < last {
        account.lastSeen += 1
        account.transactions += 1
        guard let transaction = state.transactionLog[number: account.lastSeen] else {
          isKnown = false
          continue
        }
        observe(transaction, dispatcher)
      }
      if !isKnown { rulebook = RuleBook(state) }
      if state.totals.stopping != rulebook.stopping.current.count {
        fail("stops", "\(state.totals.stopping) attempts stop; \(rulebook.stopping.current.count) should")
      }
      looksUntilInvariants -= 1
      guard looksUntilInvariants <= 0 else { return }
      let totals = state.totals
      looksUntilInvariants = (totals.workers + totals.jobs.total + totals.tasks.total) / Self.entitiesPerLook
      if let broken = state.checkInvariants().first { fail("invariants", broken) }
      if let fault = rulebook.faultOfStops(state) { fail("stops", fault) }
    }
  }

  private func observe(_ transaction: Transaction, _ dispatcher: SteppedDispatcher) {
    let number = transaction.number
    let id = transaction.event.id
    account.origins[number] = id
    if let earlier = account.told[Account.Name(epoch: dispatcher.epoch.number, number: number)], earlier != id {
      fail("number used twice", "transaction \(number) is of event \(id), but a client got it for event \(earlier)")
    }
    if id.peer != 0 { noteHandled(transaction.event, number) }
    noteRules(transaction)
    switch transaction.event.body {
    case .jobSubmitted(let name, let request) where transaction.outcome == .applied:
      account.submissions[name] = Account.Submission(
        number: number,
        shape: .init(resources: request.resources, constraints: request.constraints, priority: request.priority),
        isOrdered: !request.coscheduled && request.parent == nil, isGang: request.coscheduled,
        maximumAttempts: 1 + UInt32(request.maxRetriesFailure + request.maxRetriesPreemption)
          + UInt32(configuration.controller.deliveryRetries))
    case .taskPreempted(.handle(let task), reason: _) where transaction.outcome == .applied:
      account.preemptions[task, default: 0] += 1
    case .workerFailed(let worker, .timedOut(let lastHeartbeatMs, let timeoutMs))
    where transaction.outcome == .applied:
      checkLoss(worker, lastHeartbeatMs, timeoutMs, dispatcher)
    case .brakeEngaged, .brakeReleased, .controllerStalled, .clockCorrected, .schedulingDeadlinePassed,
      .workerDrainPassed, .taskTimedOut, .assignmentTimedOut:
      if case .rejected(let reason) = transaction.outcome, reason == .malformed {
        fail("own event malformed", "transaction \(number): the dispatcher's own \(transaction.event.body)")
      }
    default: break
    }
    for action in transaction.actions {
      switch action.kind {
      case .workerRegistered:
        if case .worker(let handle, let name) = action.subject, name.hasPrefix("w"), let index = Int(name.dropFirst()),
          workers.indices.contains(index)
        {
          workers[index].handle = handle
          workersByHandle[handle.rawValue] = index
        }
      case .taskAssigned: noteStart(action, isOwn: id.peer == 0)
      default: break
      }
    }
  }

  private func noteHandled(_ event: Event, _ number: UInt64) {
    let id = event.id
    guard let peer = peers[id.peer] else {
      return fail("ghost", "transaction \(number) is of event \(id), whose peer belongs to no ring of this journal")
    }
    if !peer.isHostile, peer[id.position]?.hash != event.body.unsigned.hashValue, !isExpected(event, of: peer) {
      fail(
        "ghost",
        "transaction \(number) is of event \(id), \(event.body), where its peer said "
          + "\(peer[id.position]?.kind ?? "nothing")")
    }
    if !peer.isHostile, peer[id.position]?.isWellFormed == false {
      fail("malformed and handled", "transaction \(number) is of \(id), which no record holds with its submitter")
    }
    // What was handled and then lost with a damaged part of the journal is handled again.
    if let last = peer.handled.last, last.position >= id.position, !wasDamaged {
      fail("handled twice", "event \(id) was handled after \(last.position) of the same ring: transaction \(number)")
    }
    peer.handled.append(SimulatedPeer.Handled(position: id.position, number: number))
    // The answers of one that is away may be given up before it comes back.
    if peer.awaited[id.position] != nil {
      peer.answers[id.position] = SimulatedPeer.Answer(
        number: number, life: peer.stage == .attached ? life : 0, madeNs: time.bootNs)
    }
  }

  /// Is it something else than its peer has put in its ring, and may be?
  private func isExpected(_ event: Event, of peer: SimulatedPeer) -> Bool {
    switch event.body {
    case _ where peer.retries.contains(event.id.position): true
    case .jobSubmitted(let name, _): scenario.hasMiddleware && name.hasSuffix("9")
    case .workerHeartbeat: peer[event.id.position] == nil
    default: false
    }
  }

  private func noteStart(_ action: Action, isOwn: Bool) {
    guard case .task(let task, let job, let index) = action.subject, let worker = action.worker,
      let attempt = action.attempt
    else { return }
    if running.count > Self.runningKept { running.removeFirst(running.count / 2) }
    // Of what runs on a machine, that says itself.
    if machines[worker.name] == nil {
      running.append(RunningTask(task: task, attempt: attempt, worker: worker.handle))
    }
    guard let submission = account.submissions[job] else { return }
    if !submission.isGang, attempt >= submission.maximumAttempts + account.preemptions[task, default: 0] {
      fail("attempts unbounded", "task \(index) of \(job) began attempt \(attempt)")
    }
    guard isOwn, attempt == 0, submission.isOrdered else { return }
    let started = Account.Started(job: submission.number, index: index)
    if let last = account.lastStarted[submission.shape],
      (last.job, last.index) > (started.job, started.index)
    {
      fail(
        "order",
        "task \(index) of the job of transaction \(started.job) was placed after task \(last.index) of the equal "
          + "job of transaction \(last.job)")
    }
    account.lastStarted[submission.shape] = started
  }

  private static let runningKept = 20_000

  /// Was a heartbeat overlooked that had been published in time?
  private func checkLoss(
    _ worker: WorkerReference, _ lastHeartbeatMs: Int64, _ timeoutMs: Int64, _ dispatcher: SteppedDispatcher
  ) {
    guard case .handle(let handle) = worker, let index = workersByHandle[handle.rawValue],
      workers[index].handle == handle, workers[index].lastBeatLife == life,
      let peer = peers[workers[index].lastBeatPeer], peer.stage == .attached
    else { return }
    let beatMs = dispatcher.clockMs(bootNs: workers[index].lastBeatNs)
    if beatMs > lastHeartbeatMs, beatMs <= lastHeartbeatMs + timeoutMs {
      fail(
        "live worker lost",
        "\(workers[index].name) was heard of last at \(beatMs), and declared lost as silent since "
          + "\(lastHeartbeatMs), for more than \(timeoutMs) ms")
    }
  }

  // MARK: Peers

  /// Takes one message that a peer has read.
  func noteRead(_ message: ResultReading, by peer: SimulatedPeer) {
    switch message {
    case .answer(let id, let transaction, let isDurable):
      if let number = transaction { noteTold(number, id, isDurable: isDurable, to: peer) }
      guard id.peer == peer.id else { return }
      let epoch = transaction?.epoch ?? dispatcher?.epoch.number ?? 0
      let wasAwaited =
        peer.awaited.removeValue(forKey: id.position) != nil || peer.unsure.remove(id.position) != nil
      // What was answered, and then lost with the process, by damage or by an older copy, is answered in a later epoch.
      let mayComeAgain = (profile == .relaxed || wasDamaged) && epoch > peer.answered[id.position] ?? .max
      if wasAwaited, profile != .relaxed, !wasDamaged, !peer.isHostile,
        let earlier = peer.eventLeftOut(before: id.position)
      {
        fail(
          "no answer",
          "peer \(peer.id) got the answer to its event at \(id.position), and none to the one at \(earlier) before, "
            + "nor word of a loss")
      }
      if wasAwaited || mayComeAgain {
        peer.answered[id.position] = epoch
      } else if peer.subscription == 0 || peer.answered[id.position] != nil {
        fail("answered twice", "peer \(peer.id) was answered about \(id), which it does not await")
      }
    case .refused(let id):
      if peer.awaited.removeValue(forKey: id.position) == nil, peer.queries.remove(id.position) == nil,
        peer.unsure.remove(id.position) == nil, peer.refused.contains(id.position),
        restarts == 0 || !wasDamaged && peer.isJournaled(id.position)
      {
        // Behind a restart, what is refused without a record in the journal is refused once more.
        fail("answered twice", "peer \(peer.id) got a refusal of \(id), which it does not await")
      }
      peer.refused.insert(id.position)
    case .lost(let range, let settledBefore):
      peer.overruns.append(range)
      if peer.subscribesToAll, range.lowerBound > peer.lastTransaction + 1 {
        fail("gap", "peer \(peer.id) has results up to \(peer.lastTransaction) and got an overrun of \(range)")
      }
      peer.lastTransaction = max(peer.lastTransaction, range.upperBound)
      for position in peer.awaited.keys.sorted() {
        checkIsKept(position, peer, lost: range)
        if position < settledBefore { noteLostAnswer(position, peer, lost: range) }
      }
    case .queryDone(let request): peer.queries.remove(request)
    case .other: break
    }
  }

  /// A peer that awaits the answer to an event before the position that an overrun names gives it up at once.
  private func noteLostAnswer(_ position: UInt64, _ peer: SimulatedPeer, lost range: ClosedRange<UInt64>) {
    let kind = peer.awaited.removeValue(forKey: position)?.kind ?? "its event"
    guard let answer = peer.answers[position], answer.life == life, answer.number > range.upperBound else { return }
    fail(
      "answer given up",
      "peer \(peer.id) got an overrun of \(range) that ends its wait for \(kind) at \(position), which later became "
        + "transaction \(answer.number)")
  }

  /// Whoever reads what there is loses no answer of its own.
  func checkIsKept(_ position: UInt64, _ peer: SimulatedPeer, lost range: ClosedRange<UInt64>) {
    guard let answer = peer.answers[position], answer.life == life, range.contains(answer.number),
      answer.madeNs > peer.laggedNs
    else { return }
    fail(
      "answer pushed out",
      "peer \(peer.id) got a report that the answer to \(peer.awaited[position]?.kind ?? "its event") at \(position), "
        + "transaction \(answer.number), is lost")
  }

  private func noteTold(_ name: Account.Name, _ id: EventID, isDurable: Bool, to peer: SimulatedPeer) {
    let number = name.number
    if number <= peer.lastTransaction {
      fail("results out of order", "peer \(peer.id) got \(number) after \(peer.lastTransaction)")
    } else if peer.subscribesToAll, number > peer.lastTransaction + 1 {
      fail("gap", "peer \(peer.id), which subscribes to all, got \(number) after \(peer.lastTransaction)")
    }
    peer.lastTransaction = number
    if let origin = account.origins[number], origin != id {
      fail("told wrong", "peer \(peer.id) was told that transaction \(number) is of \(id); it is of \(origin)")
    }
    guard isDurable else { return }
    if let earlier = account.told[name], earlier != id {
      fail("number used twice", "transaction \(number) was reported for event \(earlier), then for event \(id)")
    }
    account.told[name] = id
    account.lastTold = max(account.lastTold, number)
  }

  /// What a message comes to.
  enum ResultReading {
    case answer(EventID, transaction: Account.Name?, isDurable: Bool)
    case refused(EventID)
    case lost(ClosedRange<UInt64>, settledBefore: UInt64)
    case queryDone(UInt64)
    case other
  }
}

extension Account {
  /// What a peer's events became behind a transaction has never been.
  mutating func goBack(_ peer: SimulatedPeer, to transaction: UInt64, life: Int) {
    while let last = peer.handled.last, last.number > transaction { peer.handled.removeLast() }
    peer.answers = peer.answers.filter { $0.value.number <= transaction }
  }
}
