import EventModel

/// A stage in front of the state machine that may pass an event on, put another in its place, or drop it.
///
/// Called on the dispatch thread, one event at a time, so it must not block. Whether an event passes must depend on
/// nothing but the events seen so far: a replay runs the same middleware again.
public protocol Middleware: Sendable {
  /// Unique on its bus. Drops are counted and reported under it.
  var name: String { get }

  /// The kinds this middleware wants to see; read once, when it is added. Other kinds pass it untouched.
  var interests: EventKindSet { get }

  /// Returns the event to go on with, or nil to drop it.
  ///
  /// A new event keeps the id of the one it replaces, and its time too unless it brings its own. An event that a
  /// middleware throws on goes no further: it becomes a dead letter (`handlerError`), to be retried when the fault is gone.
  func process(_ event: Event) throws -> Event?
}

extension Middleware {
  /// All kinds but WORKER_HEARTBEAT, which then keeps its fast path around the bus.
  public var interests: EventKindSet {
    .allButHeartbeats
  }
}
