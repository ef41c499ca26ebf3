import EventModel

/// What nobody could handle, and why.
public struct DeadLetter: Hashable, Sendable {
  /// The event as its publisher sent it, so that a retry goes all the way again; nil when it could not even be decoded.
  public let event: Event?
  /// Where it came from, known even when the event is not.
  public let origin: EventID
  public let reason: DeadLetterReason
  /// What was wrong, for people.
  public let detail: String
  /// The first bytes of a record that could not be decoded.
  public let record: [UInt8]
  /// How many it had; 0 when an event is here.
  public let recordBytes: Int

  public init(
    event: Event?, origin: EventID, reason: DeadLetterReason, detail: String, record: [UInt8] = [], recordBytes: Int = 0
  ) {
    self.event = event
    self.origin = origin
    self.reason = reason
    self.detail = detail
    self.record = record
    self.recordBytes = recordBytes
  }
}

/// Where dead letters go, and the errors of observers that ask for it. Called on the dispatch thread, so it must not block.
public protocol DeadLetterSink: Sendable {
  /// - Parameter result: what came of the event, with its disposition and what every observer had to say; nil for what never
  ///   became an event. If the event was handled and not rejected, it is here because an observer threw: the letter says
  ///   what, and is kept nowhere, since a retry would apply the event again.
  func receive(_ letter: DeadLetter, _ result: DispatchResult?)
}

/// Keeps nothing; the bus still counts each letter.
public struct DiscardingDeadLetterSink: DeadLetterSink {
  public init() {}

  public func receive(_ letter: DeadLetter, _ result: DispatchResult?) {}
}

extension DispatchResult {
  /// What an observer threw on the event, as a letter.
  func letter(ofObservation index: Int) -> DeadLetter {
    DeadLetter(event: event, origin: event.id, reason: .handlerError, detail: observations[index].failure ?? "")
  }

  /// The letter that the event became; nil when somebody handled it, or a middleware dropped it on purpose.
  public var deadLetter: DeadLetter? {
    switch disposition {
    case .handled(let transaction):
      guard let rejection = transaction.outcome.reason, let reason = DeadLetterReason(rejection) else { return nil }
      let detail = "\(transaction.event.kind.name) rejected: \(rejection.name)"
      return DeadLetter(event: event, origin: event.id, reason: reason, detail: detail)
    case .deadLettered(let reason):
      let failure = observations.lazy.compactMap(\.failure).first
      let detail = failure ?? "\(event.kind.name) was not handled"
      return DeadLetter(event: event, origin: event.id, reason: reason, detail: detail)
    case .dropped: return nil
    }
  }
}

extension Observation {
  fileprivate var failure: String? {
    if case .threw(let error) = outcome { "\(observer) threw: \(error)" } else { nil }
  }
}

extension DeadLetterReason {
  /// The reason for the dead letter that a rejection becomes; nil when the event did reach a handler that knew its
  /// entities and said no.
  public init?(_ rejection: RejectionReason) {
    switch rejection {
    case .unknownWorker, .unknownJob, .unknownTask: self = .unknownEntity
    case .malformed: self = .malformed
    case .forbidden: self = .forbidden
    case .duplicateJob, .taskNotSchedulable, .insufficientCapacity, .taskFinished, .workerDraining, .requirementNotMet:
      return nil
    }
  }
}
