import ControlPlane
import DispatcherSettings
import Logging
import Platform

/// What a dispatcher takes over when it starts: the journal, recovered, and the rings of the peers that may come back.
struct Takeover: ~Copyable {
  var recovery: Recovery
  let registry: PeerRegistry
  let peers: Peers

  /// Those that the journal knows.
  struct Peers {
    let returning: [RecoveredPeer]
    /// Their rings are gone.
    let lost: [UInt32]
    /// As `Recovery.answers`.
    let answers: [UInt32: Outbox]
  }

  /// - Parameter names: what there is under the instance's names in shared memory.
  /// - Throws: as `Recovery`.
  init(
    _ configuration: DispatcherConfiguration, _ parts: DispatcherParts, names: SharedMemory.Listing, _ log: Logger
  ) throws {
    recovery =
      try configuration.journal.map { try Recovery($0, configuration, parts, log) }
      ?? Recovery(without: configuration, parts)
    let (epoch, known) = (recovery.epoch, recovery.ledger.peers)
    PeerRings.tellOfForeign(names, instance: configuration.instance, log)
    PeerRings.removeLeftovers(names.own, configuration, epoch, except: known, log)
    var registry = PeerRegistry(
      maximumPeers: configuration.maximumPeers, lastPeer: recovery.lastPeerBefore,
      lastReserved: configuration.journal == nil ? .max : recovery.ledger.lastPeerID,
      reservedAtOnce: parts.peerNumbersAtOnce)
    let lastResults = recovery.lastResults
    let returning = known.compactMap {
      RecoveredPeer($0, lastResults[$0.peer.id] ?? .init(), configuration, epoch, &registry, log)
    }
    let found = Set(returning.map(\.peer.facts.id))
    let lost = known.map(\.peer).filter { !found.contains($0.id) }
    // The next start would take what stands in them for what the journal has lost.
    for peer in lost { SharedMemory.unlink(name: peer.submissionRingName(instance: configuration.instance)) }
    peers = Peers(returning: returning, lost: lost.map(\.id), answers: recovery.answers)
    self.registry = registry
  }
}
