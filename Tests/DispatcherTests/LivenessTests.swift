import Controller
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

  /// A worker was heard of between the decision that it is lost and the turn in which that is handled.
  @Test func whatWasDecidedIsLookedAtAgainWhenItIsHandled() throws {
    let harness = try DispatchLoopHarness(workers: 1)
    let nowMs = harness.loop.clock.nowMs()
    let decision = Event.workerTimedOut(
      .handle(harness.handles[0]), lastHeartbeatMs: nowMs - 7_200_000, timeoutMs: 3_600_000, timestampMs: nowMs)
    harness.loop.due.events = [decision]
    _ = harness.loop.turn(nowNs: Clock.bootNs())
    #expect(harness.loop.due.isEmpty)
    #expect(harness.loop.state.totals.workers == 1)
  }
}
