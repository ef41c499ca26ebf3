/// What came of one event on its way through the pipeline: an object of its own, apart from the message.
@frozen
public struct DispatchResult: Hashable, Sendable {
  /// The event as its publisher sent it; middleware may have put another in its place.
  public let event: Event
  public let disposition: Disposition
  /// One entry for each observer that the kind interests, in the order they ran; of an event that a middleware threw on, one for that middleware.
  public let observations: [Observation]
  /// How safe the event is.
  public let promise: Promise
  /// In which its transaction was made: with the transaction's number, that is its name for ever. 0 inside the dispatcher.
  public let epoch: UInt64

  @frozen
  public enum Disposition: Hashable, Sendable {
    case handled(Transaction)
    /// A middleware, named, returned no event.
    case dropped(by: String)
    /// Nobody could handle it.
    case deadLettered(DeadLetterReason)
  }

  @inlinable
  public init(
    event: Event, disposition: Disposition, observations: [Observation], promise: Promise = .volatile, epoch: UInt64 = 0
  ) {
    self.event = event
    self.disposition = disposition
    self.observations = observations
    self.promise = promise
    self.epoch = epoch
  }

  @inlinable
  public var transaction: Transaction? {
    if case .handled(let transaction) = disposition { transaction } else { nil }
  }

  /// The event was handled, whether it was applied or there was nothing to do, and no observer threw. What was rejected,
  /// dropped or became a dead letter did not succeed.
  public var succeeded: Bool {
    guard case .handled(let transaction) = disposition, transaction.outcome.reason == nil else { return false }
    return !observations.contains { if case .threw = $0.outcome { true } else { false } }
  }
}

/// How one observer, or the middleware that threw, fared with one event.
public struct Observation: Hashable, Sendable {
  public let observer: String
  public let outcome: Outcome

  /// Texts are at most `Limits.observationBytes` long; one that was cut ends by saying so.
  public enum Outcome: Hashable, Sendable {
    case succeeded
    case returned(value: String)
    case threw(error: String)

    public var textBytes: Int {
      switch self {
      case .succeeded: 0
      case .returned(let text), .threw(let text): text.utf8.count
      }
    }
  }

  public init(observer: String, outcome: Outcome) {
    self.observer = observer
    self.outcome = outcome
  }
}
