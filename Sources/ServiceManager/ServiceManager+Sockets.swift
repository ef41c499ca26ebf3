import CSystemd
import Platform

/// A socket that the service manager opened on behalf of this process.
public struct InheritedSocket: Hashable, Sendable {
  /// Close-on-exec; whoever makes a `FileDescriptor` of it owns it.
  public let descriptor: Int32
  /// `FileDescriptorName=` of the socket unit, the unit's name by default.
  public let name: String
}

/// What was passed is not what this service listens on.
public struct InheritedSocketError: Error, Equatable, Sendable, CustomStringConvertible {
  public var expected = "one listening AF_UNIX SOCK_SEQPACKET socket"
  public let found: String
  public let advice: String

  public var description: String {
    "expected \(expected) from the service manager, found \(found); \(advice)"
  }
}

extension ServiceManager {
  /// The sockets of the units that activate this service, in the order of the units; none without systemd.
  public static func inheritedSockets() -> [InheritedSocket] {
    passedSockets(unsetEnvironment: false)
  }

  /// The one socket this service was activated by; nil when none was passed. The caller owns it, and a second call finds
  /// none. Call before any other thread is started: it changes the environment.
  ///
  /// - Throws: `InheritedSocketError`; the sockets stay open then.
  public static func seqpacketListener() throws -> FileDescriptor? {
    let sockets = inheritedSockets()
    guard let socket = sockets.first else { return nil }
    guard sockets.count == 1 else {
      let names = sockets.map(\.name).joined(separator: ", ")
      throw InheritedSocketError(
        found: "\(sockets.count) (\(names))",
        advice: "leave one socket unit with Service= of this service and one ListenSequentialPacket="
      )
    }
    guard sd_is_socket(socket.descriptor, AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 1) > 0 else {
      throw InheritedSocketError(
        found: "something else named \(socket.name)",
        advice: "use ListenSequentialPacket= with a path, and Accept=no, in the socket unit"
      )
    }
    _ = passedSockets(unsetEnvironment: true)
    return FileDescriptor(owning: socket.descriptor)
  }

  /// The one UDP socket this service was activated by; nil when none was passed. The caller owns it, and a second call finds
  /// none. It changes the environment, as `seqpacketListener` does.
  ///
  /// - Throws: `InheritedSocketError`; the sockets stay open then.
  public static func datagramSocket() throws -> FileDescriptor? {
    let sockets = inheritedSockets()
    guard let socket = sockets.first else { return nil }
    guard sockets.count == 1, sd_is_socket(socket.descriptor, AF_UNSPEC, Int32(SOCK_DGRAM.rawValue), 0) > 0,
      sd_is_socket(socket.descriptor, AF_UNIX, 0, -1) == 0
    else {
      throw InheritedSocketError(
        expected: "one UDP socket", found: sockets.map(\.name).joined(separator: ", "),
        advice: "leave one socket unit with Service= of this service and one ListenDatagram= with an address and a port"
      )
    }
    _ = passedSockets(unsetEnvironment: true)
    return FileDescriptor(owning: socket.descriptor)
  }

  private static func passedSockets(unsetEnvironment: Bool) -> [InheritedSocket] {
    var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    let count = sd_listen_fds_with_names(unsetEnvironment ? 1 : 0, &names)
    guard count > 0, let names else { return [] }
    defer { names.deallocate() }
    return (0..<count).map { index in
      let name = names[Int(index)]
      defer { name?.deallocate() }
      return InheritedSocket(
        descriptor: SD_LISTEN_FDS_START + index,
        name: name.map { String(cString: $0) } ?? "unknown"
      )
    }
  }
}
