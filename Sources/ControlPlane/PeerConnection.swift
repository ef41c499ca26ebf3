import CRingmaster
import Platform

/// A connection on the control socket, before and after it is a peer. Owned by the control thread.
final class PeerConnection {
  enum Stage {
    /// Has yet to say who it is.
    case greeting
    /// The dispatch thread has its rings and has not yet made sure of it.
    case admitting(peer: UInt32, reply: rm_attach_reply, descriptors: DescriptorSet)
    case attached(peer: UInt32)
  }

  let socket: PacketSocket
  let credentials: PacketSocket.Credentials
  var stage: Stage
  private var hasReadReply = false

  init(socket: consuming PacketSocket, credentials: PacketSocket.Credentials) {
    self.socket = socket
    self.credentials = credentials
    stage = .greeting
  }

  /// Its reply is still to be sent.
  var isAdmitting: Bool {
    if case .admitting = stage { true } else { false }
  }

  /// Its reply is still to be sent, or to be read.
  var hasUnreadReply: Bool {
    switch stage {
    case .greeting: return false
    case .admitting: return true
    case .attached:
      hasReadReply = hasReadReply || !socket.hasUnread
      return !hasReadReply
    }
  }

  /// Root's, or of the dispatcher's own user.
  var isAdministrators: Bool {
    credentials.uid == 0 || credentials.uid == Machine.effectiveUserID()
  }

  var peer: UInt32? {
    switch stage {
    case .greeting: nil
    case .admitting(let peer, reply: _, descriptors: _), .attached(let peer): peer
    }
  }
}
