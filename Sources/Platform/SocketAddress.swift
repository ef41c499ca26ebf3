import Glibc

/// An IPv4 or IPv6 address with a port: `127.0.0.1:7400`, `[::1]:7400`.
///
/// 32 bytes and trivially copyable, so that tables of them are flat.
@frozen
public struct SocketAddress: Hashable, Sendable, BitwiseCopyable {
  /// The kernel's `sockaddr`, zero-filled, and in the last byte how much of it counts.
  @usableFromInline let words: SIMD4<UInt64>

  /// Bytes of the longest address kept: a `sockaddr_in6`.
  static let maxBytes = MemoryLayout<sockaddr_in6>.size
  private static let lengthOffset = MemoryLayout<SIMD4<UInt64>>.size - 1

  /// The address that is none: what zeroed memory holds.
  public static let none = SocketAddress(words: SIMD4(repeating: 0))

  @usableFromInline
  init(words: SIMD4<UInt64>) {
    self.words = words
  }

  /// Takes what the kernel wrote; `none` when that is neither IPv4 nor IPv6.
  init(_ bytes: UnsafeRawBufferPointer) {
    var words = SIMD4<UInt64>(repeating: 0)
    guard bytes.count >= MemoryLayout<sockaddr_in>.size, bytes.count <= Self.maxBytes else {
      self.words = words
      return
    }
    let family = Int32(bytes.loadUnaligned(as: sa_family_t.self))
    guard family == AF_INET || family == AF_INET6 else {
      self.words = words
      return
    }
    withUnsafeMutableBytes(of: &words) {
      $0.copyMemory(from: bytes)
      $0[Self.lengthOffset] = UInt8(bytes.count)
    }
    self.words = words
  }

  /// Parses a numeric address; names are not looked up.
  ///
  /// - Throws: `SocketAddressError`.
  public init(_ text: String) throws(SocketAddressError) {
    guard let colon = text.lastIndex(of: ":") else { throw SocketAddressError(text: text, problem: "it has no port") }
    let port = text[text.index(after: colon)...]
    guard !port.isEmpty, port.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), UInt16(port) != nil else {
      throw SocketAddressError(text: text, problem: "its port is not a number from 0 to 65535")
    }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    guard isBracketed == host.contains(":"), !host.isEmpty else {
      throw SocketAddressError(text: text, problem: "an IPv6 address, and no other, stands in brackets")
    }
    var hints = addrinfo()
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV
    hints.ai_socktype = Int32(SOCK_DGRAM.rawValue)
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(String(host), String(port), &hints, &found)
    defer { freeaddrinfo(found) }
    guard code == 0, let info = found?.pointee, let address = info.ai_addr else {
      throw SocketAddressError(text: text, problem: "its host is not a numeric address")
    }
    self.init(UnsafeRawBufferPointer(start: address, count: Int(info.ai_addrlen)))
  }

  /// 127.0.0.1.
  public static func loopback(port: UInt16) -> SocketAddress {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    return withUnsafeBytes(of: address) { SocketAddress($0) }
  }

  @inlinable
  public var isNone: Bool {
    self == .none
  }

  /// AF_INET or AF_INET6.
  var family: Int32 {
    withAddress { address, _ in Int32(address.pointee.sa_family) }
  }

  /// Is it the same machine, whatever the port?
  @inline(__always)
  public func hasHost(of other: SocketAddress) -> Bool {
    host == other.host
  }

  /// All but the port, and what the sender of an IPv6 datagram may choose.
  @inline(__always)
  private var host: SIMD4<UInt64> {
    // The family, the port and IPv6's flow label share the first word with IPv4's address.
    let isIPv4 = UInt16(truncatingIfNeeded: words[0]) == UInt16(AF_INET)
    return words & SIMD4(isIPv4 ? 0xFFFF_FFFF_0000_FFFF : 0xFFFF, .max, .max, .max)
  }

  /// What one customer of a network has: an address of IPv4, a /64 of IPv6.
  public var network: UInt64 {
    UInt16(truncatingIfNeeded: words[0]) == UInt16(AF_INET) ? words[0] & 0xFFFF_FFFF_0000_0000 : words[1]
  }

  public var isLoopback: Bool {
    switch family {
    case AF_INET: UInt8(truncatingIfNeeded: words[0] >> 32) == 127
    // ::1, in the order of the network.
    default: words[1] == 0 && words[2] == 1 << 56
    }
  }

  public var port: UInt16 {
    withUnsafeBytes(of: words) {
      // At the same place in both families.
      UInt16(bigEndian: $0.loadUnaligned(fromByteOffset: MemoryLayout<sa_family_t>.size, as: UInt16.self))
    }
  }

  func withAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) throws -> R) rethrows -> R {
    try withUnsafeBytes(of: words) { bytes in
      let length = socklen_t(bytes[Self.lengthOffset])
      return try body(bytes.baseAddress!.assumingMemoryBound(to: sockaddr.self), length)
    }
  }
}

extension SocketAddress: CustomStringConvertible {
  public var description: String {
    guard !isNone else { return "none" }
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let code = withAddress { getnameinfo($0, $1, &host, socklen_t(host.count), nil, 0, NI_NUMERICHOST) }
    guard code == 0 else { return "unknown:\(port)" }
    let text = String(decoding: host.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    return family == AF_INET6 ? "[\(text)]:\(port)" : "\(text):\(port)"
  }
}

/// A text that is no address.
public struct SocketAddressError: Error, Hashable, Sendable, CustomStringConvertible {
  public let text: String
  public let problem: String

  public var description: String {
    "\"\(text)\" is not an address: \(problem); write 127.0.0.1:7400 or [::1]:7400"
  }
}
