import CRingmaster
import DispatcherSettings
import EventRing
import Journal
import LogMessages
import Logging
import Platform

/// The rings and doorbell of a peer while it is being attached.
package struct PeerRings: ~Copyable {
  private var submission: SharedRing
  private var result: SharedRing?
  private let bell: Doorbell?
  /// Of the result ring, to remove it by; nil when there is none.
  package let resultName: String?

  /// Creates the shared-memory objects; removes them again when one cannot be had.
  package static func create(instance: String, _ facts: JournaledPeer, _ epoch: DispatcherEpoch) throws -> PeerRings {
    let (name, owner) = (facts.submissionRingName(instance: instance), facts.ringOwner(epoch.journal))
    let submission = try SharedRing.create(
      name: name, capacity: Int(facts.submissionCapacity), owner: owner, direction: RM_SUBMISSION)
    do {
      return try with(submission, instance: instance, owner, resultCapacity: Int(facts.resultCapacity))
    } catch {
      SharedMemory.unlink(name: name)
      throw error
    }
  }

  /// The rings of a peer that comes back: its submission ring as it is, and a new result ring.
  package static func renew(
    instance: String, _ facts: JournaledPeer, _ epoch: DispatcherEpoch, resultCapacity: Int
  ) throws -> PeerRings {
    let owner = facts.ringOwner(epoch.journal)
    let submission = try SharedRing.open(
      name: facts.submissionRingName(instance: instance), capacity: Int(facts.submissionCapacity), owner: owner)
    return try with(submission, instance: instance, owner, resultCapacity: resultCapacity)
  }

  private static func with(
    _ submission: consuming SharedRing, instance: String, _ owner: RingOwner, resultCapacity: Int
  ) throws -> PeerRings {
    guard resultCapacity > 0 else { return PeerRings(submission: submission, result: nil, bell: nil, resultName: nil) }
    let bell = try Doorbell.shared()
    let name = SharedRing.name(
      instance: instance, peer: owner.peer, key: try Machine.randomKey(), direction: RM_RESULT)
    let result = try SharedRing.create(name: name, capacity: resultCapacity, owner: owner, direction: RM_RESULT)
    return PeerRings(submission: submission, result: result, bell: bell, resultName: name)
  }

  /// In the order of the protocol.
  package func descriptors(
    board: borrowing AttentionBoard.Descriptors, dispatchBells: borrowing DoorbellSet
  ) throws -> DescriptorSet {
    let dispatchBell = try dispatchBells.add()
    var raw = [submission.rawDescriptor]
    switch result {
    case .some(let ring): raw.append(ring.rawDescriptor)
    case .none: break
    }
    raw += [board.board.raw, board.status.raw, dispatchBell.descriptor.raw]
    switch bell {
    case .some(let bell):
      let own = try bell.separate()
      return try DescriptorSet(duplicating: raw + [own.descriptor.raw])
    case .none: return try DescriptorSet(duplicating: raw)
    }
  }

  /// The client has its own now.
  package mutating func closeDescriptors() {
    submission.closeDescriptor()
    result?.closeDescriptor()
  }

  package consuming func ends(_ facts: JournaledPeer, _ wanted: Handshake.Request) -> (AttachedPeer, ResultEnds) {
    (
      AttachedPeer(facts, submission: submission),
      ResultEnds(
        result: result, bell: bell, subscription: wanted.subscription, resumed: wanted.resumed?.known)
    )
  }

  package static func unlink(instance: String, _ entry: PeerRegistry.Entry?) {
    guard let entry else { return }
    SharedMemory.unlink(name: entry.peer.submissionRingName(instance: instance))
    if let name = entry.resultRing { SharedMemory.unlink(name: name) }
  }

  /// Removes the rings that an earlier dispatcher of this instance left behind. Call with the instance's lock held.
  ///
  /// - Parameters:
  ///   - own: names of this user's objects.
  ///   - peers: whose submission rings are gone on with.
  package static func removeLeftovers(
    _ own: [String], _ configuration: DispatcherConfiguration, _ epoch: DispatcherEpoch,
    except peers: [PeerLedger.Peer], _ log: Logger
  ) {
    let kept = Set(peers.map { $0.peer.submissionRingName(instance: configuration.instance) })
    let names = own.filter { isRing($0) && !kept.contains($0) }
    for name in names {
      // In result rings nothing is noted but by their readers.
      let hasStamp = name.hasSuffix(".in")
      if hasStamp, configuration.journal?.durability == .sync, let problem = problem(withLeftover: name, epoch) {
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

  /// Says what others have put under names of this dispatcher: of a few, and how many there are.
  package static func tellOfForeign(_ names: SharedMemory.Listing, instance: String, _ log: Logger) {
    let foreign = names.foreign.filter { isRing($0) || $0.hasPrefix("\(prefix(instance))ringmasterd") }
    for object in SharedMemory.foreign(among: Array(foreign.prefix(foreignNamed))) { log.tell(object) }
    if names.isCut {
      log.warning(
        "more than \(SharedMemory.foreignLimit) files of other users have names of ours: rings of an earlier run may stay"
      )
    } else if foreign.count > foreignNamed {
      log.warning("\(foreign.count) files of other users have names of ours in all")
    }
  }

  private static let foreignNamed = 8

  private static func prefix(_ instance: String) -> String { "/ringmaster.\(instance)." }

  private static func isRing(_ name: String) -> Bool { name.hasSuffix(".in") || name.hasSuffix(".out") }

  /// What there is under the names of an instance.
  package static func list(instance: String) -> SharedMemory.Listing {
    SharedMemory.list(prefix: prefix(instance))
  }

  /// The names of all rings of an instance.
  package static func names(instance: String) -> [String] {
    SharedMemory.names(prefix: prefix(instance)).filter(isRing)
  }
}
