import EventModel

/// What the bus has counted since it was made.
public struct EventBusCounters: Hashable, Sendable {
  public struct NamedCount: Hashable, Sendable {
    public let name: String
    public internal(set) var count: UInt64
  }

  /// Events that each middleware dropped, in order of registration.
  public internal(set) var drops: [NamedCount] = []
  /// Times that each middleware threw, in the same order.
  public internal(set) var middlewareFailures: [NamedCount] = []
  /// Times that each observer threw, in the order they run.
  public internal(set) var observerFailures: [NamedCount] = []
  /// Indexed by the reason's raw value.
  var deadLettersByReason: [UInt64]

  init() {
    let highest = DeadLetterReason.allCases.map(\.rawValue).max() ?? 0
    deadLettersByReason = Array(repeating: 0, count: Int(highest) + 1)
  }

  /// Events that the middleware of this name dropped; 0 for a name that is not registered.
  public func drops(by middleware: String) -> UInt64 {
    drops.first { $0.name == middleware }?.count ?? 0
  }

  /// Times that the observer of this name threw; 0 for a name that is not registered.
  public func failures(of observer: String) -> UInt64 {
    observerFailures.first { $0.name == observer }?.count ?? 0
  }

  /// Times that the middleware of this name threw; 0 for a name that is not registered.
  public func failures(ofMiddleware middleware: String) -> UInt64 {
    middlewareFailures.first { $0.name == middleware }?.count ?? 0
  }

  public func deadLetters(_ reason: DeadLetterReason) -> UInt64 {
    deadLettersByReason[Int(reason.rawValue)]
  }
}
