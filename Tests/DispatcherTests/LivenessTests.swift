import Controller
import EventBus
import EventModel
import Platform
import Testing

@testable import Dispatcher

/// What the dispatch loop owes to workers before it judges them, turn by turn.
@Suite("Liveness in the dispatch loop", .serialized)
struct LivenessTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func aStallIsNotedWithItsLength() throws {
    let harness = try DispatchLoopHarness(workers: 1, sweepIntervalMs: 50)
    harness.loop.configuration.controller.stallThresholdMs = 1000
    var nowNs = Clock.bootNs()
    for gapNs in [0, Self.second / 2, 7 * Self.second] {
      nowNs += gapNs
      _ = harness.loop.turn(nowNs: nowNs)
    }
    let stalls = harness.loop.state.transactionLog.map(\.event).filter { $0.kind == .controllerStalled }
    #expect(stalls.map(\.body) == [.controllerStalled(stalledMs: 7000)])
  }

  /// Its deadlines are many.
  @Test func aStallThatTakesLongToHandleIsOne() throws {
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000)
    let harness = try DispatchLoopHarness(workers: 1, sweepIntervalMs: 50)
    harness.loop.configuration.controller.stallThresholdMs = 1000
    harness.loop.bus.add(SlowObserver(time: time))
    _ = harness.loop.turn(nowNs: Clock.bootNs())
    time.advance(ns: 7 * Self.second)
    for _ in 0..<5 { _ = harness.loop.turn(nowNs: Clock.bootNs()) }
    let stalls = harness.loop.state.transactionLog.map(\.event).filter { $0.kind == .controllerStalled }
    #expect(stalls.map(\.body) == [.controllerStalled(stalledMs: 7000)])
  }

  private struct SlowObserver: EventObserver, @unchecked Sendable {
    let time: SimulatedTime
    let name = "slow"
    let interests = EventKindSet(.controllerStalled)

    func observe(_ event: Event, _ transaction: Transaction) -> String? {
      time.advance(ns: 2 * LivenessTests.second)
      return nil
    }
  }

  /// The worker was heard of in time, and its heartbeat lies behind many others.
  @Test func everyRingIsDrainedBeforeAnybodyIsJudged() throws {
    let harness = try DispatchLoopHarness(workers: 2, sweepIntervalMs: 50)
    let limit = harness.loop.configuration.recordsPerPeerPerTurn
    let startNs = Clock.bootNs()
    // The first judgement, of which nothing comes.
    for turn in 0..<4 { _ = harness.loop.turn(nowNs: startNs + UInt64(turn)) }
    for _ in 0..<(8 * limit) { _ = harness.publishHeartbeat(of: harness.handles[0]) }
    #expect(harness.publishHeartbeat(of: harness.handles[1]) != nil)
    // Longer than both may be silent.
    let lateNs = startNs + 2 * 3600 * Self.second
    harness.loop.configuration.controller.stallThresholdMs = 10 * 3_600_000
    for turn in 0..<20 { _ = harness.loop.turn(nowNs: lateNs + UInt64(turn) * 1_000_000) }
    #expect(harness.loop.state.totals.workers == 2)
  }

  /// One that is heard of, whose ingest then stops, and comes back.
  ///
  /// - Parameter comesBackMs: after the last heartbeat; nil when it leaves for good.
  /// - Returns: when the worker was lost, after its last heartbeat; nil when it was not.
  private func loss(graceMs: Int64, saysSo: Bool = true, comesBackMs: UInt64?) throws -> UInt64? {
    let harness = try DispatchLoopHarness(workers: 1, sweepIntervalMs: 50)
    harness.loop.configuration.ingestGraceMs = graceMs
    harness.loop.configuration.controller.stallThresholdMs = 1000
    harness.loop.configuration.controller.workerTimeoutMs = 5000
    harness.loop.state.configure(harness.loop.configuration.controller)
    let startNs = Clock.bootNs()
    #expect(harness.publishHeartbeat(of: harness.handles[0]) != nil)
    for afterMs: UInt64 in stride(from: 0, through: 40_000, by: 50) {
      let nowNs = startNs + afterMs * 1_000_000
      let isThere = afterMs == 0 || comesBackMs.map { afterMs >= $0 } ?? false
      if saysSo, isThere { harness.noteHeard(upToNs: nowNs) }
      if comesBackMs == nil, afterMs == 1000 { harness.detach() }
      for turn: UInt64 in 0..<4 { _ = harness.loop.turn(nowNs: nowNs + turn) }
      if harness.loop.state.totals.workers == 0 { return afterMs }
    }
    return nil
  }

  @Test func theSilenceOfAnIngestIsNotItsWorkers() throws {
    let lossMs = try #require(try loss(graceMs: 20_000, comesBackMs: 8000))
    #expect((13_000...13_200).contains(lossMs), "the worker has all its time again, lost at \(lossMs)")
  }

  @Test func theGraceForAnIngestIsBounded() throws {
    let lossMs = try #require(try loss(graceMs: 20_000, comesBackMs: 60_000))
    #expect((25_000...25_200).contains(lossMs), "lost at \(lossMs)")
  }

  @Test func theWorkersOfAnIngestThatLeftHaveTheGrace() throws {
    let lossMs = try #require(try loss(graceMs: 20_000, comesBackMs: nil))
    #expect((25_000...25_200).contains(lossMs), "lost at \(lossMs)")
  }

  @Test func withoutGraceOrWordOfItsOwnAnIngestIsNotWaitedFor() throws {
    #expect((5000...5200).contains(try #require(try loss(graceMs: 0, comesBackMs: 60_000))))
    #expect((5000...5200).contains(try #require(try loss(graceMs: 20_000, saysSo: false, comesBackMs: nil))))
  }

  /// An ingest that falls silent and is heard again all the time.
  ///
  /// - Returns: what is said of it within a minute, and after another one.
  private func notices(of role: Role) throws -> (first: Int, later: [(isSilent: Bool, cause: String)]) {
    let harness = try DispatchLoopHarness(workers: 1, sweepIntervalMs: 50, role: role)
    harness.loop.configuration.controller.stallThresholdMs = 1000
    var nowNs = Clock.bootNs()
    var first = 0
    for look in 0..<400 {
      nowNs += 150_000_000
      if look % 2 == 0 { harness.noteHeard(upToNs: nowNs - 5 * Self.second) } else { harness.noteHeard(upToNs: nowNs) }
      for turn: UInt64 in 0..<4 { _ = harness.loop.turn(nowNs: nowNs + turn) }
      first += harness.takeIngestNotices().count
    }
    nowNs += 60 * Self.second
    harness.noteHeard(upToNs: nowNs)
    for turn: UInt64 in 0..<4 { _ = harness.loop.turn(nowNs: nowNs + turn) }
    return (first, harness.takeIngestNotices())
  }

  @Test func ofAnIngestThatChangesAllTheTimeLittleIsSaid() throws {
    let (first, later) = try notices(of: .ingest)
    #expect((6...12).contains(first), "\(first) entries within a minute")
    #expect(later.last?.isSilent == false && later.last?.cause.contains("more times") == true, "\(later)")
  }

  /// It may say nothing of workers.
  @Test func anObserverIsNoIngest() throws {
    let (first, later) = try notices(of: .observe)
    #expect(first == 0 && later.isEmpty)
  }

  /// A stamp of the future is what a hostile peer writes.
  @Test func anIngestThatIsHeardKeepsNobodyAlive() throws {
    #expect((5000...5200).contains(try #require(try loss(graceMs: 20_000, comesBackMs: 0))))
  }

  /// A worker was heard of between the decision that it is lost and the turn in which that is handled.
  @Test func whatWasDecidedIsLookedAtAgainWhenItIsHandled() throws {
    let harness = try DispatchLoopHarness(workers: 1)
    let nowMs = harness.loop.clock.ms(bootNs: Clock.bootNs())
    let decision = Event.workerTimedOut(
      .handle(harness.handles[0]), lastHeartbeatMs: nowMs - 7_200_000, timeoutMs: 3_600_000, timestampMs: nowMs)
    harness.loop.own.decide { $0 = [decision] }
    _ = harness.loop.turn(nowNs: Clock.bootNs())
    let isHandled = harness.loop.own.isEmpty
    #expect(isHandled)
    #expect(harness.loop.state.totals.workers == 1)
  }
}
