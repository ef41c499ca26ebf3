import CRingmaster
import EventModel
import EventRing
import Platform

/// How a process attaches to the dispatcher.
public struct AttachOptions: Sendable {
  public var role: Role
  /// For people: shown in `ringctl status` and in the log. At most 63 bytes are kept.
  public var name: String
  /// Slots of 64 bytes; powers of two.
  public var submissionCapacity: Int
  public var resultCapacity: Int
  /// What a `RingmasterClient` does while no result comes; the dispatcher chooses for its own side.
  public var waiting = WaitingStrategy.park
  /// How long the dispatcher may take to answer a new peer: the kernel takes connections for one that hangs.
  public var timeoutMs = 5000
  /// How long a dispatcher that ended may take to come back and attach this peer again; 0 gives it up at once. Means
  /// nothing where the dispatcher keeps no journal: then it is given up at once.
  public var reattachTimeoutMs = 30_000

  public init(role: Role, name: String, submissionCapacity: Int = 4096, resultCapacity: Int = 8192) {
    self.role = role
    self.name = name
    self.submissionCapacity = submissionCapacity
    self.resultCapacity = resultCapacity
  }

  /// Where to look for the dispatcher: where RINGMASTER_SOCKET says, else at its usual place.
  public static var socketPath: String {
    Environment.value("RINGMASTER_SOCKET") ?? defaultSocketPath
  }

  /// Where the dispatcher listens unless it is told otherwise.
  public static let defaultSocketPath = "/run/ringmaster/control.sock"
}

/// Why a client cannot go on.
public enum ClientError: Error, Sendable, CustomStringConvertible {
  /// The dispatcher refused to attach this peer.
  case refused(code: UInt32, reason: String)
  /// The dispatcher is of a newer or older version of this software.
  case otherVersion(OtherVersion)
  /// The dispatcher took the connection and said nothing.
  case noAnswer(afterMs: Int)
  /// The dispatcher ended the connection, or ended itself.
  case closed(reason: String)
  /// The submission ring is full: the dispatcher is slower than this peer, or stands still.
  case ringFull
  /// No result came in time. The event may still be applied.
  case timedOut(EventID)
  /// The event was handled, and its result is among those that were lost, because this process did not read for so long.
  case overrun(EventID)
  /// The dispatcher could not read the record as an event, or as a request that it could grant.
  case notAnEvent(EventID, reason: DeadLetterReason, detail: String)
  case unexpectedReply(String)

  public var description: String {
    switch self {
    case .refused(_, let reason): "the dispatcher refused to attach: \(reason)"
    case .otherVersion(let other): "\(other)"
    case .noAnswer(let ms): "the dispatcher gives no answer within \(ms) ms: it hangs or is stopped"
    case .closed(let reason): "the dispatcher closed the connection: \(reason)"
    case .ringFull: "the submission ring is full: wait, or attach with a larger ring"
    case .timedOut(let id): "no result for event \(id) came in time; it may still be applied"
    case .overrun(let id):
      "the result of event \(id) was lost, because this process did not read its results: query the state"
    case .notAnEvent(_, let reason, let detail): "the event was refused (\(reason.name)): \(detail)"
    case .unexpectedReply(let what): "the dispatcher answered out of protocol: \(what)"
    }
  }
}
