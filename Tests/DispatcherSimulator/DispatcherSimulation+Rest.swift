import Controller
import Dispatcher
import EventModel

/// Everything comes to rest: what is still missing then is missing for ever.
extension DispatcherSimulation {
  private static let quietRounds = 120
  private static let turnsPerRound = 1000
  private static let roundNs: UInt64 = 20_000_000
  private static let heartbeatIntervalNs: UInt64 = 400_000_000
  private static let tasksLookedAt = 3000

  /// Heals all faults, lets every peer read, and goes on until nothing happens any more.
  func comeToRest() throws {
    disk.faults = SimulatedDisk.Faults()
    var quiet = 0
    var rounds = 0
    var spinningRounds = 0
    var beatNs: UInt64 = 0
    // For time to pass.
    var machinesWait = false
    let begun = account.transactions
    let limit = 6000 + (dispatcher?.read { roundsNeeded($0) } ?? 0)
    for peer in order { peer.submission?.flush() }
    // Workers say no more: what they never hear of would be taken back again and again.
    configuration.controller.assignmentTimeoutMs = 0
    dispatcher?.configure(configuration)
    while quiet < Self.quietRounds {
      rounds += 1
      if rounds > limit {
        let made = account.transactions - begun
        return fail(
          "no rest",
          "after \(rounds) rounds it is still busy; it made \(made) transactions meanwhile \(pendingOfMachines)")
      }
      time.advance(ns: quiet > 4 || machinesWait ? Self.roundNs : 100_000)
      // A loss of power sets the clock back.
      if time.bootNs < beatNs || time.bootNs - beatNs > Self.heartbeatIntervalNs {
        beatNs = time.bootNs
        sendAllHeartbeats()
      }
      guard let dispatcher else { return }
      let before = account.transactions
      // Heartbeats of a large fleet are many turns' work, and make no transactions.
      var turns = 0
      while turns < Self.turnsPerRound, dispatcher.turn() {
        turns += 1
        observe(dispatcher)
      }
      observe(dispatcher)
      var worked = account.transactions != before
      spinningRounds = worked || turns < Self.turnsPerRound ? 0 : spinningRounds + 1
      if spinningRounds > Self.quietRounds / 2 {
        return fail("spins", "for \(spinningRounds) rounds it was busy with nothing")
      }
      if dispatcher.journalStatus == .failed { try restart(after: .kill) }
      if dispatcher.isJournalBehind { worked = true }
      try commit()
      try tend()
      for peer in order where peer.stage == .attached { try read(peer, limit: .max) }
      machinesWait = try !restMachines()
      if let current = self.dispatcher, current.backlog > 0 { worked = true }
      if order.contains(where: { $0.stage == .away || $0.stage == .admitting }) { worked = true }
      if let violation { throw violation }
      // The dispatcher still waits for some that will not come back, and reads their rings then.
      let waits = order.contains { $0.stage == .gone && $0.isComplete && self.dispatcher?.knows($0.id) == true }
      quiet = worked || machinesWait ? 0 : waits ? min(quiet + 1, Self.quietRounds / 2) : quiet + 1
    }
  }

  private func roundsNeeded(_ state: borrowing ControllerState) -> Int {
    let pending = Int(state.totals.tasks[.pending])
    return pending * 4 / max(1, configuration.placementsPerTurn) + pending / 2
  }

  private func sendAllHeartbeats() {
    guard let peer = order.first(where: { $0.stage == .attached && $0.role == .control }) else { return }
    for index in workers.indices {
      guard let handle = workers[index].handle, !workers[index].isSilent else { continue }
      if peer.submission?.publishHeartbeat(handle, timestampNs: time.bootNs) != true {
        peer.submission?.flush()
        guard let dispatcher else { return }
        _ = dispatcher.turn()
        observe(dispatcher)
        guard peer.submission?.publishHeartbeat(handle, timestampNs: time.bootNs) == true else { break }
      }
      workers[index].lastBeatNs = time.bootNs
      workers[index].lastBeatLife = life
      workers[index].lastBeatPeer = peer.id
    }
    peer.submission?.flush()
  }

  /// What nobody waits for in vain.
  func checkProgress() throws {
    for peer in order where peer.stage == .attached {
      for (position, awaited) in peer.awaited.sorted(by: { $0.key < $1.key }) {
        checkAnswer(position, awaited.kind, peer)
      }
      // A worker may have asked in the last round.
      if let request = peer.queries.min(), !peer.isHostile, peer.role != .worker || peer.queries.count > 1 {
        fail(
          "no answer",
          "peer \(peer.id) got no answer to its request \(request), of \(peer.queries.count), as \(peer.role)")
      }
    }
    checkMachines()
    guard let dispatcher else { return }
    checkRules(dispatcher)
    dispatcher.read { state in
      checkTimers(state)
      var slot = 0
      var looks = 0
      while let task = state.nextTask(from: slot, newestAttempts: 0), looks < Self.tasksLookedAt {
        slot = Int(task.handle.index) + 1
        guard task.state == .pending else { continue }
        looks += 1
        if state.placementObstacle(of: task.handle) == .notYetConsidered {
          fail("task forgotten", "task \(task.name) stays PENDING, and fits")
          return
        }
      }
      if state.totals.workers < 5000, let broken = state.checkInvariants().first { fail("invariants", broken) }
    }
    if let violation { throw violation }
  }

  /// What was due long before is done.
  private func checkTimers(_ state: borrowing ControllerState) {
    var slot = 0
    while let worker = state.nextWorker(from: slot, listsTasks: true) {
      slot = Int(worker.handle.index) + 1
      if let endsMs = worker.drainEndsMs, endsMs < state.nowMs - Self.dueMs {
        return fail("not due", "the grace of \(worker.name) was over at \(endsMs), and it is \(state.nowMs)")
      }
      for task in worker.runningTasks {
        guard let view = state.view(of: task, newestAttempts: 0), view.state == .running,
          let limitMs = state.view(of: view.job)?.request.runTimeoutMs, (1..<Self.dueMs).contains(limitMs)
        else { continue }
        return fail("not due", "\(view.name) still runs, and may not for longer than \(limitMs) ms")
      }
    }
  }

  /// A part of the time that nothing has happened for.
  private static let dueMs: Int64 = 1500

  /// Whoever still waits has read all there is, and overruns that said what is lost.
  private func checkAnswer(_ position: UInt64, _ kind: String, _ peer: SimulatedPeer) {
    guard let answer = peer.answers[position] else {
      if !peer.isHostile {
        fail("no answer", "peer \(peer.id) got no answer to \(kind) at \(position), which became no transaction")
      }
      return
    }
    fail(
      "no answer",
      "peer \(peer.id) got no answer to \(kind) at \(position), which became transaction \(answer.number) in life "
        + "\(answer.life) of \(life); it has results up to \(peer.lastTransaction), and these were reported lost: "
        + "\(peer.overruns)")
  }
}
