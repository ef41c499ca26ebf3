import Controller

/// Who is lost because nothing was heard of him: when that is judged, by what judgement, and what is not held against whom.
///
/// Invariant: a judgement is under way only while a sweep judges, as of that sweep's moment.
struct LivenessWatch: ~Copyable {
  private(set) var sweep: LivenessSweep
  private var judge = LivenessJudge()
  var carriers = CarrierTable()

  /// Scheduling deadlines handled in one turn.
  static let deadlinesPerTurn = 64

  init(intervalMs: Int64) {
    sweep = LivenessSweep(intervalMs: intervalMs)
  }

  /// From the end of the next sweep on.
  mutating func setInterval(ms: Int64) {
    sweep.setInterval(ms: ms)
  }

  /// Begins a sweep; the caller has looked at every ring.
  mutating func beginSweep(at clock: borrowing TurnClock) {
    assert(sweep.isDue(nowNs: clock.nowNs) && !judge.isUnderWay)
    sweep.beginDraining(asOfMs: clock.nowMs)
  }

  /// Forgets what was measured by a clock that has been set back.
  mutating func forgetTimes() {
    judge = LivenessJudge()
    carriers.forgetSilences()
  }

  /// Begins to judge, once every ring is drained up to the moment of the sweep.
  ///
  /// - Returns: the moment to judge as of; nil while there is none.
  mutating func takeMoment(_ isDrained: @autoclosure () -> Bool) -> Int64? {
    if case .draining(let asOfMs) = sweep.phase, isDrained() {
      judge.begin(asOfMs: asOfMs)
      sweep.beginJudging()
    }
    guard case .judging(let asOfMs) = sweep.phase else { return nil }
    return asOfMs
  }

  /// Goes on with the judgement: a slice of workers, and in the end the deadlines of tasks and jobs.
  mutating func advance(
    _ state: inout ControllerState, asOfMs: Int64, at clock: borrowing TurnClock, graceMs: Int64,
    into decided: inout OwnEvents
  ) {
    assert(judge.isUnderWay, "a sweep judges until its judgement is made")
    let excuses = carriers.excuses(asOfMs: asOfMs, graceMs: graceMs)
    let nowNs = clock.nowNs
    decided.decide { events in
      judge.advance(&state, slots: LivenessSweep.slotsPerTurn, into: &events) { carrier, lastHeartbeatMs in
        excuses.ms(carrier, lastHeartbeatMs: lastHeartbeatMs)
      }
      guard !judge.isUnderWay else { return }
      state.passedDeadlines(nowMs: asOfMs, limit: Self.deadlinesPerTurn, into: &events)
      sweep.finish(nowNs: nowNs)
    }
  }
}
