import CRingmaster
import ControlPlane
import EventModel
import EventRing
import Journal
import Platform

/// Peers that come without a socket.
extension SteppedDispatcher {
  /// How a peer asks to be attached.
  package struct Request {
    package var name: String
    package var role: Role
    package var submissionCapacity: Int
    package var resultCapacity: Int
    package var subscription: UInt32
    /// The secret by which it can come back.
    package var token: [UInt8]
    package var uid: UInt32 = 0

    package init(
      name: String, role: Role, submissionCapacity: Int, resultCapacity: Int, subscription: UInt32, token: [UInt8]
    ) {
      self.name = name
      self.role = role
      self.submissionCapacity = submissionCapacity
      self.resultCapacity = resultCapacity
      self.subscription = subscription
      self.token = token
    }
  }

  /// What a peer gets on the control socket.
  package struct Reply {
    package let peer: UInt32
    package let lane: Int
    /// Of the dispatcher.
    package let epoch: UInt64
    /// In the order of the protocol.
    package let descriptors: DescriptorSet
  }

  /// - Returns: nil when there is no place, or none among those that come back.
  package func attach(
    _ request: Request, returning peer: UInt32? = nil, lastTransaction: UInt64 = 0, epoch known: UInt64 = 0
  ) throws -> Reply? {
    let token = PeerToken(bytes: request.token)
    let wanted = Handshake.Request(
      name: request.name, role: request.role, submissionCapacity: request.submissionCapacity,
      resultCapacity: request.resultCapacity, subscription: request.subscription,
      resumed: peer.map {
        Handshake.Resumed(
          peer: $0, token: token, known: KnownTransaction(number: lastTransaction, epoch: known))
      })
    return peer == nil ? try admit(wanted, token, uid: request.uid) : try readmit(wanted)
  }

  /// Answers the first message of a connection, as the control thread does that of a user whom the limits hold for.
  ///
  /// - Returns: nil when it is refused.
  package func attach(_ message: [UInt8]) throws -> Reply? {
    var request = rm_attach_request()
    withUnsafeMutableBytes(of: &request) { $0.copyBytes(from: message.prefix($0.count)) }
    guard let wanted = try? Handshake.check(request, bytes: message.count) else { return nil }
    if wanted.resumed != nil { return try readmit(wanted) }
    guard configuration.userLimits.obstacle(to: wanted, of: 0, having: registry.usage(of: 0)) == nil else { return nil }
    return try admit(wanted, PeerToken(bytes: [UInt8](repeating: 0, count: Int(RM_TOKEN_BYTES))), uid: 0)
  }

  private func admit(_ wanted: Handshake.Request, _ token: PeerToken, uid: UInt32) throws -> Reply? {
    guard let (id, lane) = registry.allocate(fromReserve: true) else { return nil }
    let facts = JournaledPeer(
      id: id, epoch: epoch.number, lane: lane, name: wanted.name, role: wanted.role.rawValue, uid: uid, pid: 1,
      submissionCapacity: UInt32(wanted.submissionCapacity), resultCapacity: UInt32(wanted.resultCapacity),
      tokenHash: token.hash)
    var rings = try PeerRings.create(instance: configuration.instance, facts, epoch)
    let descriptors = try rings.descriptors(board: board, dispatchBells: bells)
    rings.closeDescriptors()
    registry.insert(facts, .attached, resultRing: rings.resultName)
    let (peer, ends) = rings.ends(facts, wanted)
    post(.attach(peer, ends))
    return Reply(peer: id, lane: Int(lane), epoch: epoch.number, descriptors: descriptors)
  }

  private func readmit(_ wanted: Handshake.Request) throws -> Reply? {
    guard let resumed = wanted.resumed, let entry = registry[resumed.peer], case .away = entry.presence,
      entry.peer.tokenHash == resumed.token.hash, entry.peer.role == wanted.role.rawValue,
      entry.peer.submissionCapacity == wanted.submissionCapacity
    else { return nil }
    var rings = try PeerRings.renew(
      instance: configuration.instance, entry.peer, epoch, resultCapacity: wanted.resultCapacity)
    let descriptors = try rings.descriptors(board: board, dispatchBells: bells)
    rings.closeDescriptors()
    let facts = registry.returned(resumed.peer, resultRing: rings.resultName, resultCapacity: wanted.resultCapacity)
    let (_, ends) = rings.ends(facts, wanted)
    post(.reattach(peer: resumed.peer, ends))
    return Reply(peer: resumed.peer, lane: Int(entry.peer.lane), epoch: epoch.number, descriptors: descriptors)
  }

  /// The memory of the rings goes, as with the power.
  package static func removeRings(instance: String) {
    for name in PeerRings.names(instance: instance) { SharedMemory.unlink(name: name) }
  }

  /// The files that the rings of an instance are, in the order of their names.
  package static func ringFiles(instance: String) -> [String] {
    PeerRings.names(instance: instance).map { "/dev/shm\($0)" }
  }
}
