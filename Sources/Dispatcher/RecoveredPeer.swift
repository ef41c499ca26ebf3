import CRingmaster
import EventRing
import Journal
import Logging
import Platform

/// A peer of the dispatcher before, whose submission ring is gone on with.
struct RecoveredPeer {
  let peer: AttachedPeer
  /// Of the first record that is not in the journal.
  let position: UInt64

  /// - Returns: nil when its ring is gone, as after a restart of the machine, or there is no lane for it.
  init?(
    _ known: PeerLedger.Peer, _ configuration: DispatcherConfiguration, _ registry: inout PeerRegistry, _ log: Logger
  ) {
    let timeoutMs = configuration.journal?.reattachTimeoutMs ?? 0
    do {
      let ring = try SharedRing.open(
        name: SharedRing.name(
          instance: configuration.instance, peer: known.peer.id, direction: RM_SUBMISSION),
        capacity: Int(known.peer.submissionCapacity))
      // Heartbeats and queries behind the journaled position may have been given back already. The peer can write there:
      // what it claims beyond its ring is its own harm, and not believed.
      let claimed = ring.claimedRelease
      let limit = known.nextPosition &+ UInt64(ring.layout.capacity)
      position = (known.nextPosition...limit).contains(claimed) ? claimed : known.nextPosition
      let deadlineNs = Clock.bootNs() &+ UInt64(timeoutMs) * 1_000_000
      guard let facts = registry.recover(known.peer, deadlineNs: deadlineNs) else { return nil }
      peer = AttachedPeer(facts, submission: ring)
    } catch {
      log.notice("the ring of a peer is gone", metadata: ["peer": "\(known.peer.id)", "reason": "\(error)"])
      return nil
    }
  }
}

extension DispatchLoop {
  /// Takes over from the dispatcher before.
  mutating func goOn(with peers: [RecoveredPeer], without lost: [UInt32]) {
    for recovered in peers {
      lanes.insert(PeerLane(recovered.peer, position: recovered.position), at: Int(recovered.peer.facts.lane))
    }
    for peer in lost { _ = journal.append(.peerRemoved(peer: peer)) }
    state.restartLiveness(atMs: clock.nowMs())
  }
}
