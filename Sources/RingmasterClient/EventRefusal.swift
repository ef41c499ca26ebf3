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
        + (meaning(of: reason).map { ": \($0)" } ?? "")
    case .dropped(let middleware): "\(kind) was dropped by \(middleware)"
    case .deadLettered(let reason): "\(kind) is a dead letter: \(reason.name)"
    }
  }

  /// What the controller looks at when it refuses a record that is well formed; nil where the reason says all.
  private func meaning(of reason: RejectionReason) -> String? {
    switch (reason, result.event.body) {
    case (.malformed, .workerRegistered): Self.tooManyKinds
    case (.malformed, .jobSubmitted):
      "\(Self.tooManyKinds), or its parent is \(Limits.jobDepth) jobs below the first"
    case (.duplicateJob, .jobSubmitted(_, let request)) where request.ifExists == .replaceFinished:
      "it has not ended, or processes of it may still run"
    case (.unknownJob, .jobSubmitted): "its parent is not known"
    case (.taskFinished, .jobSubmitted): "its parent, or a job above that, has ended"
    default: nil
    }
  }

  private static var tooManyKinds: String {
    "workers and unfinished jobs would name more than \(Limits.deviceKinds) kinds of devices together"
  }
}
