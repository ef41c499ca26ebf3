import EventBus
import EventModel

/// Lets no job in that nobody answers for.
public struct OwnerRequired: Middleware {
  public init() {}

  public var name: String { "owner-required" }

  public var interests: EventKindSet { EventKindSet(.jobSubmitted) }

  public func process(_ event: Event) -> Event? {
    guard case .jobSubmitted(_, let request) = event.body else { return event }
    return request.owner?.isEmpty == false ? event : nil
  }
}
