import EventModel

/// The pipeline around the state machine: middleware, then the handler, then observers.
///
/// A value with one owner, the dispatch thread. The handler is passed in with each event, so that whoever owns the state
/// keeps it.
public struct EventBus: Sendable {
  private struct Stage: Sendable {
    let middleware: any Middleware
    let interests: EventKindSet
  }

  private struct Listener: Sendable {
    let observer: any EventObserver
    let priority: Int
    let interests: EventKindSet
    let reportsErrors: Bool
  }

  private var stages: [Stage] = []
  private var listeners: [Listener] = []
  /// What is said of an event that every observer took, by the raw value of its kind.
  private var allSucceeded: [[Observation]] = []

  /// Receives what nobody could handle, and what observers throw that say so.
  public var deadLetters: any DeadLetterSink = DiscardingDeadLetterSink()
  public private(set) var counters = EventBusCounters()
  /// Letters of all reasons so far.
  public private(set) var deadLetterCount: UInt64 = 0
  /// Says what is wrong with an event that a middleware has put in the place of another; nil when nothing is. What it finds
  /// wrong goes no further, as if the middleware had thrown.
  public var fault: (@Sendable (Event) -> String?)?
  /// The event dispatched last was handled as another, which a middleware put in its place.
  public private(set) var replacedEvent = false
  /// Of all middleware, and of all observers.
  private var stageInterests: EventKindSet = []
  private var listenerInterests: EventKindSet = []
  /// Some middleware is interested in WORKER_HEARTBEAT: only then must heartbeats be sent through the bus.
  public var wantsHeartbeats: Bool { stageInterests.contains(.workerHeartbeat) }

  public init() {}

  /// Adds a middleware behind those already there. Its name must be new on this bus.
  public mutating func add(_ middleware: some Middleware) {
    let name = middleware.name
    precondition(!counters.drops.contains { $0.name == name }, "a middleware named \(name) is on the bus already")
    stages.append(Stage(middleware: middleware, interests: middleware.interests))
    counters.drops.append(.init(name: name, count: 0))
    counters.middlewareFailures.append(.init(name: name, count: 0))
    stageInterests.formUnion(middleware.interests)
  }

  /// Adds an observer behind those of the same or a higher priority. Its name must be new on this bus.
  ///
  /// - Parameter priority: in the place of the observer's own.
  public mutating func add(_ observer: some EventObserver, priority: Int? = nil) {
    let name = observer.name
    let priority = priority ?? observer.priority
    precondition(
      !counters.observerFailures.contains { $0.name == name },
      "an observer named \(name) is on the bus already"
    )
    let position = listeners.firstIndex { $0.priority < priority } ?? listeners.endIndex
    let listener = Listener(
      observer: observer, priority: priority, interests: observer.interests, reportsErrors: observer.reportsErrors)
    listeners.insert(listener, at: position)
    listenerInterests.formUnion(listener.interests)
    counters.observerFailures.insert(.init(name: name, count: 0), at: position)
    allSucceeded = (0...UInt8.max).map { value in
      guard let kind = EventKind(rawValue: value) else { return [] }
      return listeners.filter { $0.interests.contains(kind) }.map {
        Observation(observer: $0.observer.name, outcome: .succeeded)
      }
    }
  }

  /// Sends one event through middleware, handler and observers. What came of it is the returned value and nothing else.
  public mutating func dispatch<Handler: EventHandler & ~Copyable>(
    _ event: consuming Event,
    to handler: inout Handler
  ) -> DispatchResult {
    replacedEvent = false
    let kind = event.kind
    // Without a copy of the event, as it is most of the time.
    guard stageInterests.contains(kind) else { return handle(event, kind, sent: nil, &handler) }
    return pass(event, to: &handler)
  }

  private mutating func pass<Handler: EventHandler & ~Copyable>(
    _ event: Event, to handler: inout Handler
  ) -> DispatchResult {
    var current = event
    for index in stages.indices where stages[index].interests.contains(current.kind) {
      let next: Event?
      do {
        next = try stages[index].middleware.process(current)
      } catch {
        return fail(event, inStage: index, error)
      }
      guard let next else {
        counters.drops[index].count += 1
        let dropped = DispatchResult.Disposition.dropped(by: counters.drops[index].name)
        return DispatchResult(event: event, disposition: dropped, observations: [])
      }
      let whole = next.continuing(event)
      if whole.body != current.body, let fault = fault?(whole) {
        return fail(
          event, inStage: index, ChangedEventFault(description: "it made \(whole.kind.name) of it, with \(fault)"))
      }
      current = whole
      replacedEvent = replacedEvent || current != event
    }
    return handle(current, current.kind, sent: event, &handler)
  }

  /// - Parameter sent: what `current` was made of; nil when it is as it was sent.
  @inline(__always)
  private mutating func handle<Handler: EventHandler & ~Copyable>(
    _ current: consuming Event, _ kind: EventKind, sent: Event?, _ handler: inout Handler
  ) -> DispatchResult {
    let transaction = handler.handle(current)
    let isRejected = transaction.outcome.reason != nil
    var reported: Int?
    let observations = listenerInterests.contains(kind) ? notify(transaction, kind, &reported) : []
    let result =
      if let sent {
        DispatchResult(event: sent, disposition: .handled(transaction), observations: observations)
      } else {
        DispatchResult(transaction, observations: observations)
      }
    if isRejected, let letter = result.deadLetter {
      deadLetter(letter, result)
    } else if let reported {
      deadLetters.receive(result.letter(ofObservation: reported), result)
    }
    return result
  }

  /// What could not even be looked at must not reach the state machine as if it had been passed.
  private mutating func fail(_ event: Event, inStage index: Int, _ error: any Error) -> DispatchResult {
    counters.middlewareFailures[index].count += 1
    let failure = Observation(observer: counters.middlewareFailures[index].name, threw: error)
    let result = DispatchResult(
      event: event, disposition: .deadLettered(.handlerError), observations: [failure])
    if let letter = result.deadLetter { deadLetter(letter, result) }
    return result
  }

  /// Counts a letter and hands it to the sink: for what never became an event, or never got as far as `dispatch`.
  public mutating func deadLetter(_ letter: DeadLetter) {
    deadLetter(letter, nil)
  }

  private mutating func deadLetter(_ letter: DeadLetter, _ result: DispatchResult?) {
    deadLetterCount += 1
    counters.deadLettersByReason[Int(letter.reason.rawValue)] += 1
    deadLetters.receive(letter, result)
  }

  /// - Parameter reported: becomes the first observation whose error is for the dead-letter sink.
  private mutating func notify(
    _ transaction: Transaction, _ kind: EventKind, _ reported: inout Int?
  ) -> [Observation] {
    var observations = allSucceeded[Int(kind.rawValue)]
    var next = 0
    for index in listeners.indices where listeners[index].interests.contains(kind) {
      do {
        if let value = try listeners[index].observer.observe(transaction.event, transaction) {
          observations[next] = Observation(observer: observations[next].observer, returned: value)
        }
      } catch {
        counters.observerFailures[index].count += 1
        observations[next] = Observation(observer: observations[next].observer, threw: error)
        if listeners[index].reportsErrors, reported == nil { reported = next }
      }
      next += 1
    }
    return observations
  }
}

extension Observation {
  fileprivate init(observer: String, returned value: String) {
    self.init(observer: observer, outcome: .returned(value: value.cutVisibly(toBytes: Limits.observationBytes)))
  }

  fileprivate init(observer: String, threw error: any Error) {
    let error = String(describing: error)
    self.init(observer: observer, outcome: .threw(error: error.cutVisibly(toBytes: Limits.observationBytes)))
  }
}

extension Event {
  /// This event in the place of `original`: under its id, since that is where it came from, and at its time unless it
  /// has one of its own.
  fileprivate func continuing(_ original: Event) -> Event {
    let timestampMs = timestampMs ?? original.timestampMs
    if id == original.id && self.timestampMs == timestampMs && source == original.source { return self }
    return Event(id: original.id, timestampMs: timestampMs, body: body, source: original.source)
  }
}

/// What a middleware made of an event cannot be one.
private struct ChangedEventFault: Error, CustomStringConvertible {
  let description: String
}
