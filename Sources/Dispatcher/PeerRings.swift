import CRingmaster
import EventRing
import Journal
import Platform

/// The rings and doorbell of a peer while it is being attached.
struct PeerRings: ~Copyable {
  private var submission: SharedRing
  private var result: SharedRing?
  private let bell: Doorbell?

  /// Creates the shared-memory objects; removes them again when one cannot be had.
  static func create(instance: String, peer: UInt32, _ wanted: Handshake.Request) throws -> PeerRings {
    let submission = try SharedRing.create(
      name: SharedRing.name(instance: instance, peer: peer, direction: RM_SUBMISSION),
      capacity: wanted.submissionCapacity, peer: peer, direction: RM_SUBMISSION)
    guard wanted.resultCapacity > 0 else { return PeerRings(submission: submission, result: nil, bell: nil) }
    let result = try SharedRing.create(
      name: SharedRing.name(instance: instance, peer: peer, direction: RM_RESULT),
      capacity: wanted.resultCapacity, peer: peer, direction: RM_RESULT)
    return PeerRings(submission: submission, result: result, bell: try Doorbell.shared())
  }

  /// The rings of a peer that comes back: its submission ring as it is, and a new result ring.
  static func renew(instance: String, peer: UInt32, _ wanted: Handshake.Request) throws -> PeerRings {
    let submission = try SharedRing.open(
      name: SharedRing.name(instance: instance, peer: peer, direction: RM_SUBMISSION),
      capacity: wanted.submissionCapacity)
    guard wanted.resultCapacity > 0 else { return PeerRings(submission: submission, result: nil, bell: nil) }
    let name = SharedRing.name(instance: instance, peer: peer, direction: RM_RESULT)
    SharedMemory.unlink(name: name)
    let result = try SharedRing.create(
      name: name, capacity: wanted.resultCapacity, peer: peer, direction: RM_RESULT)
    return PeerRings(submission: submission, result: result, bell: try Doorbell.shared())
  }

  /// In the order of the protocol.
  func descriptors(board: borrowing FileDescriptor, dispatchBell: borrowing Doorbell) throws -> DescriptorSet {
    let dispatchBell = try dispatchBell.separate()
    var raw = [submission.rawDescriptor]
    switch result {
    case .some(let ring): raw.append(ring.rawDescriptor)
    case .none: break
    }
    raw += [board.raw, dispatchBell.descriptor.raw]
    switch bell {
    case .some(let bell):
      let own = try bell.separate()
      return try DescriptorSet(duplicating: raw + [own.descriptor.raw])
    case .none: return try DescriptorSet(duplicating: raw)
    }
  }

  /// The client has its own now.
  mutating func closeDescriptors() {
    submission.closeDescriptor()
    result?.closeDescriptor()
  }

  consuming func ends(_ facts: JournaledPeer, _ wanted: Handshake.Request) -> (AttachedPeer, ResultEnds) {
    (
      AttachedPeer(facts, submission: submission),
      ResultEnds(
        result: result, bell: bell, subscription: wanted.subscription, lastTransaction: wanted.resumed?.lastTransaction)
    )
  }

  static func unlink(instance: String, peer: UInt32) {
    SharedMemory.unlink(name: SharedRing.name(instance: instance, peer: peer, direction: RM_SUBMISSION))
    SharedMemory.unlink(name: SharedRing.name(instance: instance, peer: peer, direction: RM_RESULT))
  }

  /// Removes the rings that an earlier dispatcher of this instance left behind. Call with the instance's lock held.
  ///
  /// - Parameter peers: whose submission rings are gone on with.
  /// - Returns: how many.
  static func removeLeftovers(instance: String, except peers: [UInt32]) -> Int {
    let kept = Set(peers.map { SharedRing.name(instance: instance, peer: $0, direction: RM_SUBMISSION) })
    let names = SharedMemory.names(prefix: "/ringmaster.\(instance).").filter {
      ($0.hasSuffix(".in") || $0.hasSuffix(".out")) && !kept.contains($0)
    }
    for name in names { SharedMemory.unlink(name: name) }
    return names.count
  }
}
