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

/// Where dead letters go. Called on the dispatch thread, so it must not block.
public protocol DeadLetterSink: Sendable {
  func receive(_ letter: DeadLetter)
}

/// Keeps nothing; the bus still counts each letter.
public struct DiscardingDeadLetterSink: DeadLetterSink {
  public init() {}

  public func receive(_ letter: DeadLetter) {}
}

extension DispatchResult {
  /// The letter that the event became; nil when somebody handled it, or a middleware dropped it on purpose.
  public var deadLetter: DeadLetter? {
    switch disposition {
    case .handled(let transaction):
      guard let rejection = transaction.outcome.reason, let reason = DeadLetterReason(rejection) else { return nil }
      let detail = "\(transaction.event.kind.name) rejected: \(rejection.name)"
      return DeadLetter(event: event, origin: event.id, reason: reason, detail: detail)
    case .deadLettered(let reason):
      let failures = observations.compactMap { observation -> String? in
        guard case .threw(let error) = observation.outcome else { return nil }
        return "\(observation.observer) threw: \(error)"
      }
      let detail = failures.first ?? "\(event.kind.name) was not handled"
      return DeadLetter(event: event, origin: event.id, reason: reason, detail: detail)
    case .dropped: return nil
    }
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
    case .duplicateJob, .taskNotSchedulable, .insufficientCapacity, .taskFinished: return nil
    }
  }
}
