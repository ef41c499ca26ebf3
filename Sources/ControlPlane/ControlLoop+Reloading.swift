import CRingmaster
import DispatcherSettings
import EventModel
import LogMessages
import Platform
import ServiceManager

/// Going on with other settings. Peers stay, but those that lost their role.
extension ControlLoop {
  mutating func reload() {
    guard !isStopping else { return }
    guard let reread else { return requestShutdown() }
    _ = ServiceManager.reloading()
    let fresh: DispatcherConfiguration
    do {
      fresh = try reread()
    } catch {
      return keepConfiguration("\(error)")
    }
    configurationFault = nil
    let before = configuration.access.counterReaders
    configuration = fresh
    peers.maximumPeers = configuration.maximumPeers
    if configuration.access.counterReaders != before { CounterAccess.grant(configuration, log) }
    putOutThoseWithoutRole()
    post(.configure(configuration))
  }

  /// The dispatch thread goes on with them too.
  mutating func noteReloaded() {
    counters[.reloads].increment()
    log.tell(.configurationReloaded, metadata: ["peers": "\(peers.count)"])
    _ = ServiceManager.ready(status: status)
  }

  private mutating func keepConfiguration(_ error: String) {
    counters[.reloadsRefused].increment()
    let faults = error.split(whereSeparator: \.isNewline)
    configurationFault = faults.first.map(String.init)
    for fault in faults {
      log.tell(.configurationRefused, [.cause: "\(fault)"])
    }
    _ = ServiceManager.ready(status: status)
  }

  private mutating func putOutThoseWithoutRole() {
    for (descriptor, connection) in connections {
      guard let peer = connection.peer, let role = peers[peer].flatMap({ Role(rawValue: $0.peer.role) }),
        let reason = configuration.access.refusal(connection.credentials, as: role)
      else { continue }
      connections[descriptor] = nil
      let (pid, uid) = (connection.credentials.pid, connection.credentials.uid)
      log.tell(.peerLostRole, [.peer: "\(peer)", .cause: "\(reason)", .pid: "\(pid)", .uid: "\(uid)"])
      close(connection, code: RM_CLOSED_FORBIDDEN, reason: reason)
      post(.detach(peer: peer))
    }
  }
}
