import CRingmaster
import EventRing
import Platform

/// A peer that attaches by the protocol of `ringmaster.h` and holds the bare ends of its rings: what is timed is the
/// rings and the dispatcher, not the client library's decoding.
struct RawPeer: ~Copyable {
  let id: UInt32
  var producer: RingProducer
  var consumer: RingConsumer
  private let submission: SharedRing
  private let result: SharedRing
  private let board: AttentionBoard
  private let lane: Int
  private let barrier: ParkingBarrier
  private let dispatcherBell: Doorbell
  /// Detaches when it goes.
  private let socket: PacketSocket

  static func attach(socketPath: String, submissionCapacity: UInt32, resultCapacity: UInt32) throws -> RawPeer {
    let socket = try PacketSocket.connect(path: socketPath)
    var request = rm_attach_request()
    request.magic = RM_CONTROL_MAGIC
    request.abi_version = RM_ABI_VERSION
    request.type = RM_CONTROL_ATTACH
    request.role = RM_ROLE_CONTROL
    request.submission_capacity = submissionCapacity
    request.result_capacity = resultCapacity
    try socket.send(request)
    var reply = rm_attach_reply()
    guard var packet = try socket.receive(into: &reply), reply.type == RM_CONTROL_ATTACHED,
      let submission = packet.nextDescriptor(), let result = packet.nextDescriptor(),
      let board = packet.nextDescriptor(), let bell = packet.nextDescriptor()
    else { throw BenchmarkError("the dispatcher at \(socketPath) did not attach this peer") }
    let registered = reply.flags & RM_ATTACH_MUST_FENCE == 0 && MemoryBarrier.register()
    return RawPeer(
      id: reply.peer, lane: Int(reply.lane), board: try AttentionBoard.attach(board),
      barrier: registered ? .byConsumer : .fence, submission: try SharedRing.attach(submission),
      result: try SharedRing.attach(result),
      bell: Doorbell(received: bell), socket: socket)
  }

  private init(
    id: UInt32, lane: Int, board: consuming AttentionBoard, barrier: ParkingBarrier, submission: consuming SharedRing,
    result: consuming SharedRing,
    bell: consuming Doorbell, socket: consuming PacketSocket
  ) {
    self.id = id
    self.lane = lane
    self.board = board
    self.barrier = barrier
    self.producer = submission.producer()
    self.consumer = result.consumer()
    self.submission = submission
    self.result = result
    self.dispatcherBell = bell
    self.socket = socket
  }

  /// Has the dispatcher look at the ring if it does not poll it.
  func flush() {
    guard producer.consumerIsParked(barrier) else { return }
    if board.raise(lane) { dispatcherBell.ring() }
  }
}
