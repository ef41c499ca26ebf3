import CRingmaster
import ControlPlane
import DispatcherSettings
import EventModel
import EventRing
import Journal
import LogMessages
import Logging
import Platform

/// A peer of the dispatcher before, whose submission ring is gone on with.
struct RecoveredPeer {
  let peer: AttachedPeer
  /// Of the first record that is not in the journal.
  let position: UInt64
  /// As `PeerLane.lastResultBefore`.
  let lastResult: PeerLedger.LastResult

  /// More than any ring has carried, and far from where positions wrap.
  private static let lastBelievedPosition: UInt64 = 1 << 62

  /// - Returns: nil when its ring is gone, as after a restart of the machine, or there is no lane for it.
  init?(
    _ known: PeerLedger.Peer, _ lastResult: PeerLedger.LastResult, _ configuration: DispatcherConfiguration,
    _ epoch: DispatcherEpoch, _ registry: inout PeerRegistry, _ log: Logger
  ) {
    let timeoutMs = configuration.journal?.reattachTimeoutMs ?? 0
    do {
      var ring = try SharedRing.open(
        name: known.peer.submissionRingName(instance: configuration.instance),
        capacity: Int(known.peer.submissionCapacity), owner: known.peer.ringOwner(epoch.journal))
      // It is opened once more if the peer comes back.
      ring.closeDescriptor()
      let stamp = ring.stamp
      let isWithinReason = epoch.isWithinReason(stamp.transaction, in: stamp.epoch)
      switch epoch.compare(stamp.transaction, in: stamp.epoch) {
      case .known: break
      case .lostTail(let behind):
        guard configuration.journal?.durability == .sync else { break }
        log.tellOfClaim(
          "its ring knows of transaction \(stamp.transaction), the journal of \(behind)",
          isWithinReason: isWithinReason, of: known.peer, configuration)
      case .otherHistory:
        log.tellOfClaim(
          "its ring was read in epoch \(stamp.epoch), which the journal does not know: it is not opened, and what it holds "
            + "is lost", isWithinReason: isWithinReason, of: known.peer, configuration)
        return nil
      }
      // Heartbeats and queries are not journaled, and their slots were given back. The peer can write there: what it
      // claims in the place of the truth keeps its own records from being read, and nothing from being read twice.
      position = max(known.nextPosition, min(ring.claimedRelease, Self.lastBelievedPosition))
      self.lastResult = lastResult
      let deadlineNs = Clock.bootNs() &+ UInt64(timeoutMs) * 1_000_000
      guard let facts = registry.recover(known.peer, deadlineNs: deadlineNs) else { return nil }
      peer = AttachedPeer(facts, submission: ring)
    } catch let foreign as ForeignObject {
      log.tell(foreign)
      return nil
    } catch {
      log.notice("the ring of a peer is gone", metadata: ["peer": "\(known.peer.id)", "cause": "\(error)"])
      return nil
    }
  }
}

extension DispatchLoop {
  /// Takes over from the dispatcher before.
  mutating func goOn(with peers: Takeover.Peers) {
    for recovered in peers.returning {
      insert(
        PeerLane(recovered.peer, position: recovered.position, lastResultBefore: recovered.lastResult),
        at: Int(recovered.peer.facts.lane))
      lanes[Int(recovered.peer.facts.lane)].pointee.answersWhileAway = peers.answers[recovered.peer.facts.id]
      stamp(Int(recovered.peer.facts.lane))
    }
    for peer in peers.lost { _ = journal.append(.peerRemoved(peer: peer)) }
    state.restartLiveness(atMs: clock.ms(bootNs: Clock.bootNs()))
  }
}
