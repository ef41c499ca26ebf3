import EventModel

/// Learns of handled events and their transactions, and changes neither.
///
/// Observers are independent: all of them run, none sees another's effects, and one that throws stops nobody. Called on
/// the dispatch thread, so an observer must not block.
public protocol EventObserver: Sendable {
  /// Unique on its bus. Outcomes are listed and failures counted under it.
  var name: String { get }

  /// Higher runs first; equal priorities run in order of registration. Read once, when the observer is added.
  var priority: Int { get }

  /// The kinds this observer wants to see; read once, when it is added. A heartbeat is seen only when it makes a
  /// transaction.
  var interests: EventKindSet { get }

  /// What this observer throws goes to the dead-letter sink too; read once, when it is added. No unless it says so.
  var reportsErrors: Bool { get }

  /// Looks at what came of an event. `event` is what reached the state machine, after all middleware.
  ///
  /// - Returns: a value for whoever sent the event, listed in the `DispatchResult`; nil, which costs nothing, when there is
  ///   none. It is cut to `Limits.observationBytes`, and so is the error.
  /// - Throws: what becomes the observer's outcome in the `DispatchResult`.
  func observe(_ event: Event, _ transaction: Transaction) throws -> String?
}

extension EventObserver {
  public var priority: Int {
    0
  }

  public var interests: EventKindSet {
    .all
  }

  public var reportsErrors: Bool {
    false
  }
}
