import CRingmaster
import EventModel
import EventRing
import Platform

/// A peer that speaks the protocol by hand, so that it can break it.
final class RawPeer {
  let socket: PacketSocket
  let peer: UInt32
  let submission: SharedMemory
  let submissionDescriptor: FileDescriptor
  let bell: Doorbell
  let board: AttentionBoard
  let lane: Int
  private var position: UInt64 = 0

  init(_ dispatcher: RunningDispatcher) throws {
    socket = try PacketSocket.connect(path: dispatcher.socketPath)
    try socket.send(RawPeer.request())
    var reply = rm_attach_reply()
    guard var packet = try socket.receive(into: &reply), reply.type == RM_CONTROL_ATTACHED,
      let ring = packet.nextDescriptor(), packet.nextDescriptor() != nil, let board = packet.nextDescriptor(),
      let bell = packet.nextDescriptor()
    else { throw SystemError("attach by hand", code: 0) }
    peer = reply.peer
    submissionDescriptor = try ring.duplicate()
    submission = try SharedMemory.map(ring, writable: true, guarded: true)
    self.board = try AttentionBoard.attach(board)
    self.bell = Doorbell(received: bell)
    lane = Int(reply.lane)
  }

  static func request() -> rm_attach_request {
    var request = rm_attach_request()
    request.magic = RM_CONTROL_MAGIC
    request.abi_version = RM_ABI_VERSION
    request.type = RM_CONTROL_ATTACH
    request.role = RM_ROLE_CONTROL
    request.submission_capacity = 256
    request.result_capacity = 1024
    return request
  }

  /// The slot `ahead` of the next record.
  func slot(_ ahead: UInt64 = 0) -> UnsafeMutableRawPointer {
    submission.base + Int(RM_SLOTS_OFFSET) + Int((position + ahead) % 256) * Int(RM_SLOT_SIZE)
  }

  /// Writes a head and publishes it, whatever it says.
  func publish(_ head: rm_event_head) {
    (slot() + 8).storeBytes(of: head, as: rm_event_head.self)
    rm_store_release_u64(slot(), position + 1)
    position += UInt64(max(head.slots, 1))
    _ = board.raise(lane)
    bell.ring()
  }

  /// Writes the payload of a continuation slot of the next record, with its sequence unless that is left out.
  func writeContinuation(_ ahead: UInt64, bytes: [UInt8], sequenced: Bool = true) {
    let payload = UnsafeMutableRawBufferPointer(start: slot(ahead) + 8, count: Int(RM_SLOT_PAYLOAD))
    payload.copyBytes(from: bytes.prefix(payload.count))
    if sequenced { rm_store_release_u64(slot(ahead), position + ahead + 1) }
  }

  /// Waits for the dispatcher to close the connection; its reason.
  func closedReason() throws -> String? {
    var reply = rm_attach_reply()
    guard let packet = try socket.receive(into: &reply), packet.bytes > 0 else { return nil }
    guard reply.type == RM_CONTROL_CLOSED || reply.type == RM_CONTROL_REFUSED else { return nil }
    return withUnsafeBytes(of: reply.text) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  static func head(kind: UInt8, slots: UInt16 = 1) -> rm_event_head {
    var head = rm_event_head()
    head.kind = kind
    head.slots = slots
    return head
  }
}
