import CRingmaster
import LogMessages
import Logging
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

  init(socket: consuming PacketSocket, credentials: PacketSocket.Credentials) {
    self.socket = socket
    self.credentials = credentials
    stage = .greeting
  }

  /// Its socket and its doorbell.
  private static let descriptorsPerPeer = 2
  /// Files, threads' bells, connections that have yet to say who they are, and what is open while a peer attaches.
  private static let otherDescriptors = 64 + Greeters.maximum

  /// Says so when fewer peers can attach than there may be.
  static func checkDescriptors(for maximumPeers: Int, _ log: Logger) {
    let limit = Machine.descriptorLimit()
    let possible = max(limit - otherDescriptors, 0) / descriptorsPerPeer
    guard possible < maximumPeers else { return }
    let needed = otherDescriptors + maximumPeers * descriptorsPerPeer
    log.tell(
      .fewDescriptors,
      [
        .cause: "\(limit) open files are enough for \(possible) peers; maximum_peers is \(maximumPeers)",
        .count: "\(needed)",
      ])
  }

  var peer: UInt32? {
    switch stage {
    case .greeting: nil
    case .admitting(let peer, reply: _, descriptors: _), .attached(let peer): peer
    }
  }
}
