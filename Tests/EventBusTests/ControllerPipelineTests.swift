import Controller
import EventBus
import EventModel
import Testing

/// The bus around the state machine that it is made for.
@Suite struct ControllerPipelineTests {
  @Test func droppedEventsLeaveNoTransactionBehind() {
    var bus = EventBus()
    let letters = Letters()
    bus.deadLetters = letters
    bus.add(
      Stage(name: "onlyKnownOwners") { event in
        guard case .jobSubmitted(_, let request) = event.body, request.owner == nil else { return event }
        return nil
      })
    var state = ControllerState()
    var owned = JobRequest()
    owned.owner = "ada"
    let anonymous = bus.dispatch(.jobSubmitted("j1", request: JobRequest(), timestampMs: 1), to: &state)
    let accepted = bus.dispatch(.jobSubmitted("j2", request: owned, timestampMs: 2), to: &state)
    let lost = bus.dispatch(.jobCancelled("j1", reason: "never got in"), to: &state)
    #expect(anonymous.disposition == .dropped(by: "onlyKnownOwners"))
    #expect(accepted.transaction?.number == 1)
    #expect(accepted.transaction?.outcome == .applied)
    #expect(lost.transaction?.number == 2)
    #expect(lost.transaction?.outcome == .rejected(.unknownJob))
    #expect(letters.letters.map(\.reason) == [.unknownEntity])
  }
}
