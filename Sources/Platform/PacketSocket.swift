import CPlatform
import Glibc

/// An AF_UNIX SOCK_SEQPACKET socket: whole packets in order, descriptors beside them, and a kernel that vouches for who is
/// at the other end.
public struct PacketSocket: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  public init(owning descriptor: consuming FileDescriptor) {
    self.descriptor = descriptor
  }

  /// Who is at the other end, as of the moment it connected.
  public struct Credentials: Sendable {
    public let pid: Int32
    public let uid: UInt32
    public let gid: UInt32
    /// Supplementary groups.
    public let groups: [UInt32]

    public init(pid: Int32, uid: UInt32, gid: UInt32, groups: [UInt32] = []) {
      self.pid = pid
      self.uid = uid
      self.gid = gid
      self.groups = groups
    }
  }

  /// What a packet brought.
  public struct Packet: ~Copyable {
    public let bytes: Int
    public var descriptors: [Int32]

    /// Takes the next descriptor; the rest are closed with the packet.
    public mutating func nextDescriptor() -> FileDescriptor? {
      descriptors.isEmpty ? nil : FileDescriptor(owning: descriptors.removeFirst())
    }

    deinit {
      for descriptor in descriptors { _ = close(descriptor) }
    }
  }

  private static func open() throws -> FileDescriptor {
    let raw = socket(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw SystemError.last("create a SEQPACKET socket") }
    return FileDescriptor(owning: raw)
  }

  private static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) throws -> R {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room else {
      throw SystemError(
        "use the socket path \(path)",
        code: ENAMETOOLONG,
        advice: "at most \(room - 1) bytes are possible"
      )
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, size) }
    }
  }

  /// Binds `path`, replacing a socket that nobody listens on any more.
  public static func listen(path: String, mode: mode_t = 0o660) throws -> PacketSocket {
    if let advice = adviceOnListener(at: path) {
      throw SystemError("listen on \(path)", code: EADDRINUSE, advice: advice)
    }
    var info = stat()
    if lstat(path, &info) == 0 {
      guard info.st_mode & S_IFMT == S_IFSOCK else {
        throw SystemError("listen on \(path)", code: EEXIST, advice: "a file that is not a socket is in the way")
      }
      unlink(path)
    }
    let descriptor = try open()
    guard try withAddress(path, { bind(descriptor.raw, $0, $1) }) == 0 else {
      throw SystemError.last("bind \(path)", advice: "check that its folder exists and is writable")
    }
    chmod(path, mode)
    guard Glibc.listen(descriptor.raw, 128) == 0 else { throw SystemError.last("listen on \(path)") }
    return PacketSocket(owning: descriptor)
  }

  /// What to do about whoever listens at `path`; nil when nobody does.
  private static func adviceOnListener(at path: String) -> String? {
    do {
      _ = try connect(path: path, timeoutMs: 1)
      return "another dispatcher answers there; stop it or use another path"
    } catch let error as SystemError where error.meansNobodyAccepts {
      return "\(error.advice ?? ""); end it or use another path"
    } catch {
      return nil
    }
  }

  /// Removes the file of a socket that this process bound.
  public static func removePath(_ path: String) {
    unlink(path)
  }

  /// - Parameter timeoutMs: at least 1. The kernel keeps some connections for a listener that accepts none, and has the next
  ///   one wait.
  /// - Throws: `SystemError`; `meansNobodyAccepts` when the time is over.
  public static func connect(path: String, timeoutMs: Int = defaultConnectTimeoutMs) throws -> PacketSocket {
    let socket = PacketSocket(owning: try open())
    let deadlineNs = Clock.monotonicNs() + UInt64(timeoutMs) * 1_000_000
    socket.setTimeout(SO_SNDTIMEO, ms: timeoutMs)
    while try withAddress(path, { Glibc.connect(socket.descriptor.raw, $0, $1) }) != 0 {
      let error = SystemError.last("connect to \(path)", advice: "is the dispatcher running?")
      if error.code == EINTR, Clock.monotonicNs() < deadlineNs { continue }
      guard error.code == EAGAIN || error.code == EINTR else { throw error }
      throw SystemError(
        error.operation, code: ETIMEDOUT,
        advice: "the process that listens there takes no connections: the dispatcher hangs or is stopped, or it is "
          + "another program (see \"fuser \(path)\")")
    }
    socket.setTimeout(SO_SNDTIMEO, ms: 0)
    return socket
  }

  public static let defaultConnectTimeoutMs = 5000

  /// A connected pair, for tests.
  public static func pair() throws -> Pair {
    var ends: [Int32] = [0, 0]
    guard socketpair(AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
      throw SystemError.last("create a socket pair")
    }
    return Pair(
      first: PacketSocket(owning: FileDescriptor(owning: ends[0])),
      second: PacketSocket(owning: FileDescriptor(owning: ends[1]))
    )
  }

  @frozen
  public struct Pair: ~Copyable {
    public let first: PacketSocket
    public let second: PacketSocket
  }

  /// The next waiting connection; nil when none waits. The listening socket must be non-blocking.
  public func accept() throws -> PacketSocket? {
    let raw = rm_accept_packet_socket(descriptor.raw)
    if raw == -EAGAIN { return nil }
    return PacketSocket(owning: FileDescriptor(owning: try checked(raw, "accept a connection")))
  }

  public func setNonBlocking() {
    _ = fcntl(descriptor.raw, F_SETFL, fcntl(descriptor.raw, F_GETFL) | O_NONBLOCK)
  }

  /// Bounds the wait of each `receive` that waits; it returns nil then.
  public func setReceiveTimeout(ms: Int) {
    setTimeout(SO_RCVTIMEO, ms: ms)
  }

  /// 0 is none.
  private func setTimeout(_ option: Int32, ms: Int) {
    var limit = timeval(tv_sec: ms / 1000, tv_usec: ms % 1000 * 1000)
    setsockopt(descriptor.raw, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  public func credentials() throws -> Credentials {
    var (pid, uid, gid): (Int32, UInt32, UInt32) = (0, 0, 0)
    _ = try checked(rm_peer_credentials(descriptor.raw, &pid, &uid, &gid), "ask who is at the other end")
    return Credentials(pid: pid, uid: uid, gid: gid, groups: try supplementaryGroups())
  }

  private func supplementaryGroups() throws -> [UInt32] {
    var groups = [UInt32](repeating: 0, count: 64)
    while true {
      let count = Int(try checked(rm_peer_groups(descriptor.raw, &groups, groups.count), "ask for the peer's groups"))
      if count <= groups.count { return Array(groups.prefix(count)) }
      groups = [UInt32](repeating: 0, count: count)
    }
  }

  /// Is something that was sent yet to be read at the other end?
  public var hasUnread: Bool { rm_unread_bytes(descriptor.raw) > 0 }

  /// Sends one fixed-size message.
  public func send<Message: BitwiseCopyable>(
    _ message: Message,
    descriptors: [Int32] = [],
    nonBlocking: Bool = false
  ) throws {
    let sent = withUnsafeBytes(of: message) {
      rm_send_packet(descriptor.raw, $0.baseAddress, $0.count, descriptors, descriptors.count, nonBlocking ? 1 : 0)
    }
    _ = try checked(sent, "send on the control socket")
  }

  /// Receives one packet into `message`; nil when nothing came: at once when non-blocking, else after the timeout. `bytes`
  /// is 0 when the other side has closed and nothing that it said before is left.
  ///
  /// - Parameter takesDescriptors: else a packet that brings some is refused, and they with it.
  /// - Throws: `SystemError`: EMSGSIZE, the packet is longer than `message`; EBADMSG, it brought descriptors.
  public func receive<Message: BitwiseCopyable>(
    into message: inout Message,
    nonBlocking: Bool = false,
    takesDescriptors: Bool = true
  ) throws -> Packet? {
    var descriptors = [Int32](repeating: -1, count: takesDescriptors ? Int(RM_MAX_DESCRIPTORS) : 0)
    var count = 0
    let socket = descriptor.raw
    let receive = { (message: inout Message) in
      withUnsafeMutableBytes(of: &message) {
        rm_receive_packet(
          socket, $0.baseAddress, $0.count, &descriptors, descriptors.count, &count, nonBlocking ? 1 : 0)
      }
    }
    var received = receive(&message)
    // The kernel tells first that the other side closed with something of ours unread, and then what it had said.
    if received == -Int(ECONNRESET) { received = receive(&message) }
    if received == -Int(EAGAIN) { return nil }
    if received == -Int(ECONNRESET) { return Packet(bytes: 0, descriptors: []) }
    _ = try checked(received, "receive from the control socket")
    return Packet(bytes: received, descriptors: Array(descriptors.prefix(count)))
  }
}
