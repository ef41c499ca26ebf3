import EventJSON
import EventModel
import Testing

@Suite struct TransactionJSONTests {
  private static let worker = WorkerIdentity(handle: WorkerHandle(index: 1, generation: 1), name: "w1")
  private static let task = Subject.task(TaskHandle(index: 0, generation: 1), job: "j1", index: 0)

  private static func transaction(_ outcome: Outcome = .applied) -> Transaction {
    let event = Event.workerFailed("w1", error: "gone").stamped(id: EventID(peer: 2, position: 9), timestampMs: 50)
    let subject = Subject.worker(worker.handle, name: worker.name)
    return Transaction(
      number: 4, timestampMs: 50, event: event, outcome: outcome, subject: subject,
      actions: [
        Action(.workerFailed, subject),
        Action(
          .taskRequeued, task, from: .running, to: .pending, attempt: 2, worker: worker, cause: .action(0)),
      ],
      tasksToKill: [TaskToKill(task: task, attempt: 2, worker: worker)])
  }

  private static let accountText =
    #""txn":4,"timestamp_ms":50,"event_id":"2:9","#
    + #""event":{"type":"WORKER_FAILED","worker_id":"w1","error":"gone","timestamp_ms":50},"#
    + #""outcome":"applied","entity":"w1","actions":[{"action":"worker_failed","entity":"w1","cause":"event"},"#
    + #"{"action":"task_requeued","entity":"j1/task-0","from":"RUNNING","to":"PENDING","attempt":2,"worker":"w1","#
    + #""cause":0}],"tasks_to_kill":[{"task":"j1/task-0","attempt":2,"worker":"w1"}]"#

  @Test func transactionIsTheWholeAccount() {
    #expect(Self.transaction().json.text == "{\(Self.accountText)}")
  }

  @Test func rejectionHasItsReason() {
    let json = Self.transaction(.rejected(.unknownWorker)).json
    #expect(json["outcome"] == .string("rejected"))
    #expect(json["reason"] == .string("unknown_worker"))
  }

  @Test func resultAddsTheObservers() {
    let result = DispatchResult(
      event: Self.transaction().event, disposition: .handled(Self.transaction()),
      observations: [
        Observation(observer: "a", outcome: .succeeded), Observation(observer: "b", outcome: .threw(error: "no")),
        Observation(observer: "c", outcome: .returned(value: "7")),
      ])
    let observers =
      #""observers":[{"name":"a","outcome":"succeeded"},{"name":"b","outcome":"threw","error":"no"},"#
      + #"{"name":"c","outcome":"returned","value":"7"}]"#
    #expect(result.json.text == "{\(Self.accountText),\(observers),\"succeeded\":false}")
  }

  @Test func resultSaysWhoStoppedTheEvent() {
    let event = Event.prune(nowMs: 3)
    let prefix = #"{"event_id":"0:0","event":{"type":"PRUNE","now_ms":3},"#
    let dropped = DispatchResult(event: event, disposition: .dropped(by: "gate"), observations: [])
    #expect(dropped.json.text == prefix + #""dropped_by":"gate","observers":[],"succeeded":false}"#)
    let dead = DispatchResult(event: event, disposition: .deadLettered(.noHandler), observations: [])
    #expect(dead.json.text == prefix + #""dead_lettered":"noHandler","observers":[],"succeeded":false}"#)
  }

  @Test func successIsHandledWithoutAnError() {
    func result(_ disposition: DispatchResult.Disposition, _ outcomes: Observation.Outcome...) -> Bool {
      DispatchResult(
        event: Self.transaction().event, disposition: disposition,
        observations: outcomes.map { Observation(observer: "a", outcome: $0) }
      ).succeeded
    }
    for outcome in [Outcome.applied, .ignored] {
      let handled = DispatchResult.Disposition.handled(Self.transaction(outcome))
      #expect(result(handled) && result(handled, .succeeded, .returned(value: "")))
      #expect(!result(handled, .succeeded, .threw(error: "")))
    }
    for reason in RejectionReason.allCases { #expect(!result(.handled(Self.transaction(.rejected(reason))))) }
    #expect(!result(.dropped(by: "gate")))
    for reason in DeadLetterReason.allCases { #expect(!result(.deadLettered(reason))) }
  }

  @Test func whatOnlyTheClockSaysIsWrittenAndNotRead() {
    let events = [
      Event.workerTimedOut("w1", lastHeartbeatMs: 1, timeoutMs: 2, timestampMs: 4), .tick(nowMs: 4),
      .schedulingDeadlinePassed("j1/task-0", timestampMs: 4),
    ]
    for event in events {
      let text = event.json.text
      #expect(throws: EventJSONError.self) { try EventJSONDecoder().event(from: Array(text.utf8)) }
    }
    #expect(events[0].json["last_heartbeat_ms"] == .number("1"))
    #expect(events[0].json["timeout_ms"] == .number("2"))
  }
}
