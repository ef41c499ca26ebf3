import Controller
import EventModel
import Platform

/// What the dispatcher does of its own accord: deadlines and placements.
extension DispatchLoop {
  /// Scheduling deadlines handled in one turn.
  static let deadlinesPerTurn = 64
  /// More than a clock that is kept by others' is slewed.
  private static let toleratedMsAhead: Int64 = 60_000
  /// Of all that it decided; a gang can be larger.
  private static let ownEventsPerTurn = 1024

  /// Makes it known when there was no turn for so long that workers cannot be blamed for their silence: the process was
  /// stopped, the machine suspended, or a turn took for ever.
  mutating func noteStall(sinceNs lastTurnNs: UInt64) -> Bool {
    guard lastTurnNs != 0, nowNs > lastTurnNs else { return false }
    let gapMs = Int64((nowNs - lastTurnNs) / 1_000_000)
    guard gapMs > stallThresholdMs else { return false }
    stalledUntilNs = nowNs
    guard hasRoom() else {
      // It is a part of the time that the journal takes nothing, which is noted when it does again.
      journal.blockedSinceNs = journal.blockedSinceNs ?? lastTurnNs
      return true
    }
    handleOwn(.controllerStalled(stalledMs: gapMs, timestampMs: nowMs))
    return true
  }

  /// Goes back to the machine's time when that is known and much earlier: the machine's clock was ahead at the start, or
  /// when the journal was written.
  mutating func correctClock() {
    let aheadMs = nowMs - Clock.wallMs()
    guard aheadMs > Self.toleratedMsAhead, Clock.isSynchronized(), due.isEmpty, lookForRoom() else { return }
    clock.setBack(ms: aheadMs)
    nowMs = clock.ms(bootNs: nowNs)
    judge = LivenessJudge()
    carriers.forgetSilences()
    handleOwn(.clockCorrected(aheadMs: aheadMs, timestampMs: nowMs))
  }

  /// Always well above the longest nap.
  var stallThresholdMs: Int64 {
    max(configuration.controller.stallThresholdMs, configuration.sweepIntervalMs * 4)
  }

  /// Handles what was decided before, and goes on with the liveness sweep once every ring is drained up to its moment.
  mutating func judgeDeadlines() -> Bool {
    let worked = handleDue()
    guard due.isEmpty else { return worked }
    if case .draining(let asOfMs) = sweep.phase, isDrained {
      judge.begin(asOfMs: asOfMs)
      sweep.beginJudging()
    }
    guard case .judging(let asOfMs) = sweep.phase, lookForRoom() else { return worked }
    let excuses = carriers.excuses(asOfMs: asOfMs, graceMs: configuration.ingestGraceMs)
    judge.advance(&state, slots: LivenessSweep.slotsPerTurn, into: &due.events) { carrier, lastHeartbeatMs in
      excuses.ms(carrier, lastHeartbeatMs: lastHeartbeatMs)
    }
    if !judge.isUnderWay {
      state.passedDeadlines(nowMs: asOfMs, limit: Self.deadlinesPerTurn, into: &due.events)
      sweep.finish(nowNs: nowNs)
    }
    return handleDue() || worked
  }

  /// Proposes and commits a bounded number of placements.
  mutating func placePendingTasks() -> Bool {
    guard !isShuttingDown, due.isEmpty, lookForRoom(),
      let proposals = state.proposePlacementsIfCalledFor(
        using: &policy, limit: configuration.placementsPerTurn, atMs: nowMs)
    else { return false }
    due.events = proposals
    _ = handleDue()
    // Even a pass that placed nothing looked at a bounded part of the queue: the next turn goes on from there.
    return true
  }

  /// When a placement is void, those of the same size that were decided behind it are too: younger tasks must not start
  /// before the one that is to be placed anew.
  private mutating func withdrawPlacements(behind event: Event) {
    guard case .taskAssigned(let task, _) = event.body, let ask = state.withdrawProposals(like: task) else {
      return
    }
    due.remove { event in
      if case .taskAssigned(let task, _) = event.body { state.singleTaskAsk(task) == ask } else { false }
    }
  }

  /// Handles what was decided, as far as there is room: the rest waits for it, and nothing more is decided before.
  @inline(__always)
  private mutating func handleDue() -> Bool {
    !due.isEmpty && handleDueEvents()
  }

  private mutating func handleDueEvents() -> Bool {
    guard lookForRoom() else { return false }
    var left = Self.ownEventsPerTurn
    while left > 0, hasRoom(), let event = due.take() {
      left -= 1
      // Others may have said something since that makes it void.
      guard state.stillHolds(event) else {
        withdrawPlacements(behind: event)
        continue
      }
      handleOwn(event)
      if event.kind == .taskAssigned { counters[.placements].increment() }
    }
    return true
  }
}
