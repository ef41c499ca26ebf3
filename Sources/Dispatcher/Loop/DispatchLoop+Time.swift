import Controller
import EventModel
import Platform

/// What the dispatcher does of its own accord: deadlines and placements.
extension DispatchLoop {
  /// More than a clock that is kept by others' is slewed.
  private static let toleratedMsAhead: Int64 = 60_000
  /// Of all that it decided; a gang can be larger.
  private static let ownEventsPerTurn = 1024

  /// Makes it known when there was no turn for so long that workers cannot be blamed for their silence: the process was
  /// stopped, the machine suspended, or a turn took for ever.
  mutating func handleStall(sinceNs lastTurnNs: UInt64) -> Bool {
    guard let gapMs = clock.takeStall(sinceNs: lastTurnNs, thresholdMs: stallThresholdMs) else { return false }
    guard hasRoom() else {
      // It is a part of the time that the journal takes nothing, which is noted when it does again.
      journal.noteBlockage(sinceNs: lastTurnNs)
      return true
    }
    handleOwn(.controllerStalled(stalledMs: gapMs, timestampMs: clock.nowMs))
    // It looks at all that has a deadline: that would be the next stall, and so on.
    clock.leaveOut(untilNs: Clock.bootNs())
    return true
  }

  /// Looks at every ring: what is published now is drained before `lanes.isDrained` holds.
  mutating func beginDraining() {
    lanes.beginDraining(&notices, counters)
  }

  /// Begins a liveness sweep.
  mutating func beginSweep() {
    correctClock()
    // Before the rings: what these say is in the rings then.
    liveness.carriers.noteHeard(by: lanes, at: clock, configuration, &notices)
    beginDraining()
    keepShedRecords()
    liveness.beginSweep(at: clock)
  }

  /// Goes back to the machine's time when that is known and much earlier: the machine's clock was ahead at the start, or
  /// when the journal was written.
  private mutating func correctClock() {
    let aheadMs = clock.nowMs - Clock.wallMs()
    guard aheadMs > Self.toleratedMsAhead, Clock.isSynchronized(), own.isEmpty, resumeOrBlock() else { return }
    clock.setBack(ms: aheadMs)
    liveness.forgetTimes()
    handleOwn(.clockCorrected(aheadMs: aheadMs, timestampMs: clock.nowMs))
  }

  /// Always well above the longest nap.
  var stallThresholdMs: Int64 {
    max(configuration.controller.stallThresholdMs, configuration.sweepIntervalMs * 4)
  }

  /// Handles what was decided before, and goes on with the liveness sweep once every ring is drained up to its moment.
  mutating func judgeDeadlines() -> Bool {
    let worked = handleDue()
    guard own.isEmpty, let asOfMs = liveness.takeMoment(lanes.isDrained), resumeOrBlock() else { return worked }
    liveness.advance(&state, asOfMs: asOfMs, at: clock, graceMs: configuration.ingestGraceMs, into: &own)
    return handleDue() || worked
  }

  /// Proposes and commits a bounded number of placements.
  mutating func placePendingTasks() -> Bool {
    guard !isShuttingDown, own.isEmpty, resumeOrBlock(),
      own.proposePlacements(&state, limit: configuration.placementsPerTurn, atMs: clock.nowMs)
    else { return false }
    _ = handleDue()
    // Even a pass that placed nothing looked at a bounded part of the queue: the next turn goes on from there.
    return true
  }

  /// Handles what was decided, as far as there is room: the rest waits for it, and nothing more is decided before.
  private mutating func handleDue() -> Bool {
    guard !own.isEmpty, resumeOrBlock() else { return false }
    var left = Self.ownEventsPerTurn
    while left > 0, hasRoom(), let event = own.take() {
      left -= 1
      // Others may have said something since that makes it void.
      guard state.stillHolds(event, atMs: clock.nowMs) else {
        own.withdrawPlacements(behind: event, &state)
        continue
      }
      handleOwn(event)
      if event.kind == .taskAssigned { counters[.placements].increment() }
    }
    return true
  }
}
