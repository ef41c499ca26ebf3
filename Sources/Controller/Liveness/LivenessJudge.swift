import EventModel

/// Decides which workers are lost because nothing was heard of them, and when too many are for that to be believed.
///
/// A judgement is made as of one moment, up to which the caller has heard everything that was said, in two passes over the
/// workers, a slice a call. The first counts the silent workers of each zone; where more than the set share of a zone that
/// is large enough is silent, its brake engages. The second makes the expiries of those that were counted, in a braked
/// zone slowly, and none at all where everybody is silent: a fault of the network, not a thousand dead machines. What it
/// holds back gets no new tasks. Between two slices workers may come, go and move: who goes is no longer counted, and who
/// comes is judged the next time.
///
/// Outside the state: it rests on heartbeats, which a replay does not have. Its decisions enter as events that carry what
/// they rest on. Owned by the thread that owns the state.
public struct LivenessJudge: Sendable {
  private enum Phase: Sendable {
    case idle
    case counting(from: Int)
    case expiring(from: Int)
  }

  private enum Verdict: Sendable {
    /// Expire whoever is overdue.
    case free
    /// One at a time, at the pace with this index.
    case slow(pace: Int)
    case stopped
  }

  /// Of one zone, or of all that are judged together.
  private struct Count: Sendable {
    var workers = 0
    var silent = 0
    var overdue = 0

    mutating func add(_ zone: ZoneTable.Row) {
      workers += zone.workers
      silent += zone.silent
      overdue += zone.overdue
    }
  }

  private struct Pace: Sendable {
    let zone: String
    var nextExpiryMs: Int64
  }

  private var phase = Phase.idle
  private var asOfMs: Int64 = 0
  /// By slot of the table of zones.
  private var verdicts: [Verdict] = []
  /// Of the engaged brakes that are not overridden.
  private var paces: [Pace] = []

  public init() {}

  /// Has a judgement begun that is not finished?
  public var isUnderWay: Bool {
    if case .idle = phase { false } else { true }
  }

  /// Begins a judgement as of `asOfMs`, and gives up one that is under way.
  public mutating func begin(asOfMs: Int64) {
    precondition(!isUnderWay, "a sweep ends before the next begins")
    self.asOfMs = asOfMs
    phase = .counting(from: 0)
  }

  /// Goes on with the judgement over at most `slots` rows of the table of workers, and appends the events that follow, at
  /// most one a row and, once a judgement, one a zone. The caller handles them before the next call.
  ///
  /// - Parameter excusedMs: how much of the silence of a worker, by its carrier and its last heartbeat, is not its own and
  ///   does not count.
  public mutating func advance(
    _ state: inout ControllerState, slots limit: Int, into events: inout [Event],
    excusedMs: (_ carrier: UInt16, _ lastHeartbeatMs: Int64) -> Int64 = { _, _ in 0 }
  ) {
    precondition(limit > 0, "a sweep advances")
    switch phase {
    case .idle: return
    case .counting(let start):
      if start == 0 {
        state.cluster.beginCensus()
        state.dateFormerTimeout(asOfMs: asOfMs)
      }
      let end = start + min(limit, state.workerSlots - start)
      count(&state, start..<end, excusedMs)
      phase = .counting(from: end)
      guard end == state.workerSlots else { return }
      judgeZones(state, &events)
      phase = .expiring(from: 0)
    case .expiring(let start):
      // The table may have grown since: who came meanwhile is not overdue.
      let end = start + min(limit, state.workerSlots - start)
      for slot in start..<end { judgeWorker(slot, &state, &events, excusedMs) }
      phase = end < state.workerSlots ? .expiring(from: end) : .idle
    }
  }

  private typealias Excuse = (_ carrier: UInt16, _ lastHeartbeatMs: Int64) -> Int64

  private func count(_ state: inout ControllerState, _ slots: Range<Int>, _ excusedMs: Excuse) {
    for slot in slots where state.isSilent(slot, asOfMs: asOfMs) {
      let row = state.cluster.liveness[slot]
      let heardMs = asOfMs - excusedMs(row.carrier, row.lastHeartbeatMs)
      guard heardMs == asOfMs || state.isSilent(slot, asOfMs: heardMs) else { continue }
      state.cluster.countSilent(slot, isOverdue: state.exceededTimeoutMs(slot, asOfMs: heardMs) != nil)
    }
  }

  private mutating func judgeZones(_ state: borrowing ControllerState, _ events: inout [Event]) {
    let zones = state.cluster.zones.rows.count
    while verdicts.count < zones { verdicts.append(.free) }
    if !paces.isEmpty { paces.removeAll { pace in state.brake(ofZone: pace.zone) == nil } }
    var rest = Count()
    for zone in 0..<zones {
      let row = state.cluster.zones.rows[zone]
      if zone != Int(ZoneTable.rest), state.isJudgedAlone(zone: zone) {
        var count = Count()
        count.add(row)
        verdicts[zone] = judge(row.name, count, state, &events)
      } else {
        rest.add(row)
      }
    }
    let verdict = judge("", rest, state, &events)
    for zone in 0..<zones where zone == Int(ZoneTable.rest) || !state.isJudgedAlone(zone: zone) {
      verdicts[zone] = verdict
    }
    releaseEmptyZones(state, &events)
  }

  private mutating func judge(
    _ zone: String, _ count: Count, _ state: borrowing ControllerState, _ events: inout [Event]
  ) -> Verdict {
    let configuration = state.configuration
    let census = ZoneCensus(
      zone: zone, silentWorkers: Int32(clamping: count.silent), workers: Int32(clamping: count.workers))
    guard let brake = state.brake(ofZone: zone) else {
      guard count.overdue > 0, count.workers >= Int(configuration.brakeMinimumWorkers),
        Int64(count.silent) * 100 > configuration.brakeEngageSharePercent * Int64(count.workers)
      else { return .free }
      events.append(.brakeEngaged(census, timestampMs: asOfMs))
      return braked(census, state)
    }
    if isOver(brake, census, state) {
      events.append(.brakeReleased(census, timestampMs: asOfMs))
      return .free
    }
    return brake.isOverridden ? .free : braked(census, state)
  }

  /// Is there no more reason for the brake? Not while a restart lets everybody seem to have been heard of.
  private func isOver(_ brake: ZoneBrake, _ census: ZoneCensus, _ state: borrowing ControllerState) -> Bool {
    let configuration = state.configuration
    if let restartMs = state.livenessRestartMs,
      asOfMs <= restartMs + configuration.silentAfterMs + configuration.restartGraceMs
    {
      return false
    }
    let gone = Int64(census.silentWorkers) + Int64(brake.expiredWorkers)
    let all = Int64(census.workers) + Int64(brake.expiredWorkers)
    return census.silentWorkers == 0 || gone * 100 <= configuration.brakeReleaseSharePercent * all
  }

  private mutating func braked(_ census: ZoneCensus, _ state: borrowing ControllerState) -> Verdict {
    guard census.silentWorkers < census.workers, state.configuration.brakeExpiriesPerMinute > 0 else { return .stopped }
    if let known = paces.firstIndex(where: { $0.zone.isSame(as: census.zone) }) { return .slow(pace: known) }
    paces.append(Pace(zone: census.zone, nextExpiryMs: asOfMs + state.configuration.brakedExpiryIntervalMs))
    return .slow(pace: paces.count - 1)
  }

  /// A zone without workers has no row to be judged by.
  private func releaseEmptyZones(_ state: borrowing ControllerState, _ events: inout [Event]) {
    for brake in state.brakes where brake.zone != "" && !state.cluster.zones.contains(brake.zone) {
      let census = ZoneCensus(zone: brake.zone, silentWorkers: 0, workers: 0)
      if isOver(brake, census, state) { events.append(.brakeReleased(census, timestampMs: asOfMs)) }
    }
  }

  private mutating func judgeWorker(
    _ slot: Int, _ state: inout ControllerState, _ events: inout [Event], _ excusedMs: Excuse
  ) {
    guard state.exceededTimeoutMs(slot, asOfMs: asOfMs) != nil else {
      // Heard of again.
      if state.cluster.isSuspended(slot) { state.resumePlacements(on: slot) }
      return
    }
    let row = state.cluster.liveness[slot]
    let excusedMs = excusedMs(row.carrier, row.lastHeartbeatMs)
    guard let timeoutMs = state.exceededTimeoutMs(slot, asOfMs: asOfMs - excusedMs) else { return }
    // Who came or moved since it was counted was no part of what was decided about its zone.
    guard state.cluster.isCountedOverdue(slot) else { return }
    let zone = Int(state.cluster.rows[slot].zone)
    guard mayExpire(zone: zone, state.configuration) else {
      state.cluster.suspend(slot)
      return
    }
    events.append(
      .workerTimedOut(
        .handle(state.cluster.handle(slot)), lastHeartbeatMs: row.lastHeartbeatMs,
        timeoutMs: timeoutMs + excusedMs, timestampMs: asOfMs))
  }

  private mutating func mayExpire(zone: Int, _ configuration: ControllerConfiguration) -> Bool {
    switch zone < verdicts.count ? verdicts[zone] : .free {
    case .free: return true
    case .stopped: return false
    case .slow(let pace):
      guard asOfMs >= paces[pace].nextExpiryMs else { return false }
      paces[pace].nextExpiryMs = asOfMs + configuration.brakedExpiryIntervalMs
      return true
    }
  }
}
