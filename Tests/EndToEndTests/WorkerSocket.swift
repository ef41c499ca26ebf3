import Glibc

/// A worker as the ingest sees one: a UDP socket that sends bytes laid out by hand, as ringmaster.h describes them.
final class WorkerSocket {
  /// The port that the ingest sees.
  let port: UInt16
  private let descriptor: Int32

  init(toPort ingestPort: UInt16) throws {
    let descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SystemCallError("socket") }
    self.descriptor = descriptor
    var address = Self.loopback(port: ingestPort)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    var own = address
    let code = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    _ = withUnsafeMutablePointer(to: &own) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
    }
    port = UInt16(bigEndian: own.sin_port)
    guard code == 0 else { throw SystemCallError("connect to port \(ingestPort)") }
  }

  deinit {
    close(descriptor)
  }

  func send(_ bytes: [UInt8]) throws {
    guard Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
      throw SystemCallError("send \(bytes.count) bytes")
    }
  }

  /// The next datagram; nil when none comes in time.
  func receive(upToMs limitMs: Int32 = 15_000) -> [UInt8]? {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&wait, 1, limitMs) == 1 else { return nil }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = recv(descriptor, &bytes, bytes.count, 0)
    return count < 0 ? nil : Array(bytes[..<count])
  }

  /// Registers a worker and awaits the answer.
  func register(
    _ name: String, request: UInt64 = 1, address: String = "", incarnation: String = "", milliCPU: Int64 = 8000
  ) throws -> DatagramBytes.Registered {
    try send(
      DatagramBytes.registration(
        request: request, name: name, address: address, incarnation: incarnation, milliCPU: milliCPU))
    guard let answer = receive() else { throw InVain(what: "\(name) is acknowledged", limit: .seconds(15)) }
    return try DatagramBytes.Registered(answer)
  }

  private static func loopback(port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}
