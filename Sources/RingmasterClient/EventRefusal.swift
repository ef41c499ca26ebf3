import EventModel

/// Nothing came of an event: it was rejected, dropped by a middleware, or became a dead letter.
public struct EventRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Reason: Hashable, Sendable {
    case rejected(RejectionReason)
    /// By the middleware of this name.
    case dropped(by: String)
    case deadLettered(DeadLetterReason)
  }

  public let reason: Reason
  /// All that is known, with what observers and middleware had to say.
  public let result: DispatchResult

  /// nil when the event was applied, or there was nothing to do.
  public init?(_ result: DispatchResult) {
    switch result.disposition {
    case .handled(let transaction):
      guard let rejection = transaction.outcome.reason else { return nil }
      reason = .rejected(rejection)
    case .dropped(let middleware): reason = .dropped(by: middleware)
    case .deadLettered(let letter): reason = .deadLettered(letter)
    }
    self.result = result
  }

  public var description: String {
    let kind = result.event.kind.name
    return switch reason {
    case .rejected(let reason):
      "\(kind) was rejected: \(reason.name)" + (result.transaction?.missing.map { " of \($0.resource.name)" } ?? "")
    case .dropped(let middleware): "\(kind) was dropped by \(middleware)"
    case .deadLettered(let reason): "\(kind) is a dead letter: \(reason.name)"
    }
  }
}
