import EventBus
import EventModel
import Testing

@Suite struct MiddlewareTests {
  @Test func runsInOrderOfRegistration() {
    let trace = Trace()
    var bus = EventBus()
    for name in ["zeta", "alpha", "mid"] {
      bus.add(
        Stage(name: name) {
          trace.append(name)
          return $0
        }
      )
    }
    var handler = ScriptedHandler()
    let result = bus.dispatch(cancellation(), to: &handler)
    #expect(trace.all == ["zeta", "alpha", "mid"])
    #expect(handler.handled == [cancellation()])
    #expect(result.transaction?.number == 1)
  }

  @Test func dropIsAttributedAndCountedAndGoesNoFurther() {
    let trace = Trace()
    var bus = EventBus()
    bus.add(Stage(name: "first") { $0 })
    bus.add(Stage(name: "gate") { _ in nil })
    bus.add(
      Stage(name: "behind") {
        trace.append("behind")
        return $0
      }
    )
    bus.add(Observer(name: "watcher") { _, _ in trace.append("watcher") })
    var handler = ScriptedHandler()
    for position in 1...3 {
      let result = bus.dispatch(cancellation(position: UInt64(position)), to: &handler)
      #expect(result.disposition == .dropped(by: "gate"))
      #expect(result.observations.isEmpty)
      #expect(result.transaction == nil)
    }
    #expect(trace.all.isEmpty)
    #expect(handler.handled.isEmpty)
    #expect(bus.counters.drops.map(\.name) == ["first", "gate", "behind"])
    #expect(bus.counters.drops.map(\.count) == [0, 3, 0])
    #expect(bus.counters.drops(by: "gate") == 3)
    #expect(bus.counters.drops(by: "nobody") == 0)
  }

  /// What a gate could not look at does not pass it.
  @Test func anEventThatAMiddlewareThrowsOnIsADeadLetter() throws {
    let queue = Letters()
    var bus = EventBus()
    bus.deadLetters = queue
    bus.add(Stage(name: "rename") { _ in .jobCancelled("j2", reason: "renamed") })
    bus.add(Stage(name: "broken") { _ in throw Failure(description: "no database") })
    var handler = ScriptedHandler()
    let original = cancellation(position: 5)
    let result = bus.dispatch(original, to: &handler)
    #expect(result.disposition == .deadLettered(.handlerError))
    #expect(result.observations == [Observation(observer: "broken", outcome: .threw(error: "no database"))])
    #expect(handler.handled.isEmpty)
    let letter = try #require(queue.letters.first)
    #expect(queue.letters.count == 1 && queue.results == [result])
    #expect(letter.event == original && letter.origin == original.id && letter.reason == .handlerError)
    #expect(letter.detail == "broken threw: no database")
    #expect(bus.counters.failures(ofMiddleware: "broken") == 1 && bus.counters.failures(ofMiddleware: "rename") == 0)
    #expect(bus.counters.drops(by: "broken") == 0 && bus.counters.deadLetters(.handlerError) == 1)
  }

  @Test func replacedEventIsHandledAndTheResultNamesTheOriginal() throws {
    var bus = EventBus()
    bus.add(Stage(name: "redirect") { _ in .jobCancelled("j2", reason: "redirected") })
    let seen = Trace()
    bus.add(Observer(name: "watcher") { event, _ in seen.append("\(event.body)") })
    var handler = ScriptedHandler()
    let original = cancellation(position: 42)
    let result = bus.dispatch(original, to: &handler)
    let handled = try #require(handler.handled.first)
    #expect(handled.body == .jobCancelled("j2", reason: "redirected"))
    #expect(handled.id == original.id)
    #expect(handled.timestampMs == original.timestampMs)
    #expect(result.event == original)
    #expect(result.transaction?.event == handled)
    #expect(seen.all == ["\(handled.body)"])
  }

  @Test func replacementMayBringItsOwnTimeButNotItsOwnID() {
    var bus = EventBus()
    bus.add(
      Stage(name: "later") { event in
        event.stamped(id: EventID(peer: 99, position: 99), timestampMs: 777)
      }
    )
    var handler = ScriptedHandler()
    _ = bus.dispatch(cancellation(position: 3), to: &handler)
    #expect(handler.handled.first?.id == EventID(peer: 7, position: 3))
    #expect(handler.handled.first?.timestampMs == 777)
  }

  @Test func laterStagesAreChosenByTheReplacement() {
    var bus = EventBus()
    bus.add(Stage(name: "escalate") { _ in .workerFailed("w1", error: "given up") })
    bus.add(Stage(name: "noFailures", interests: EventKindSet(.workerFailed)) { _ in nil })
    var handler = ScriptedHandler()
    #expect(bus.dispatch(cancellation(), to: &handler).disposition == .dropped(by: "noFailures"))
  }

  @Test func heartbeatsPassByUnlessAskedFor() {
    var bus = EventBus()
    bus.add(Stage(name: "ordinary") { _ in nil })
    #expect(!bus.wantsHeartbeats)
    var handler = ScriptedHandler()
    #expect(bus.dispatch(heartbeat(), to: &handler).transaction != nil)
    bus.add(Stage(name: "keen", interests: .all) { _ in nil })
    #expect(bus.wantsHeartbeats)
    #expect(bus.dispatch(heartbeat(), to: &handler).disposition == .dropped(by: "keen"))
    #expect(bus.dispatch(cancellation(), to: &handler).disposition == .dropped(by: "ordinary"))
  }

  @Test func kindSetsHoldExactlyTheirKinds() {
    for kind in EventKind.allCases {
      #expect(EventKindSet.all.contains(kind))
      #expect(EventKindSet.allButHeartbeats.contains(kind) == (kind != .workerHeartbeat))
      #expect(EventKindSet(.tick, .prune).contains(kind) == (kind == .tick || kind == .prune))
    }
  }

  @Test func namesAreUnique() async {
    await #expect(processExitsWith: .failure) {
      var bus = EventBus()
      bus.add(Stage(name: "same") { $0 })
      bus.add(Stage(name: "same") { $0 })
    }
  }
}
