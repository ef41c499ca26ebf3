import Logging

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

  /// - Throws: as `Recovery`.
  init(_ configuration: DispatcherConfiguration, _ parts: DispatcherParts, _ log: Logger) throws {
    recovery =
      try configuration.journal.map { try Recovery($0, configuration, parts, log) }
      ?? Recovery(without: configuration, parts)
    let (epoch, known) = (recovery.epoch, recovery.ledger.peers)
    PeerRings.tellOfForeign(instance: configuration.instance, log)
    PeerRings.removeLeftovers(configuration, epoch, except: known, log)
    var registry = PeerRegistry(
      maximumPeers: configuration.maximumPeers, lastPeer: recovery.lastPeerBefore,
      lastReserved: configuration.journal == nil ? .max : recovery.ledger.lastPeerID,
      reservedAtOnce: parts.peerNumbersAtOnce)
    let lastResults = recovery.lastResults
    let returning = known.compactMap {
      RecoveredPeer($0, lastResults[$0.peer.id] ?? .init(), configuration, epoch, &registry, log)
    }
    let found = Set(returning.map(\.peer.facts.id))
    peers = Peers(
      returning: returning, lost: known.map(\.peer.id).filter { !found.contains($0) },
      answers: recovery.answers)
    self.registry = registry
  }
}
