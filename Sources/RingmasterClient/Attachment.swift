import CRingmaster
import EventCodec
import EventModel
import EventRing
import Platform

/// A peer's end of its rings, for a process that drives them from one thread, as an ingest does. `RingmasterClient` wraps
/// it for concurrent use.
///
/// The peer exists as long as this does: when it goes, the dispatcher drains what was published and removes the rings.
@frozen
public struct Attachment: ~Copyable, Sendable {
  /// Peer number, part of the id of every event it publishes.
  public let peer: UInt32
  public var submission: SubmissionPort
  public var results: ResultPort
  public let connection: ControlConnection

  /// Attaches to the dispatcher that listens at `path`.
  ///
  /// - Throws: `SystemError` when nobody listens, `ClientError.refused` with the dispatcher's reason, `RingError` when the
  ///   rings it gave are not rings.
  public static func attach(path: String, options: AttachOptions) throws -> Attachment {
    try SharedMemory.installTruncationGuard()
    let socket = try PacketSocket.connect(path: path)
    var request = rm_attach_request()
    request.magic = RM_CONTROL_MAGIC
    request.abi_version = RM_ABI_VERSION
    request.type = RM_CONTROL_ATTACH
    request.role = options.role.rawValue
    request.submission_capacity = UInt32(options.submissionCapacity)
    request.result_capacity = UInt32(options.resultCapacity)
    withUnsafeMutableBytes(of: &request.name) { room in
      room.copyBytes(from: options.name.utf8.prefix(room.count - 1))
    }
    socket.setReceiveTimeout(ms: options.timeoutMs)
    try socket.send(request)
    return try receive(socket, timeoutMs: options.timeoutMs)
  }

  private static func receive(_ socket: consuming PacketSocket, timeoutMs: Int) throws -> Attachment {
    var reply = rm_attach_reply()
    guard var packet = try socket.receive(into: &reply) else { throw ClientError.noAnswer(afterMs: timeoutMs) }
    guard packet.bytes == MemoryLayout<rm_attach_reply>.size else {
      throw ClientError.closed(reason: "it ended before it answered")
    }
    guard reply.magic == RM_CONTROL_MAGIC else { throw ClientError.unexpectedReply("wrong magic number") }
    guard reply.type == RM_CONTROL_ATTACHED else {
      throw ClientError.refused(code: reply.code, reason: ControlConnection.text(of: reply))
    }
    guard let submission = packet.nextDescriptor(), let result = packet.nextDescriptor(),
      let board = packet.nextDescriptor(), let dispatcherBell = packet.nextDescriptor(),
      let ownBell = packet.nextDescriptor()
    else { throw ClientError.unexpectedReply("fewer descriptors than rings and doorbells") }
    var submissionRing = try SharedRing.attach(submission)
    var resultRing = try SharedRing.attach(result)
    guard reply.lane < RM_BOARD_LANES else { throw ClientError.unexpectedReply("lane \(reply.lane)") }
    let registered = reply.flags & RM_ATTACH_MUST_FENCE == 0 && MemoryBarrier.register()
    submissionRing.closeDescriptor()
    resultRing.closeDescriptor()
    return Attachment(
      peer: reply.peer,
      submission: SubmissionPort(
        peer: reply.peer, ring: submissionRing, board: try AttentionBoard.attach(board), lane: Int(reply.lane),
        barrier: registered ? .byConsumer : .fence, dispatcherBell: Doorbell(received: dispatcherBell)),
      results: ResultPort(ring: resultRing, bell: Doorbell(received: ownBell)),
      connection: ControlConnection(socket: socket))
  }
}

/// The control connection of an attached peer: silent until the dispatcher closes it.
@frozen
public struct ControlConnection: ~Copyable, Sendable {
  public let socket: PacketSocket

  /// Readable means that `closedReason` has something to say.
  public var descriptor: Int32 {
    socket.descriptor.raw
  }

  /// Why the dispatcher has put this peer out; nil while it has not. Does not wait.
  public func closedReason() -> String? {
    var reply = rm_attach_reply()
    do {
      guard let packet = try socket.receive(into: &reply, nonBlocking: true) else { return nil }
      guard packet.bytes == MemoryLayout<rm_attach_reply>.size, reply.type == RM_CONTROL_CLOSED else {
        return "it ended"
      }
      return Self.text(of: reply)
    } catch {
      return "\(error)"
    }
  }

  static func text(of reply: rm_attach_reply) -> String {
    withUnsafeBytes(of: reply.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
