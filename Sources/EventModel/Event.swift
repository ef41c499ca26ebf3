/// Where an event came from: the peer that published it and the position in its submission ring.
///
/// The pair is unique for the life of the peer, so it is also the event's id. Peer 0 is the dispatcher itself, whose
/// events (expiries, placements) are numbered in the order it made them.
@frozen
public struct EventID: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  public let peer: UInt32
  public let position: UInt64

  @inlinable
  public init(peer: UInt32, position: UInt64) {
    self.peer = peer
    self.position = position
  }

  public var description: String {
    "\(peer):\(position)"
  }
}

/// An immutable statement that something happened or is asked for: the only way in.
///
/// Built by a typed factory for each kind. Middleware that wants a different event makes a new one.
public struct Event: Hashable, Sendable {
  public let id: EventID
  /// When it was received, in milliseconds of the controller's clock; nil when it has not been stamped. The controller
  /// takes time from nothing else.
  public let timestampMs: Int64?
  public let body: Body
  /// Which event of its source it is; nil when it does not say.
  public let source: EventSource?

  public init(
    id: EventID = EventID(peer: 0, position: 0), timestampMs: Int64? = nil, body: Body, source: EventSource? = nil
  ) {
    self.id = id
    self.timestampMs = timestampMs
    self.body = body
    self.source = source
  }

  /// The same statement under another id and time: how a receiver stamps what it was sent.
  public func stamped(id: EventID, timestampMs: Int64) -> Event {
    Event(id: id, timestampMs: timestampMs, body: body, source: source)
  }

  /// The same statement as an event of a source.
  public func said(by source: EventSource?) -> Event {
    Event(id: id, timestampMs: timestampMs, body: body, source: source)
  }
}

/// Why a worker is held to be lost.
public enum WorkerFailureCause: Hashable, Sendable {
  /// Somebody said so.
  case reported(error: String?)
  /// Its last heartbeat is older than the timeout allows. Carries all that the decision rests on, so that a replay needs
  /// no heartbeats.
  case timedOut(lastHeartbeatMs: Int64, timeoutMs: Int64)

  /// The error that the tasks lost with it bear.
  public var error: String? {
    switch self {
    case .reported(let error): error
    case .timedOut(_, let timeoutMs): "no heartbeat for more than \(timeoutMs) ms"
    }
  }
}

/// One line of a worker's account of all that it runs now.
public struct ReportedTask: Hashable, Sendable {
  public let task: TaskReference
  public let attempt: UInt32

  public init(task: TaskReference, attempt: UInt32) {
    self.task = task
    self.attempt = attempt
  }
}
