import CRingmaster
import EventCodec
import EventModel
import EventRing
import Platform

/// A peer's end of its rings, for a process that drives them from one thread, as an ingest does. `RingmasterClient` wraps
/// it for concurrent use.
///
/// The peer exists as long as this does: when it goes, the dispatcher drains what was published and removes the rings.
/// A dispatcher with a journal may end and come back meanwhile: `tend` attaches again as the same peer, and publishing
/// goes on in the same ring all the while.
@frozen
public struct Attachment: ~Copyable, Sendable {
  /// Peer number, part of the id of every event it publishes.
  public let peer: UInt32
  /// The id of the cluster, 32 hexadecimal digits: handles mean something in one cluster only.
  public let cluster: String
  public var submission: SubmissionPort
  public var results: ResultPort
  public var link: ControlLink

  /// Attaches to the dispatcher that listens at `path`.
  ///
  /// - Throws: `SystemError` when nobody listens, `ClientError.refused` with the dispatcher's reason, `RingError` when the
  ///   rings it gave are not rings.
  public static func attach(path: String, options: AttachOptions) throws -> Attachment {
    try SharedMemory.installTruncationGuard()
    let socket = try PacketSocket.connect(path: path, timeoutMs: options.timeoutMs)
    socket.setReceiveTimeout(ms: options.timeoutMs)
    do {
      try socket.send(AttachRequest.new(options))
    } catch let error as SystemError where error.meansNoReader {
      // Refused for who it is, before it was asked what it wants: the reply says why.
    }
    guard let reply = try AttachReply.receive(socket) else { throw ClientError.noAnswer(afterMs: options.timeoutMs) }
    return try attached(reply, socket, path: path, options)
  }

  private static func attached(
    _ reply: consuming AttachReply, _ socket: consuming PacketSocket, path: String, _ options: AttachOptions
  ) throws -> Attachment {
    let message = reply.message
    var ring = try SharedRing.attach(try reply.takeSubmissionRing())
    ring.closeDescriptor()
    let parts = try reply.parts()
    let identity = PeerIdentity(path: path, options: options, message)
    return Attachment(
      peer: message.peer, cluster: message.clusterText,
      submission: SubmissionPort(peer: message.peer, ring: ring, wiring: parts.wiring),
      results: ResultPort(
        ring: parts.results, bell: parts.bell, progress: ResultProgress(message.last_transaction),
        epoch: message.epoch),
      link: ControlLink(socket: socket, identity: identity))
  }

  /// Asks for the results of other peers' events too, also after this peer has attached again.
  ///
  /// - Returns: the request's number, which `queryDone` confirms; nil when the ring is full.
  public mutating func subscribe(_ subscription: Subscription) -> UInt64? {
    link.subscription = subscription
    return submission.subscribe(subscription)
  }

  /// Looks after the connection to the dispatcher. Call when `link.descriptor` is readable, and every
  /// `ControlLink.retryMs` while the dispatcher is away; read the results to their end before each call.
  ///
  /// - Returns: `renewed` tells that the descriptors of `link` and `results` are new ones, and that queries which were not
  ///   answered will not be. Events need not be repeated, nor subscriptions.
  public mutating func tend() -> ControlLink.State {
    let state = link.tend(&results)
    if let wiring = link.takeWiring() { submission.rewire(wiring) }
    return state
  }
}
