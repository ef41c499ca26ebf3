import Controller

/// Who is lost because nothing was heard of him: when that is judged, as of when, and what is not held against whom.
///
/// A deadline is judged as of a moment up to which every ring has been drained: a heartbeat that was published in time counts
/// even if the dispatcher comes to it late.
///
/// Invariant: a judgement is under way only while a sweep judges, as of that sweep's moment.
struct LivenessWatch: ~Copyable {
  private enum Phase {
    /// Nothing to do before this moment (CLOCK_BOOTTIME, ns).
    case waiting(untilNs: UInt64)
    /// Draining what had been published at `asOfMs`.
    case draining(asOfMs: Int64)
    /// Judging the workers, slice by slice.
    case judging(asOfMs: Int64)
  }

  private var phase = Phase.waiting(untilNs: 0)
  private var intervalNs: UInt64
  private var judge = LivenessJudge()
  var carriers = CarrierTable()

  /// Workers looked at in one turn.
  static let slotsPerTurn = 1024
  /// Of what is due beside lost workers, handled in one turn.
  static let deadlinesPerTurn = 64

  init(intervalMs: Int64) {
    intervalNs = UInt64(intervalMs) * 1_000_000
  }

  /// From the end of the next sweep on.
  mutating func setInterval(ms: Int64) {
    intervalNs = UInt64(ms) * 1_000_000
  }

  func isDue(nowNs: UInt64) -> Bool {
    if case .waiting(let untilNs) = phase { nowNs >= untilNs } else { false }
  }

  /// Is a sweep under way, or due?
  func isSweeping(nowNs: UInt64) -> Bool {
    if case .waiting(let untilNs) = phase { nowNs >= untilNs } else { true }
  }

  /// Begins a sweep; the caller has looked at every ring.
  mutating func beginSweep(at clock: borrowing TurnClock) {
    assert(isDue(nowNs: clock.nowNs) && !judge.isUnderWay)
    phase = .draining(asOfMs: clock.nowMs)
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
    if case .draining(let asOfMs) = phase, isDrained() {
      judge.begin(asOfMs: asOfMs)
      phase = .judging(asOfMs: asOfMs)
    }
    guard case .judging(let asOfMs) = phase else { return nil }
    return asOfMs
  }

  /// Continues the judgement: a slice of workers, and in the end what else is due.
  mutating func advance(
    _ state: inout ControllerState, asOfMs: Int64, at clock: borrowing TurnClock, graceMs: Int64,
    into decided: inout OwnEvents
  ) {
    assert(judge.isUnderWay, "a sweep judges until its judgement is made")
    let nowNs = clock.nowNs
    decided.decide { events in
      judge.advance(&state, slots: Self.slotsPerTurn, into: &events) { carrier, lastHeartbeatMs in
        carriers.excusedMs(carrier, lastHeartbeatMs: lastHeartbeatMs, asOfMs: asOfMs, graceMs: graceMs)
      }
      guard !judge.isUnderWay else { return }
      state.passedDeadlines(nowMs: asOfMs, limit: Self.deadlinesPerTurn, into: &events)
      if state.isPruneDue(atMs: asOfMs) { events.append(.prune(nowMs: asOfMs)) }
      phase = .waiting(untilNs: nowNs &+ intervalNs)
    }
  }

  /// How long the dispatch thread may sleep: 0 in the middle of a sweep.
  func napUs(nowNs: UInt64) -> Int64 {
    guard case .waiting(let untilNs) = phase, untilNs > nowNs else { return 0 }
    return Int64((untilNs - nowNs) / 1000) + 1
  }
}
