/// What came of one event on its way through the pipeline: an object of its own, apart from the message.
@frozen
public struct DispatchResult: Sendable {
  /// The event as its publisher sent it, where it is not that of the transaction. Rare and large, so it is behind a reference.
  @usableFromInline
  indirect enum Sent: Sendable {
    case asHandled
    case otherwise(Event)
  }

  @usableFromInline let sent: Sent
  /// Of the event.
  public let id: EventID
  public let disposition: Disposition
  /// One entry for each observer that the kind interests, in the order they ran; of an event that a middleware threw on, one for that middleware.
  public let observations: [Observation]
  /// How safe the event is.
  public let promise: Promise
  /// The event is without its lists, which are too long for a result; its publisher has the whole of it.
  public var isAbridged = false
  /// The event was handled before: its transaction is that of the first time, and may be older than those of results before.
  public var isRepeated = false
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
    self.sent = .otherwise(event)
    self.id = event.id
    self.disposition = disposition
    self.observations = observations
    self.promise = promise
    self.epoch = epoch
  }

  /// Of an event that was handled as it was sent: without a copy of it.
  @inlinable
  public init(
    _ transaction: Transaction, observations: [Observation], promise: Promise = .volatile, epoch: UInt64 = 0
  ) {
    self.sent = .asHandled
    self.id = transaction.id
    self.disposition = .handled(transaction)
    self.observations = observations
    self.promise = promise
    self.epoch = epoch
  }

  /// The event as its publisher sent it; middleware may have put another in its place.
  @inlinable
  public var event: Event {
    switch sent {
    case .otherwise(let event): event
    case .asHandled:
      switch disposition {
      case .handled(let transaction): transaction.event
      case .dropped, .deadLettered: preconditionFailure("a result without an event of its own has a transaction")
      }
    }
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

extension DispatchResult: Hashable {
  public static func == (left: DispatchResult, right: DispatchResult) -> Bool {
    left.disposition == right.disposition && left.event == right.event && left.observations == right.observations
      && left.promise == right.promise && left.epoch == right.epoch
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(event)
    hasher.combine(disposition)
    hasher.combine(observations)
    hasher.combine(promise)
    hasher.combine(epoch)
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
