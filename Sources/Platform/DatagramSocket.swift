import CPlatform
import Glibc

/// A UDP socket, non-blocking.
public struct DatagramSocket: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  /// Opens a socket that receives on `address`; with port 0 the kernel chooses one.
  ///
  /// - Parameter receiveBufferBytes: what the kernel is asked to keep while nobody reads. It gives less when its limit
  ///   (`net.core.rmem_max`) is lower and the process may not exceed it.
  public static func bound(to address: SocketAddress, receiveBufferBytes: Int) throws -> DatagramSocket {
    let socket = try DatagramSocket(family: address.family, receiveBufferBytes: receiveBufferBytes)
    // The kernel says with each datagram how many it had no room for.
    socket.set(SO_RXQ_OVFL, to: 1)
    guard address.withAddress({ bind(socket.descriptor.raw, $0, $1) }) == 0 else {
      throw SystemError.last("bind the UDP address \(address)", advice: "choose another or stop who holds it")
    }
    return socket
  }

  /// Opens a socket that sends to `address` and receives from nobody else.
  public static func connected(to address: SocketAddress, receiveBufferBytes: Int) throws -> DatagramSocket {
    let socket = try DatagramSocket(family: address.family, receiveBufferBytes: receiveBufferBytes)
    guard address.withAddress({ connect(socket.descriptor.raw, $0, $1) }) == 0 else {
      throw SystemError.last("connect to the UDP address \(address)")
    }
    return socket
  }

  /// A socket that somebody else bound, with the buffer that it has: a smaller one would lose what waits.
  public init(adopting descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
    _ = fcntl(self.descriptor.raw, F_SETFL, fcntl(self.descriptor.raw, F_GETFL) | O_NONBLOCK)
    set(SO_RXQ_OVFL, to: 1)
  }

  private init(family: Int32, receiveBufferBytes: Int) throws {
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let raw = socket(family, type, 0)
    guard raw >= 0 else { throw SystemError.last("create a UDP socket") }
    descriptor = FileDescriptor(owning: raw)
    let bytes = Int32(clamping: receiveBufferBytes)
    if !set(SO_RCVBUFFORCE, to: bytes) { set(SO_RCVBUF, to: bytes) }
  }

  @discardableResult
  private func set(_ option: Int32, to value: Int32) -> Bool {
    var value = value
    return setsockopt(descriptor.raw, SOL_SOCKET, option, &value, socklen_t(MemoryLayout<Int32>.size)) == 0
  }

  /// Bytes of receive buffer that the kernel granted; it counts its own bookkeeping too, and so doubles what is asked.
  public var receiveBufferBytes: Int {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor.raw, SOL_SOCKET, SO_RCVBUF, &value, &size)
    return Int(value)
  }

  /// The address it has, with the port that the kernel chose.
  public var localAddress: SocketAddress {
    var storage = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    return withUnsafeMutablePointer(to: &storage) { storage in
      let code = storage.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor.raw, $0, &length)
      }
      guard code == 0 else { return .none }
      return SocketAddress(UnsafeRawBufferPointer(start: storage, count: Int(length)))
    }
  }

  /// Sends datagrams by a connected socket in one call, without waiting.
  ///
  /// - Parameters:
  ///   - buffers: one for each, `stride` bytes apart.
  ///   - sizes: of the datagrams, in bytes.
  /// - Returns: how many the kernel took, or -errno.
  public static func send(
    by descriptor: Int32, _ buffers: UnsafeRawBufferPointer, stride: Int, _ sizes: UnsafeBufferPointer<UInt32>
  ) -> Int {
    precondition(sizes.allSatisfy { Int($0) <= stride } && buffers.count >= sizes.count * stride, "a buffer for each")
    return Int(rm_send_datagrams(descriptor, buffers.baseAddress, stride, sizes.baseAddress, UInt32(sizes.count)))
  }

  /// Sends one datagram without waiting.
  ///
  /// - Returns: false when the kernel did not take it.
  @discardableResult
  public func send(_ bytes: UnsafeRawBufferPointer, to address: SocketAddress) -> Bool {
    address.withAddress {
      sendto(descriptor.raw, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), $0, $1) == bytes.count
    }
  }
}
