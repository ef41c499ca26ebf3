import EventBus
import EventModel
import Testing

@Suite struct ObserverTests {
  @Test func higherPriorityFirstThenOrderOfRegistration() {
    let trace = Trace()
    var bus = EventBus()
    for (name, priority) in [("a", 0), ("b", 5), ("c", -1), ("d", 5), ("e", 0), ("f", 9)] {
      bus.add(Observer(name: name, priority: priority) { _, _ in trace.append(name) })
    }
    var handler = ScriptedHandler()
    let result = bus.dispatch(cancellation(), to: &handler)
    #expect(trace.all == ["f", "b", "d", "a", "e", "c"])
    #expect(result.observations.map(\.observer) == trace.all)
    #expect(bus.counters.observerFailures.map(\.name) == trace.all)
  }

  @Test func oneThatThrowsStopsNobodyAndItsErrorIsItsOutcome() {
    let trace = Trace()
    var bus = EventBus()
    bus.add(Observer(name: "before", priority: 2) { _, _ in trace.append("before") })
    bus.add(Observer(name: "broken", priority: 1) { _, _ in throw Failure(description: "disk full") })
    bus.add(Observer(name: "after") { _, _ in trace.append("after") })
    var handler = ScriptedHandler()
    let result = bus.dispatch(cancellation(), to: &handler)
    #expect(trace.all == ["before", "after"])
    #expect(
      result.observations == [
        Observation(observer: "before", outcome: .succeeded),
        Observation(observer: "broken", outcome: .threw(error: "disk full")),
        Observation(observer: "after", outcome: .succeeded),
      ]
    )
    #expect(result.transaction?.outcome == .applied)
    #expect(bus.counters.failures(of: "broken") == 1)
    #expect(bus.counters.failures(of: "after") == 0)
    _ = bus.dispatch(cancellation(position: 2), to: &handler)
    #expect(bus.counters.failures(of: "broken") == 2)
  }

  @Test func valuesAreListedInTheOrderOfTheObservers() {
    var bus = EventBus()
    bus.add(Observer(name: "silent", priority: 2) { _, _ in })
    bus.add(Observer(name: "ticket", priority: 1, value: "4711") { _, _ in })
    bus.add(Observer(name: "empty", value: "") { _, _ in })
    var handler = ScriptedHandler()
    #expect(
      bus.dispatch(cancellation(), to: &handler).observations == [
        Observation(observer: "silent", outcome: .succeeded),
        Observation(observer: "ticket", outcome: .returned(value: "4711")),
        Observation(observer: "empty", outcome: .returned(value: "")),
      ])
  }

  /// Up to the limit a text is whole; a longer one says how long it was.
  @Test(arguments: [0, 1, 4000]) func textsAreCutVisibly(excess: Int) {
    let text = String(repeating: "é", count: Limits.observationBytes / 2) + String(repeating: "x", count: excess)
    var bus = EventBus()
    bus.add(Observer(name: "value", priority: 1, value: text) { _, _ in })
    bus.add(Observer(name: "error") { _, _ in throw Failure(description: text) })
    var handler = ScriptedHandler()
    let outcomes = bus.dispatch(cancellation(), to: &handler).observations.map(\.outcome)
    guard excess > 0 else {
      #expect(outcomes == [.returned(value: text), .threw(error: text)])
      return
    }
    for outcome in outcomes {
      guard case .returned(let told) = outcome else {
        guard case .threw(let told) = outcome else {
          Issue.record("nothing was listed")
          continue
        }
        #expect(isCut(told))
        continue
      }
      #expect(isCut(told))
    }

    func isCut(_ told: String) -> Bool {
      (Limits.observationBytes - 2...Limits.observationBytes).contains(told.utf8.count)
        && told.hasPrefix("ééé") && told.hasSuffix("é… (cut, \(text.utf8.count) bytes)")
    }
  }

  @Test func everyObserverSeesTheSameEventAndTransaction() {
    let trace = Trace()
    var bus = EventBus()
    for name in ["one", "two"] {
      bus.add(Observer(name: name) { event, transaction in trace.append("\(event.id) \(transaction.number)") })
    }
    var handler = ScriptedHandler()
    _ = bus.dispatch(cancellation(position: 5), to: &handler)
    #expect(trace.all == ["7:5 1", "7:5 1"])
  }

  @Test func observersChooseKinds() {
    let trace = Trace()
    var bus = EventBus()
    bus.add(Observer(name: "all", priority: 1) { event, _ in trace.append("all \(event.kind.name)") })
    bus.add(
      Observer(name: "jobs", interests: EventKindSet(.jobCancelled)) { event, _ in
        trace.append("jobs \(event.kind.name)")
        throw Failure(description: "full")
      })
    var handler = ScriptedHandler()
    let tick = bus.dispatch(Event(body: .tick), to: &handler)
    let cancelled = bus.dispatch(cancellation(), to: &handler)
    #expect(trace.all == ["all TICK", "all JOB_CANCELLED", "jobs JOB_CANCELLED"])
    #expect(tick.observations == [Observation(observer: "all", outcome: .succeeded)])
    #expect(
      cancelled.observations == [
        Observation(observer: "all", outcome: .succeeded),
        Observation(observer: "jobs", outcome: .threw(error: "full")),
      ])
    #expect(bus.counters.failures(of: "jobs") == 1)
  }

  @Test func rejectedEventsAreObservedToo() {
    let trace = Trace()
    var bus = EventBus()
    bus.add(Observer(name: "watcher") { _, transaction in trace.append(transaction.outcome.name) })
    var handler = ScriptedHandler(outcome: .rejected(.unknownJob))
    _ = bus.dispatch(cancellation(), to: &handler)
    #expect(trace.all == ["rejected"])
  }
}
