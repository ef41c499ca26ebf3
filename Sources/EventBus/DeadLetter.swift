import EventModel

/// What nobody could handle, and why.
public struct DeadLetter: Hashable, Sendable {
  /// The event as it reached the state machine; nil when it could not even be decoded.
  public let event: Event?
  /// Where it came from, known even when the event is not.
  public let origin: EventID
  public let reason: DeadLetterReason
  /// What was wrong, for people.
  public let detail: String

  public init(event: Event?, origin: EventID, reason: DeadLetterReason, detail: String) {
    self.event = event
    self.origin = origin
    self.reason = reason
    self.detail = detail
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
