import EventModel

/// What the scheduler proposed in one call, before any of it was handled.
public struct ProposedPass: Sendable {
  public let proposals: [Event]
  /// As many as were asked for; a gang may go beyond.
  public let limit: Int
}
