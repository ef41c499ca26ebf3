import Platform

/// A connection on the control socket, before and after it is a peer. Owned by the control thread.
final class PeerConnection {
  enum Stage {
    /// Has to say who it is before this moment (CLOCK_BOOTTIME, ns).
    case greeting(deadlineNs: UInt64)
    case attached(peer: UInt32)
  }

  let socket: PacketSocket
  let credentials: PacketSocket.Credentials
  var stage: Stage

  init(socket: consuming PacketSocket, credentials: PacketSocket.Credentials, deadlineNs: UInt64) {
    self.socket = socket
    self.credentials = credentials
    stage = .greeting(deadlineNs: deadlineNs)
  }

  var peer: UInt32? {
    if case .attached(let peer) = stage { peer } else { nil }
  }
}
