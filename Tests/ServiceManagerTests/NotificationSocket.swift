import Glibc

/// The service manager's end of `NOTIFY_SOCKET`.
final class NotificationSocket {
  let path: String
  private let descriptor: Int32

  init() {
    path = "/tmp/ringmaster-notify-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    precondition(descriptor >= 0, "a datagram socket is to be had")
    let bound = withUnixAddress(path) { bind(descriptor, $0, $1) }
    precondition(bound == 0, "\(path) can be bound")
  }

  deinit {
    close(descriptor)
    unlink(path)
  }

  /// The next message; a datagram to a local socket has arrived when its sender goes on.
  func next() -> String? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    return count < 0 ? nil : String(decoding: buffer.prefix(count), as: UTF8.self)
  }
}

func withUnixAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
  }
}
