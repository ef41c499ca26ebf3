import EventBus
import EventModel
import Testing

@Suite struct DeadLetterTests {
  @Test(arguments: [
    (RejectionReason.unknownWorker, DeadLetterReason.unknownEntity), (.unknownJob, .unknownEntity),
    (.unknownTask, .unknownEntity), (.malformed, .malformed), (.forbidden, .forbidden),
  ])
  func rejectionBecomesALetterAndTheTransactionStands(
    _ rejection: RejectionReason,
    _ reason: DeadLetterReason
  ) throws {
    let box = LetterBox()
    var bus = EventBus()
    bus.deadLetters = box
    var handler = ScriptedHandler(outcome: .rejected(rejection))
    let event = cancellation(position: 9)
    let result = bus.dispatch(event, to: &handler)
    #expect(result.transaction?.outcome == .rejected(rejection))
    let letter = try #require(box.letters.first)
    #expect(box.letters.count == 1)
    #expect(letter.event == event)
    #expect(letter.origin == EventID(peer: 7, position: 9))
    #expect(letter.reason == reason)
    #expect(letter.detail == "JOB_CANCELLED rejected: \(rejection.name)")
    #expect(bus.counters.deadLetters(reason) == 1)
  }

  @Test(arguments: [
    Outcome.applied, .ignored, .rejected(.duplicateJob), .rejected(.taskNotSchedulable),
    .rejected(.insufficientCapacity), .rejected(.taskFinished),
  ])
  func anAnswerIsNoDeadLetter(_ outcome: Outcome) {
    let box = LetterBox()
    var bus = EventBus()
    bus.deadLetters = box
    var handler = ScriptedHandler(outcome: outcome)
    _ = bus.dispatch(cancellation(), to: &handler)
    #expect(box.letters.isEmpty)
    #expect(DeadLetterReason.allCases.allSatisfy { bus.counters.deadLetters($0) == 0 })
  }

  @Test func whatNeverBecameAnEventIsCountedAndDelivered() {
    let box = LetterBox()
    var bus = EventBus()
    bus.deadLetters = box
    let letter = DeadLetter(
      event: nil,
      origin: EventID(peer: 3, position: 4),
      reason: .malformed,
      detail: "kind 77 does not exist"
    )
    bus.deadLetter(letter)
    #expect(box.letters == [letter])
    #expect(bus.counters.deadLetters(.malformed) == 1)
    #expect(bus.counters.deadLetters(.overflow) == 0)
  }

  @Test func lettersAreCountedWithoutASink() {
    var bus = EventBus()
    var handler = ScriptedHandler(outcome: .rejected(.unknownTask))
    _ = bus.dispatch(cancellation(), to: &handler)
    #expect(bus.counters.deadLetters(.unknownEntity) == 1)
  }
}
