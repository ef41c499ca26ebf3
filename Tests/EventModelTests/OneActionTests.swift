import EventModel
import Testing

/// A transaction with one action, and a result of an event that was handled as it was sent, are held in less memory than
/// others. Nobody sees it.
@Suite struct OneActionTests {
  private let event = Event.workerHeartbeat("w1").stamped(id: EventID(peer: 7, position: 3), timestampMs: 10)
  private let subject = Subject.worker(WorkerHandle(index: 1, generation: 1), name: "w1")
  private var action: Action { Action(.heartbeat, subject) }

  private var short: Transaction {
    Transaction(number: 1, timestampMs: 10, event: event, outcome: .applied, subject: subject, action: action)
  }

  private func listed(_ actions: [Action]) -> Transaction {
    Transaction(
      number: 1, timestampMs: 10, event: event, outcome: .applied, subject: subject, actions: actions, tasksToKill: [])
  }

  @Test func isTheSameTransaction() {
    let listed = listed([action])
    #expect(short == listed && short.hashValue == listed.hashValue)
    #expect(short.actions == [action] && short.actionCount == 1 && listed.actionCount == 1)
    #expect(short.withAction(at: 0) { $0.kind } == .heartbeat && listed.withAction(at: 0) { $0.kind } == .heartbeat)
    #expect(short != self.listed([]) && short != self.listed([action, action]))
  }

  @Test func isTheSameResult() {
    let result = DispatchResult(short, observations: [], promise: .durable, epoch: 4)
    let named = DispatchResult(
      event: event, disposition: .handled(short), observations: [], promise: .durable, epoch: 4)
    #expect(result == named && result.hashValue == named.hashValue)
    #expect(result.event == event && result.id == event.id)
    let other = Event.tick(nowMs: 10).stamped(id: event.id, timestampMs: 10)
    let replaced = DispatchResult(
      event: other, disposition: .handled(short), observations: [], promise: .durable, epoch: 4)
    #expect(result != replaced)
  }
}
