import Controller
import EventModel

/// What the dispatcher does of its own accord: deadlines and placements.
extension DispatchLoop {
  /// Scheduling deadlines handled in one turn.
  private static let deadlinesPerTurn = 64

  /// Makes it known when there was no turn for so long that workers cannot be blamed for their silence: the process was
  /// stopped, the machine suspended, or a turn took for ever.
  mutating func noteStall(sinceNs lastTurnNs: UInt64) -> Bool {
    guard lastTurnNs != 0, nowNs > lastTurnNs else { return false }
    let gapMs = Int64((nowNs - lastTurnNs) / 1_000_000)
    guard gapMs > stallThresholdMs else { return false }
    handleOwn(.controllerStalled(stalledMs: gapMs, timestampMs: nowMs))
    return true
  }

  /// Always well above the longest nap.
  var stallThresholdMs: Int64 {
    max(configuration.controller.stallThresholdMs, configuration.sweepIntervalMs * 4)
  }

  /// Goes on with the liveness sweep once every ring is drained up to its moment.
  mutating func judgeDeadlines() -> Bool {
    if case .draining(let asOfMs) = sweep.phase, isDrained {
      judge.begin(asOfMs: asOfMs)
      sweep.beginJudging()
    }
    guard case .judging(let asOfMs) = sweep.phase, lookForRoom() else { return false }
    judge.advance(&state, slots: LivenessSweep.slotsPerTurn, into: &due)
    if !judge.isUnderWay {
      state.passedDeadlines(nowMs: asOfMs, limit: Self.deadlinesPerTurn, into: &due)
      sweep.finish(nowNs: nowNs)
    }
    return handleDue()
  }

  /// Proposes and commits a bounded number of placements.
  mutating func placePendingTasks() -> Bool {
    guard !isShuttingDown, lookForRoom(),
      let proposals = state.proposePlacementsIfCalledFor(
        using: &policy, limit: configuration.placementsPerTurn, atMs: nowMs)
    else { return false }
    due = proposals
    counters[.placements].add(UInt64(due.count { $0.kind == .taskAssigned }))
    _ = handleDue()
    // Even a pass that placed nothing looked at a bounded part of the queue: the next turn goes on from there.
    return true
  }

  private mutating func handleDue() -> Bool {
    guard !due.isEmpty else { return false }
    // What finds no room is found out anew later.
    for event in due where hasRoom() { handleOwn(event) }
    due.removeAll(keepingCapacity: true)
    return true
  }
}
