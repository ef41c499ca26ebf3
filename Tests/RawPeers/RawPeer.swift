import CRingmaster
import EventRing
import Platform

/// A peer that speaks the protocol by hand, so that it can break it.
public final class RawPeer {
  public let socket: PacketSocket
  public let peer: UInt32
  /// Of the dispatcher that attached it.
  public let epoch: UInt64
  /// By which it can come back.
  public let token: [UInt8]
  public let submission: SharedMemory
  public let submissionDescriptor: FileDescriptor
  public let resultDescriptor: FileDescriptor
  public let boardDescriptor: FileDescriptor
  public let statusDescriptor: FileDescriptor
  /// The dispatcher's.
  public let bell: Doorbell
  public let ownBell: Doorbell
  public let board: AttentionBoard
  public let lane: Int
  private var position: UInt64 = 0

  public static let capacity: UInt64 = 256

  /// Attaches to the dispatcher that listens on `path`.
  ///
  /// - Parameter subscription: RM_SUBSCRIBE_* bits.
  public convenience init(path: String, role: UInt32 = RM_ROLE_CONTROL, subscription: UInt32 = 0) throws {
    var request = RawPeer.request()
    request.role = role
    request.subscription = subscription
    try self.init(path: path, request)
  }

  /// - Throws: `ControlAnswer` when the dispatcher does not attach it; `SystemError`.
  public init(path: String, _ request: rm_attach_request) throws {
    socket = try PacketSocket.connect(path: path)
    try socket.send(request)
    var reply = rm_attach_reply()
    guard var packet = try socket.receive(into: &reply), packet.bytes > 0 else { throw ControlAnswer.hungUp }
    guard reply.type == RM_CONTROL_ATTACHED else { throw ControlAnswer(reply) }
    guard let ring = packet.nextDescriptor(), let results = packet.nextDescriptor(),
      let board = packet.nextDescriptor(), let status = packet.nextDescriptor(), let bell = packet.nextDescriptor(),
      let ownBell = packet.nextDescriptor()
    else { throw SystemError("attach by hand", code: 0) }
    peer = reply.peer
    epoch = reply.epoch
    token = withUnsafeBytes(of: reply.token) { Array($0) }
    submissionDescriptor = try ring.duplicate()
    resultDescriptor = results
    boardDescriptor = try board.duplicate()
    submission = try SharedMemory.map(ring, writable: true, guarded: true)
    statusDescriptor = try status.duplicate()
    self.board = try AttentionBoard.attach(board, status: status)
    self.bell = Doorbell(received: bell)
    self.ownBell = Doorbell(received: ownBell)
    lane = Int(reply.lane)
  }

  /// A request without a fault.
  public static func request(role: UInt32 = RM_ROLE_CONTROL) -> rm_attach_request {
    var request = rm_attach_request()
    request.magic = RM_CONTROL_MAGIC
    request.abi_version = RM_ABI_VERSION
    request.type = RM_CONTROL_ATTACH
    request.role = role
    request.submission_capacity = UInt32(capacity)
    request.result_capacity = 1024
    return request
  }

  /// The slot `ahead` of the next record.
  public func slot(_ ahead: UInt64 = 0) -> UnsafeMutableRawPointer {
    submission.base + Int(RM_SLOTS_OFFSET) + Int((position + ahead) % Self.capacity) * Int(RM_SLOT_SIZE)
  }

  /// Writes a head and publishes it, whatever it says.
  public func publish(_ head: rm_event_head) {
    (slot() + 8).storeBytes(of: head, as: rm_event_head.self)
    rm_store_release_u64(slot(), position + 1)
    position += UInt64(max(head.slots, 1))
    demandAttention()
  }

  public func demandAttention() {
    _ = board.raise(lane)
    bell.ring()
  }

  /// Says that everything below `position` has been published.
  public func claimPublished(_ position: UInt64) {
    rm_store_release_u64(submission.base + Int(RM_PUBLISHED_OFFSET), position)
  }

  /// Writes the payload of a continuation slot of the next record, with its sequence unless that is left out.
  public func writeContinuation(_ ahead: UInt64, bytes: [UInt8], sequenced: Bool = true) {
    let payload = UnsafeMutableRawBufferPointer(start: slot(ahead) + 8, count: Int(RM_SLOT_PAYLOAD))
    payload.copyBytes(from: bytes.prefix(payload.count))
    if sequenced { rm_store_release_u64(slot(ahead), position + ahead + 1) }
  }

  /// Waits for the dispatcher to close the connection; its reason.
  public func closedReason() throws -> String? {
    let answer = try ControlAnswer.receive(from: socket)
    return answer.word == .refused || answer.word == .closed ? answer.reason : nil
  }

  /// The head of an event that asks for no result.
  public static func head(kind: UInt8, slots: UInt16 = 1) -> rm_event_head {
    var head = rm_event_head()
    head.kind = kind
    head.slots = slots
    return head
  }
}
