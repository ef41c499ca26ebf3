import EventModel

/// One link of the chain: an action, or the external event at the end of it.
public struct ExplanationStep: Hashable, Sendable {
  /// The number of the transaction that it belongs to.
  public let transaction: UInt64
  public let timestampMs: Int64
  /// The event of that transaction.
  public let event: Event
  /// What that event was about.
  public let subject: Subject?
  /// Nil when this step is the event itself.
  public let action: Action?
  /// The position among the steps of what led to this one; nil for an event, which came from outside.
  public let cause: Int?
}
