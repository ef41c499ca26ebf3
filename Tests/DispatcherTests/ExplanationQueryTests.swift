import Dispatcher
import EventCodec
import EventModel
import RingmasterClient
import Testing

@Suite("Explanations of a dispatcher", .serialized)
struct ExplanationQueryTests {
  @Test func aTaskIsExplainedOverTheRings() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    let registered = try await client.dispatch(
      .workerRegistered("w1", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    var request = JobRequest()
    request.replicas = 2
    request.maxRetriesPreemption = 3
    let submitted = try await client.dispatch(.jobSubmitted("j", request: request))
    let isPlaced = try eventually { try dispatcher.counter(.placements) == 1 }
    #expect(isPlaced)
    _ = try await client.dispatch(.taskStateChanged("j/task-0", attempt: 0, state: .running))
    let lost = try await client.dispatch(.workerFailed("w1", error: "disk"))
    let task = try #require(try await client.explain(.task("j/task-0")))
    #expect(task.summary.subject.description == "j/task-0" && task.summary.reach == .creation)
    #expect(task.summary.obstacle == .noWorkers && task.summary.firstTransaction == 1)
    #expect(task.summary.budgets?.preemptions == TaskBudgets.Budget(used: 1, limit: 3))
    #expect(task.attempts.map(\.state) == [.workerFailed] && task.attempts.first?.error == "disk")
    guard case .task(let row)? = task.present else {
      Issue.record("\(String(describing: task.present))")
      return
    }
    #expect(row.state == .pending && row.preemptions == 1)
    let events = task.steps.compactMap { step -> Event? in
      if case .event(let event, _) = step.content { event } else { nil }
    }
    #expect(events.map(\.kind) == [.workerFailed, .taskStateChanged, .taskAssigned, .jobSubmitted])
    #expect(events[0].id == lost.event.id && events[2].id.peer == 0 && events[3].id == submitted.event.id)
    // Every step leads to an event, and the actions are those of the transaction.
    for (index, step) in task.steps.enumerated() {
      switch step.content {
      case .event: #expect(step.cause == nil)
      case .action(let action):
        let cause = try #require(step.cause)
        #expect(cause > index && task.steps[cause].transaction == step.transaction)
        if step.transaction == lost.transaction?.number {
          #expect(lost.transaction?.actions.contains(action) == true)
        }
      }
    }
    let worker = try #require(try await client.explain(.worker("w1")))
    #expect(worker.present == nil && worker.summary.subject == registered.transaction?.subject)
    let job = try #require(try await client.explain(.job("j")))
    guard case .job(let jobRow)? = job.present else {
      Issue.record("\(String(describing: job.present))")
      return
    }
    #expect(jobRow.name == "j" && job.summary.budgets == nil && job.summary.obstacle == .noWorkers)
    #expect(try await client.explain(.job("w1")) == nil)
    #expect(try await client.explain(.task(.handle(TaskHandle(index: 9, generation: 9)))) == nil)
  }

  /// A log of more actions than are looked at in a turn, while others are served.
  @Test func aLongLogIsReadInSlicesWhileOthersAreServed() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    var request = JobRequest()
    request.replicas = 3000
    _ = try await client.dispatch(.jobSubmitted("first", request: JobRequest()))
    for index in 0..<3 { _ = try await client.dispatch(.jobSubmitted("big\(index)", request: request)) }
    let others = try (0..<4).map { try dispatcher.client(name: "other\($0)") }
    let answers = try await withThrowingTaskGroup(of: EntityExplanation?.self) { group in
      for other in others {
        for _ in 0..<3 { group.addTask { try await other.explain(.task("first/task-0")) } }
      }
      group.addTask {
        _ = try await client.dispatch(.jobCancelled("big0", reason: "meanwhile"))
        return nil
      }
      var answers: [EntityExplanation] = []
      for try await answer in group where answer != nil { answers += [answer].compactMap { $0 } }
      return answers
    }
    #expect(answers.count == 12)
    for answer in answers {
      #expect(answer.steps.map(\.transaction) == [1, 1] && answer.summary.reach == .creation)
    }
  }

  @Test func onlyTheNewestAttemptsAreTold() async throws {
    let dispatcher = try RunningDispatcher()
    defer { dispatcher.stop() }
    let client = try dispatcher.client()
    _ = try await client.dispatch(
      .workerRegistered("w", address: "", metadata: WorkerMetadata(capacity: Resources(milliCPU: 1000))))
    var request = JobRequest()
    request.maxRetriesFailure = 1000
    _ = try await client.dispatch(.jobSubmitted("j", request: request))
    for attempt in UInt32(0)..<50 {
      var outcome: Outcome?
      while outcome != .applied {
        // Placed in some turn after the last failure.
        let report = Event.taskStateChanged("j/task-0", attempt: attempt, state: .failed, error: "e\(attempt)")
        outcome = try await client.dispatch(report).transaction?.outcome
      }
    }
    let explanation = try #require(try await client.explain(.task("j/task-0")))
    #expect(explanation.summary.attempts >= 50 && explanation.attempts.count == 20)
    #expect(explanation.summary.budgets?.failures.used == 50)
    #expect(explanation.attempts.filter { $0.error != nil }.last?.error == "e49")
  }
}
