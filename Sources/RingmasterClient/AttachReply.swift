import CRingmaster
import EventRing
import Platform

/// The dispatcher's answer to an attach request, with the descriptors that came beside it.
struct AttachReply: ~Copyable {
  let message: rm_attach_reply
  private var packet: PacketSocket.Packet

  private init(message: rm_attach_reply, packet: consuming PacketSocket.Packet) {
    self.message = message
    self.packet = packet
  }

  /// What serves one connection; the submission ring serves them all.
  struct Parts: ~Copyable {
    let results: SharedRing
    let bell: Doorbell
    let wiring: SubmissionWiring
  }

  /// - Returns: nil when there is none yet.
  /// - Throws: `ClientError.refused` with the dispatcher's reason; `otherVersion`, `unexpectedReply` or `closed`.
  static func receive(_ socket: borrowing PacketSocket, nonBlocking: Bool = false) throws -> AttachReply? {
    var message = rm_attach_reply()
    guard let packet = try socket.receive(into: &message, nonBlocking: nonBlocking) else { return nil }
    // The first two fields have their place in every ABI.
    guard packet.bytes >= 8 else { throw ClientError.closed(reason: "it ended before it answered") }
    let isEarlier = message.magic == RM_CONTROL_MAGIC_1
    guard isEarlier || message.magic == RM_CONTROL_MAGIC else {
      throw ClientError.unexpectedReply("wrong magic number")
    }
    guard !isEarlier, message.abi_version == RM_ABI_VERSION else {
      throw ClientError.otherVersion(
        OtherVersion(
          "the dispatcher's reply", found: isEarlier ? 1 : message.abi_version,
          supported: RM_ABI_VERSION...RM_ABI_VERSION,
          alternative: "install programs of one release"))
    }
    guard packet.bytes == MemoryLayout<rm_attach_reply>.size else {
      throw ClientError.unexpectedReply("\(packet.bytes) bytes")
    }
    guard message.type == RM_CONTROL_ATTACHED else {
      throw ClientError.refused(code: message.code, reason: message.reason)
    }
    guard message.lane < RM_BOARD_LANES else { throw ClientError.unexpectedReply("lane \(message.lane)") }
    return AttachReply(message: message, packet: packet)
  }

  mutating func takeSubmissionRing() throws -> FileDescriptor {
    guard let descriptor = packet.nextDescriptor() else { throw Self.tooFew }
    return descriptor
  }

  /// Call after `takeSubmissionRing`.
  consuming func parts() throws -> Parts {
    guard let result = packet.nextDescriptor(), let board = packet.nextDescriptor(),
      let status = packet.nextDescriptor(),
      let dispatcherBell = packet.nextDescriptor(), let ownBell = packet.nextDescriptor()
    else { throw Self.tooFew }
    var ring = try SharedRing.attach(result)
    ring.closeDescriptor()
    let isRegistered = message.flags & RM_ATTACH_MUST_FENCE == 0 && MemoryBarrier.register()
    return Parts(
      results: ring, bell: Doorbell(received: ownBell),
      wiring: SubmissionWiring(
        board: try AttentionBoard.attach(board, status: status), lane: Int(message.lane),
        barrier: isRegistered ? .byConsumer : .fence,
        dispatcherBell: Doorbell(received: dispatcherBell)))
  }

  private static var tooFew: ClientError {
    .unexpectedReply("fewer descriptors than rings and doorbells")
  }
}

extension rm_attach_reply {
  /// The cluster's id, in hexadecimal digits.
  var clusterText: String {
    withUnsafeBytes(of: cluster) { bytes in
      bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
  }

  /// The dispatcher's words.
  var reason: String {
    withUnsafeBytes(of: text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}
