import CRingmaster
import CRingperf
import Ingest
import Platform

/// The bare loop that a UDP ingest is measured against: recvmmsg into the same buffers, and nothing else.
struct DatagramSink: ~Copyable {
  private let socket: DatagramSocket
  private let buffers: UnsafeMutableRawBufferPointer

  static let messagesPerCall: UInt32 = 64
  /// Empty looks at the socket between two looks at the gate.
  private static let waitUs: Int64 = 1000

  /// - Parameter path: the address to listen on.
  init(path: String) throws {
    socket = try DatagramSocket.bound(
      to: SocketAddress(path), receiveBufferBytes: UDPIngestOptions.defaultReceiveBufferBytes)
    buffers = .allocate(byteCount: Int(Self.messagesPerCall) * Int(RM_DATAGRAM_MAX_BYTES), alignment: 64)
  }

  deinit {
    buffers.deallocate()
  }

  /// - Returns: bytes received.
  func receive(until isStopped: () -> Bool) throws -> UInt64 {
    var bytes: UInt64 = 0
    while !isStopped() {
      let received = rp_receive_discarding(
        socket.descriptor.raw, buffers.baseAddress, Int(RM_DATAGRAM_MAX_BYTES), Self.messagesPerCall)
      guard received >= 0 else { throw SystemError("receive datagrams", code: Int32(-received)) }
      bytes += UInt64(received)
      if received == 0 { _ = Poll.readable(socket.descriptor.raw, timeoutUs: Self.waitUs) }
    }
    return bytes
  }
}
