import EventBus
import EventModel
import RingmasterTestKit
import Testing

/// The kit does with events what a dispatcher does.
@Suite struct TestClusterTests {
  private struct Gate: Middleware {
    let name = "gate"
    var interests = EventKindSet.all
    let change: @Sendable (Event) throws -> Event?

    func process(_ event: Event) throws -> Event? { try change(event) }
  }

  @Test func aTaskLivesThroughItsAttempts() {
    let cluster = TestCluster()
    cluster.addWorker("w1", cpus: 1)
    cluster.submit("j") { $0.maxRetriesFailure = 1 }
    for expected in [TaskState.pending, .failed] {
      cluster.place()
      cluster.report("j/task-0", .running)
      cluster.report("j/task-0", .failed, error: "disk", exitCode: 1)
      #expect(cluster.task(0, of: "j")?.state == expected)
    }
    #expect(cluster.job("j")?.state == .failed && cluster.worker("w1")?.runningCount == 0)
  }

  @Test func timePassesThroughTheBus() {
    let cluster = TestCluster()
    cluster.addWorker("w1")
    cluster.submit("late", replicas: 3, cpus: 100) { $0.schedulingTimeoutMs = 5000 }
    #expect(cluster.advance(byMs: 4999).isEmpty && cluster.nowMs == 4999)
    #expect(cluster.advance(byMs: 1).map(\.event.kind).contains(.schedulingDeadlinePassed))
    #expect(cluster.job("late")?.state.isTerminal == true)
    cluster.bus.add(Gate { $0.kind == .workerFailed ? nil : $0 })
    #expect(cluster.advance(byMs: 600_000).map(\.disposition) == [.dropped(by: "gate")])
    #expect(cluster.worker("w1") != nil)
  }

  @Test func whatAMiddlewareMakesHasToBeAnEvent() {
    let cluster = TestCluster()
    cluster.bus.add(Gate { _ in .jobCancelled("", reason: "") })
    let result = cluster.send(.jobCancelled("j", reason: ""))
    #expect(result.disposition == .deadLettered(.handlerError) && result.error(of: "gate") != nil)
    #expect(cluster.letters.all == [result.deadLetter])
  }

  @Test func aScriptRuns() throws {
    let cluster = TestCluster()
    let results = try cluster.run(
      """
      {"type":"CONFIGURED","worker_timeout_ms":1000}
      {"type":"WORKER_REGISTERED","worker_id":"w1","address":"a","metadata":{"cpu":4},"timestamp_ms":10}
      {"type":"JOB_SUBMITTED","job_id":"j","request":{"replicas":2},"timestamp_ms":11}

      {"type":"RESTART","timestamp_ms":12}
      {"type":"TICK","now_ms":2000}
      """)
    #expect(results.map(\.event.kind) == [.workerRegistered, .jobSubmitted, .workerFailed])
    #expect(cluster.tasks(of: "j").count == 2 && cluster.worker("w1") == nil)
    let error = #expect(throws: TestCluster.ScriptError.self) { try cluster.run("\n{\"type\":\"NOTHING\"}") }
    #expect(error?.line == 2)
  }

  @Test func thereIsASampleOfEveryKindThatPeersSend() {
    #expect(Event.samples.map(\.kind) == EventKind.allCases.filter { $0.source != .clock })
    let cluster = TestCluster()
    for event in Event.samples { #expect(cluster.send(event).transaction != nil) }
  }
}
