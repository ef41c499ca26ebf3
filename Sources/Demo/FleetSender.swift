import CRingmaster
import EventModel
import Ingest
import Platform

/// Collects datagrams and sends them many to a system call. What the kernel does not take at once is tried again, and
/// counted when it never does.
struct FleetSender: ~Copyable {
  private static let capacity = DatagramBatch.capacity
  private static let stride = Datagram.maxBytes

  private(set) var heartbeatsSent = 0
  private(set) var datagramsSent = 0
  /// Datagrams that the kernel did not take, and the heartbeats in them.
  private(set) var sendFailures = 0
  private(set) var heartbeatsFailed = 0

  private let socket: DatagramSocket
  private let buffers: UnsafeMutableRawBufferPointer
  private var sizes: [UInt32] = []
  /// In each datagram.
  private var heartbeats: [Int] = []

  init(socket: consuming DatagramSocket) {
    self.socket = socket
    buffers = .allocate(byteCount: Self.capacity * Self.stride, alignment: 64)
    sizes.reserveCapacity(Self.capacity)
    heartbeats.reserveCapacity(Self.capacity)
  }

  deinit {
    buffers.deallocate()
  }

  var descriptor: Int32 {
    socket.descriptor.raw
  }

  /// Receives what came back.
  func receive(into batch: inout DatagramBatch) throws -> Int {
    try batch.receive(from: socket)
  }

  mutating func append(heartbeatsOf workers: [WorkerHandle]) {
    append(heartbeats: workers.count) { Datagram.encodeHeartbeats(workers, into: $0) }
  }

  mutating func append(_ registration: Datagram.Registration) {
    append(heartbeats: 0) { Datagram.encode(registration, into: $0) }
  }

  private mutating func append(heartbeats count: Int, _ encode: (UnsafeMutableRawBufferPointer) -> Int) {
    if sizes.count == Self.capacity { send() }
    let start = sizes.count * Self.stride
    let room = UnsafeMutableRawBufferPointer(rebasing: buffers[start..<(start + Self.stride)])
    sizes.append(UInt32(encode(room)))
    heartbeats.append(count)
  }

  /// Sends what is collected; returns when all of it is sent or given up.
  mutating func send() {
    var next = 0
    var attempts = 0
    while next < sizes.count {
      let taken = sendOnce(from: next)
      if taken > 0 {
        datagramsSent += taken
        heartbeatsSent += heartbeats[next..<(next + taken)].reduce(0, +)
        next += taken
        attempts = 0
        continue
      }
      attempts += 1
      if attempts < FleetLimits.sendAttempts {
        if SendRefusal.isTemporary(-Int32(taken)) {
          PollSet.waitWritable(descriptor, timeoutMs: FleetLimits.sendWaitMs)
        }
        continue
      }
      sendFailures += 1
      heartbeatsFailed += heartbeats[next]
      next += 1
      attempts = 0
    }
    sizes.removeAll(keepingCapacity: true)
    heartbeats.removeAll(keepingCapacity: true)
  }

  /// - Returns: datagrams that the kernel took, or -errno.
  private func sendOnce(from first: Int) -> Int {
    sizes.withUnsafeBufferPointer {
      DatagramSocket.send(
        by: descriptor, UnsafeRawBufferPointer(rebasing: buffers[(first * Self.stride)...]), stride: Self.stride,
        UnsafeBufferPointer(rebasing: $0[first...]))
    }
  }
}
