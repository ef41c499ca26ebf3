import Controller
import EventModel
import Journal
import Platform
import Testing

@testable import Dispatcher

/// Time in which a dispatcher could hear nobody is held against nobody.
@Suite("Time in which nobody was heard", .serialized)
struct StillTimeTests {
  private static let second: UInt64 = 1_000_000_000
  private let harness = SteppedHarness()

  /// Nothing more is read from the rings while the journal takes nothing.
  @Test func aJournalThatTookNothingForLongIsAStall() throws {
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000)
    let dispatcher = try harness.begin {
      $0.journal?.writer.queueBytes = JournalConfiguration.minimumQueueBytes
      $0.controller.workerTimeoutMs = 3_600_000
    }
    let peer = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    for _ in 0..<200 { peer.publish() }
    for _ in 0..<10 {
      _ = dispatcher.turn()
      time.advance(ns: Self.second / 2)
    }
    #expect(peer.released < 200)
    harness.settle(dispatcher)
    let stalls = dispatcher.read { (state: borrowing ControllerState) -> [Event] in
      state.transactionLog.map(\.event).filter { $0.kind == .controllerStalled }
    }
    #expect(stalls.map(\.body) == [.controllerStalled(stalledMs: 5000)])
  }

  /// Nobody commits: the journal's thread hangs.
  @Test func anObserverNeedsNoJournalThatHangs() throws {
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000)
    let dispatcher = try harness.begin()
    let control = try harness.attach(to: dispatcher)
    let observer = try harness.attach(to: dispatcher, role: .observe)
    #expect(harness.notices(of: dispatcher).admitted == [])
    for _ in 0..<5 {
      time.advance(ns: Self.second / 2)
      _ = dispatcher.turn()
    }
    #expect(harness.notices(of: dispatcher).admitted == [observer.id])
    #expect(dispatcher.journalWaitMs >= 2000)
    harness.settle(dispatcher)
    #expect(harness.notices(of: dispatcher).admitted == [control.id])
    #expect(dispatcher.journalWaitMs == 0)
  }

  /// A peer says that its job is older than it is.
  @Test func noPeerMakesAJobOlder() throws {
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000)
    let dispatcher = try harness.begin()
    let peer = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    time.advance(ns: Self.second)
    var request = JobRequest()
    request.resources.milliCPU = 1000
    try peer.publish(.jobSubmitted("honest", request: request))
    _ = dispatcher.turn()
    time.advance(ns: Self.second)
    try peer.publish(.jobSubmitted("pushy", request: request), timestampNs: 1)
    _ = dispatcher.turn()
    let submitted = dispatcher.read { state in
      ["honest", "pushy"].map { state.job(named: $0).flatMap { state.view(of: $0) }?.submittedMs }
    }
    #expect(submitted == [1_700_000_001_000, 1_700_000_002_000])
  }

  /// The machine started with its clock ten years ahead, and learned the time later; so did the one before it.
  @Test func aClockInTheFutureIsCorrectedOnceTheMachineKnowsTheTime() throws {
    let years: Int64 = 10 * 365 * 86_400_000
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000 + years)
    time.isSynchronized = false
    let first = try harness.begin()
    let peer = try harness.attach(to: first)
    harness.settle(first)
    try peer.publish(.workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    _ = first.turn()
    try peer.publish(.jobSubmitted("j", request: JobRequest()))
    harness.settle(first)
    withExtendedLifetime(consume first) {}
    time.wallMs -= years
    let second = try harness.begin { $0.controller.workerTimeoutMs = 20_000 }
    func run(seconds: Int) throws {
      for _ in 0..<seconds {
        time.advance(ns: Self.second)
        try peer.publish(.workerHeartbeat("w"))
        _ = second.turn()
      }
    }
    try run(seconds: 30)
    #expect(second.read { $0.nowMs } > 1_700_000_000_000 + years, "nobody knows the time yet")
    time.isSynchronized = true
    try run(seconds: 30)
    harness.settle(second)
    let corrections = second.read { state in
      state.transactionLog.map(\.event).filter { $0.kind == .clockCorrected }
    }
    #expect(corrections.count == 1)
    #expect(second.read { $0.nowMs } / 1000 == time.wallMs / 1000)
    let submittedMs = second.read { state in state.job(named: "j").flatMap { state.view(of: $0) }?.submittedMs }
    #expect(try #require(submittedMs) < time.wallMs)
    #expect(second.read { $0.totals.workers } == 1)
    let hash = second.read { $0.stateHash }
    withExtendedLifetime(consume second) {}
    let third = try harness.begin()
    #expect(third.read { $0.stateHash } == hash)
    #expect(third.read { $0.nowMs } / 1000 == time.wallMs / 1000)
  }

  /// Heartbeats do not move the controller's clock.
  @Test func aBackOffEndsThoughNothingElseHappens() throws {
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000)
    let dispatcher = try harness.begin()
    let peer = try harness.attach(to: dispatcher)
    harness.settle(dispatcher)
    try peer.publish(.workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    var request = JobRequest()
    (request.maxRetriesFailure, request.retryDelayMs) = (1, 5000)
    try peer.publish(.jobSubmitted("j", request: request))
    for _ in 0..<3 { _ = dispatcher.turn() }
    try peer.publish(.taskStateChanged("j/task-0", attempt: 0, state: .failed))
    _ = dispatcher.turn()
    harness.settle(dispatcher)
    func attempts() -> Int? {
      dispatcher.read { state in
        state.task(named: TaskName(job: "j", index: 0)).flatMap { state.view(of: $0) }?.attemptCount
      }
    }
    #expect(attempts() == 1)
    // In steps that are no stall, which would be an event.
    for _ in 0..<12 {
      time.advance(ns: Self.second / 2)
      _ = dispatcher.turn()
    }
    #expect(attempts() == 2)
  }

  @Test func aRestartStartsEveryWorkersClockAfresh() throws {
    let time = SimulatedTime(bootNs: 1000 * Self.second, wallMs: 1_700_000_000_000)
    let first = try harness.begin()
    let peer = try harness.attach(to: first)
    harness.settle(first)
    try peer.publish(.workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    _ = first.turn()
    harness.settle(first)
    try #require(first.read { $0.totals.workers } == 1)
    withExtendedLifetime(consume first) {}
    // Longer than it may be silent.
    time.advance(ns: 3600 * Self.second)
    let second = try harness.begin()
    for _ in 0..<20 {
      _ = second.turn()
      time.advance(ns: Self.second / 10)
    }
    #expect(second.read { $0.totals.workers } == 1)
    // It is not forgotten either.
    for _ in 0..<1000 {
      _ = second.turn()
      time.advance(ns: Self.second / 2)
    }
    #expect(second.read { $0.totals.workers } == 0)
  }
}
