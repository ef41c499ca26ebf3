import CRingmaster
import LogMessages
import Logging
import Platform

/// Connections before they are peers, and how they and faulty peers are got rid of.
extension ControlLoop {
  /// Waits for a connection to say who it is.
  mutating func greet(_ connection: PeerConnection) {
    let descriptor = connection.socket.descriptor.raw
    connections[descriptor] = connection
    greeters.insert(descriptor, uid: connection.credentials.uid, nowNs: Clock.bootNs())
    while let surplus = greeters.surplus {
      refuseSilent(surplus, reason: "more than \(Greeters.maximum) connections have yet to say who they are")
    }
  }

  mutating func closeSilentGreeters() {
    for late in greeters.late(nowNs: Clock.bootNs()) {
      refuseSilent(late, reason: "it did not say who it is within \(Greeters.patienceNs / 1_000_000_000) s")
    }
  }

  /// What it has said is heard before it goes.
  private mutating func refuseSilent(_ descriptor: Int32, reason: String) {
    serve(descriptor)
    guard let connection = connections[descriptor], case .greeting = connection.stage else { return }
    greeters.remove(descriptor)
    connections[descriptor] = nil
    refuse(connection, Handshake.Refusal(code: RM_REFUSED_SILENT, reason: reason, counter: .attachRefusedSilent))
  }

  /// Ends the connection of a peer that broke the protocol.
  mutating func putOut(_ connection: PeerConnection, _ peer: UInt32, code: UInt32, reason: String) {
    tell(
      .peerDisconnected, of: connection, cause: reason,
      [.peer: "\(peer)"], metadata: ["name": "\(peers[peer]?.peer.name ?? "unknown")"])
    close(connection, code: code, reason: reason)
  }

  mutating func tell(
    _ message: LogMessage, of connection: PeerConnection, cause: String,
    _ fields: [LogField: Logger.MetadataValue] = [:],
    metadata: Logger.Metadata = [:]
  ) {
    let (pid, uid) = (connection.credentials.pid, connection.credentials.uid)
    guard refusals.note(pid: pid, uid: uid, reason: cause, nowNs: Clock.bootNs()) else { return }
    var fields = fields
    fields[.cause] = "\(cause)"
    fields[.pid] = "\(pid)"
    fields[.uid] = "\(uid)"
    log.tell(message, fields, metadata: metadata)
  }

  mutating func tellOfRefusals(nowNs: UInt64) {
    for remainder in refusals.takeUntold(nowNs: nowNs) {
      log.tell(
        .moreRefused,
        [
          .count: "\(remainder.count)", .uid: "\(remainder.uid.map { "\($0)" } ?? "several")",
          .cause: "\(remainder.newestReason)",
        ])
    }
  }
}
