import CPlatform
import CRingmaster

/// Room for what one receive call brings: up to 64 datagrams with their sources, allocated once.
public struct DatagramBatch: ~Copyable {
  public static let capacity = 64
  /// Whole lines, and more than any datagram has.
  private static let stride = Int(RM_DATAGRAM_MAX_BYTES) / 64 * 64 + 64

  private let buffers: UnsafeMutableRawBufferPointer
  private let infos: UnsafeMutablePointer<rm_datagram_info>
  public private(set) var count = 0

  public init() {
    buffers = .allocate(byteCount: Self.capacity * Self.stride, alignment: 64)
    infos = .allocate(capacity: Self.capacity)
    infos.initialize(repeating: rm_datagram_info(), count: Self.capacity)
  }

  deinit {
    buffers.deallocate()
    infos.deallocate()
  }

  /// Receives what waits, at most `capacity` datagrams, in place of what was there.
  ///
  /// An error that an earlier send left on the socket (nobody listens there) is taken off it and is no failure.
  ///
  /// - Returns: how many came.
  public mutating func receive(from socket: borrowing DatagramSocket) throws -> Int {
    let result = rm_receive_datagrams(
      socket.descriptor.raw, buffers.baseAddress, Self.stride, infos, UInt32(Self.capacity))
    if result < 0 {
      count = 0
      guard SendRefusal.isOfEarlierDatagram(-result) else {
        throw SystemError("receive datagrams", code: -result)
      }
    } else {
      count = Int(result)
    }
    return count
  }

  /// The bytes of one datagram; valid until the next `receive`.
  public func bytes(_ index: Int) -> UnsafeRawBufferPointer {
    precondition(index < count, "datagram \(index) of \(count)")
    let start = index * Self.stride
    let length = min(Int(infos[index].bytes), Self.stride)
    return UnsafeRawBufferPointer(rebasing: buffers[start..<(start + length)])
  }

  /// Bytes of all that came.
  public var totalBytes: Int {
    var bytes = 0
    for index in 0..<count { bytes += Int(infos[index].bytes) }
    return bytes
  }

  /// Longer than any datagram may be: the kernel cut it.
  public func isTruncated(_ index: Int) -> Bool {
    infos[index].truncated != 0
  }

  public func source(_ index: Int) -> SocketAddress {
    let length = min(Int(infos[index].address_bytes), MemoryLayout.size(ofValue: infos[index].address))
    return SocketAddress(
      UnsafeRawBufferPointer(
        start: UnsafeRawPointer(infos + index) + MemoryLayout<rm_datagram_info>.offset(of: \.address)!, count: length))
  }

  /// Datagrams that the kernel had no room for since the socket was opened, as of this one; it wraps at 2^32.
  public func kernelDropped(_ index: Int) -> UInt32 {
    infos[index].dropped
  }
}
