import EventModel

/// What is worth saying about one line of NDJSON.
public enum NDJSONReport: Hashable, Sendable, CustomStringConvertible {
  /// The line is no event, for this reason.
  case badLine(Int, reason: String)
  case rejected(line: Int, EventKind, RejectionReason)
  case dropped(line: Int, EventKind, by: String)
  case deadLettered(line: Int, EventKind, DeadLetterReason)
  /// Its result did not come: it may have been applied.
  case unanswered(line: Int, EventKind)
  /// The ring stayed full, or the dispatcher is gone, until the ingest ended.
  case unpublished(line: Int, EventKind)
  /// The ingest was stopped, and its end had not come.
  case cutShort(line: Int)
  case ringFull(line: Int)
  case ringHasRoom(line: Int, afterMs: Int)

  public var description: String {
    switch self {
    case .badLine(let line, let reason): "line \(line): \(reason)"
    case .rejected(let line, let kind, let reason): "line \(line): \(kind.name) rejected: \(reason.name)"
    case .dropped(let line, let kind, let stage): "line \(line): \(kind.name) dropped by \(stage)"
    case .deadLettered(let line, let kind, let reason): "line \(line): \(kind.name) dead-lettered: \(reason.name)"
    case .unanswered(let line, let kind): "line \(line): \(kind.name) has no result; it may have been applied"
    case .unpublished(let line, let kind): "line \(line): \(kind.name) was not published: send it again"
    case .cutShort(let line):
      "line \(line): its end did not come before the stop: send it again; what is still written of it will be a bad line"
    case .ringFull(let line):
      "line \(line): waiting, since the dispatcher takes nothing: its ring is full; \"ringctl status\" says more"
    case .ringHasRoom(let line, let waitedMs): "line \(line): the ring has room again after \(waitedMs) ms"
    }
  }

  /// What a result means for its line; nil when the event was applied or ignored.
  init?(_ event: ResultWindow.Pending, _ disposition: DispatchResult.Disposition) {
    switch disposition {
    case .handled(let transaction):
      guard let reason = transaction.outcome.reason else { return nil }
      self = .rejected(line: event.line, event.kind, reason)
    case .dropped(let stage): self = .dropped(line: event.line, event.kind, by: stage)
    case .deadLettered(let reason): self = .deadLettered(line: event.line, event.kind, reason)
    }
  }
}
