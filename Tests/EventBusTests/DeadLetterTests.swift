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
    let queue = Letters()
    var bus = EventBus()
    bus.deadLetters = queue
    var handler = ScriptedHandler(outcome: .rejected(rejection))
    let event = cancellation(position: 9)
    let result = bus.dispatch(event, to: &handler)
    #expect(result.transaction?.outcome == .rejected(rejection))
    let letter = try #require(queue.letters.first)
    #expect(queue.letters.count == 1)
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
    let queue = Letters()
    var bus = EventBus()
    bus.deadLetters = queue
    var handler = ScriptedHandler(outcome: outcome)
    _ = bus.dispatch(cancellation(), to: &handler)
    #expect(queue.letters.isEmpty)
    #expect(DeadLetterReason.allCases.allSatisfy { bus.counters.deadLetters($0) == 0 })
  }

  @Test func whatNeverBecameAnEventIsCountedAndDelivered() {
    let queue = Letters()
    var bus = EventBus()
    bus.deadLetters = queue
    let letter = DeadLetter(
      event: nil,
      origin: EventID(peer: 3, position: 4),
      reason: .malformed,
      detail: "kind 77 does not exist"
    )
    bus.deadLetter(letter)
    #expect(queue.letters == [letter] && queue.results == [nil])
    #expect(bus.counters.deadLetters(.malformed) == 1)
    #expect(bus.counters.deadLetters(.overflow) == 0)
  }

  @Test func lettersAreCountedWithoutASink() {
    var bus = EventBus()
    var handler = ScriptedHandler(outcome: .rejected(.unknownTask))
    _ = bus.dispatch(cancellation(), to: &handler)
    #expect(bus.counters.deadLetters(.unknownEntity) == 1)
  }

  /// An event that was handled is no dead letter, whatever an observer made of it: nothing is counted, and the sink learns
  /// of it only if the observer wants that.
  @Test(arguments: [true, false], [Outcome.applied, .rejected(.duplicateJob)])
  func anObserversErrorGoesToTheSinkIfItSaysSo(reportsErrors: Bool, outcome: Outcome) throws {
    let queue = Letters()
    var bus = EventBus()
    bus.deadLetters = queue
    bus.add(Observer(name: "first", priority: 2) { _, _ in throw Failure(description: "kept to itself") })
    bus.add(
      Observer(name: "second", priority: 1, reportsErrors: reportsErrors) { _, _ in throw Failure(description: "full") }
    )
    bus.add(Observer(name: "third", value: "seen") { _, _ in })
    var handler = ScriptedHandler(outcome: outcome)
    let result = bus.dispatch(cancellation(position: 9), to: &handler)
    #expect(queue.results == (reportsErrors ? [result] : []))
    #expect(result.observations.count == 3 && result.deadLetter == nil)
    #expect(bus.deadLetterCount == 0 && bus.counters.deadLetters(.handlerError) == 0)
    guard reportsErrors else { return }
    let letter = try #require(queue.letters.first)
    #expect(letter.event == cancellation(position: 9) && letter.reason == .handlerError)
    #expect(letter.detail == "second threw: full")
  }

  /// One letter an event, with all that there is to know.
  @Test func theSinkReceivesTheWholeResultOnce() {
    let queue = Letters()
    var bus = EventBus()
    bus.deadLetters = queue
    bus.add(Observer(name: "broken", reportsErrors: true) { _, _ in throw Failure(description: "full") })
    var handler = ScriptedHandler(outcome: .rejected(.unknownJob))
    let result = bus.dispatch(cancellation(), to: &handler)
    #expect(queue.results == [result] && queue.letters == [result.deadLetter])
    #expect(bus.deadLetterCount == 1)
  }
}
