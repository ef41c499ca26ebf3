import CRingmaster
import EventRing
import Journal
import LogMessages
import Logging
import Platform

/// The rings and doorbell of a peer while it is being attached.
struct PeerRings: ~Copyable {
  private var submission: SharedRing
  private var result: SharedRing?
  private let bell: Doorbell?

  /// Creates the shared-memory objects; removes them again when one cannot be had.
  static func create(instance: String, owner: RingOwner, _ wanted: Handshake.Request) throws -> PeerRings {
    let peer = owner.peer
    let submission = try SharedRing.create(
      name: SharedRing.name(instance: instance, peer: peer, direction: RM_SUBMISSION),
      capacity: wanted.submissionCapacity, owner: owner, direction: RM_SUBMISSION)
    guard wanted.resultCapacity > 0 else { return PeerRings(submission: submission, result: nil, bell: nil) }
    let result = try SharedRing.create(
      name: SharedRing.name(instance: instance, peer: peer, direction: RM_RESULT),
      capacity: wanted.resultCapacity, owner: owner, direction: RM_RESULT)
    return PeerRings(submission: submission, result: result, bell: try Doorbell.shared())
  }

  /// The rings of a peer that comes back: its submission ring as it is, and a new result ring.
  ///
  /// - Parameter owner: as when it attached for the first time.
  static func renew(instance: String, owner: RingOwner, _ wanted: Handshake.Request) throws -> PeerRings {
    let peer = owner.peer
    let submission = try SharedRing.open(
      name: SharedRing.name(instance: instance, peer: peer, direction: RM_SUBMISSION),
      capacity: wanted.submissionCapacity, owner: owner)
    guard wanted.resultCapacity > 0 else { return PeerRings(submission: submission, result: nil, bell: nil) }
    let name = SharedRing.name(instance: instance, peer: peer, direction: RM_RESULT)
    SharedMemory.unlink(name: name)
    let result = try SharedRing.create(
      name: name, capacity: wanted.resultCapacity, owner: owner, direction: RM_RESULT)
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
        result: result, bell: bell, subscription: wanted.subscription, resumed: wanted.resumed?.known)
    )
  }

  static func unlink(instance: String, peer: UInt32) {
    SharedMemory.unlink(name: SharedRing.name(instance: instance, peer: peer, direction: RM_SUBMISSION))
    SharedMemory.unlink(name: SharedRing.name(instance: instance, peer: peer, direction: RM_RESULT))
  }

  /// Removes the rings that an earlier dispatcher of this instance left behind. Call with the instance's lock held.
  ///
  /// - Parameter peers: whose submission rings are gone on with.
  static func removeLeftovers(
    _ configuration: DispatcherConfiguration, _ epoch: DispatcherEpoch, except peers: [PeerLedger.Peer], _ log: Logger
  ) {
    let instance = configuration.instance
    let kept = Set(peers.map { SharedRing.name(instance: instance, peer: $0.peer.id, direction: RM_SUBMISSION) })
    let names = names(instance: instance).filter { !kept.contains($0) }
    for name in names {
      if let problem = problem(withLeftover: name, epoch), configuration.journal?.durability == .sync {
        log.tellOfLostTail("the ring \(name) \(problem); it is removed", configuration)
      }
      SharedMemory.unlink(name: name)
    }
    if !names.isEmpty { log.notice("removed \(names.count) rings of an earlier run") }
  }

  /// - Returns: what a ring that the journal does not tell of shows of what the journal has lost; nil if nothing.
  private static func problem(withLeftover name: String, _ epoch: DispatcherEpoch) -> String? {
    guard let (owner, stamp) = SharedRing.inspect(name: name), epoch.journal != .zero, owner.journal != .zero else {
      return nil
    }
    guard owner.journal == epoch.journal else { return "is of a peer of another journal" }
    switch epoch.compare(stamp.transaction, in: max(stamp.epoch, owner.epoch)) {
    case .known: return nil
    case .lostTail(let behind):
      return "knows of transaction \(stamp.transaction), and the journal of \(behind) in that epoch"
    case .otherHistory: return "is of a peer that attached in an epoch that the journal does not know"
    }
  }

  /// The names of all rings of an instance.
  static func names(instance: String) -> [String] {
    SharedMemory.names(prefix: "/ringmaster.\(instance).").filter { $0.hasSuffix(".in") || $0.hasSuffix(".out") }
  }
}
