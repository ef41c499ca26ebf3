import CRingmaster
import DispatcherSettings
import EventModel
import EventRing
import Journal
import LogMessages
import Logging

extension JournaledPeer {
  /// Of its rings, as when they were made.
  package func ringOwner(_ journal: SIMD2<UInt64>) -> RingOwner {
    RingOwner(peer: id, epoch: epoch, journal: journal)
  }

  /// The hash is of a random token: nobody knows the name before the ring has it, and a later dispatcher finds it by the
  /// journal.
  package func submissionRingName(instance: String) -> String {
    let key = tokenHash.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
    return SharedRing.name(instance: instance, peer: id, key: key, direction: RM_SUBMISSION)
  }
}

extension Logger {
  /// Tells what a peer says, or what its ring says, to which it can write: that the journal has lost what it knows. Of a mere
  /// observer, or beyond reason, it is no alarm.
  package func tellOfClaim(
    _ claim: String, isWithinReason: Bool, of peer: JournaledPeer, _ configuration: DispatcherConfiguration
  ) {
    let folder = "\(configuration.journal?.folder ?? "")"
    guard isWithinReason, peer.role != Role.observe.rawValue else {
      return notice(
        "a peer says that it knows of more than the journal has: not believed",
        metadata: [
          "cause": "\(claim)", "peer": "\(peer.id)", "name": "\(peer.name)", "uid": "\(peer.uid)",
          "folder": "\(folder)",
        ])
    }
    tell(
      .peerKnowsMore, [.cause: "\(claim)", .folder: "\(folder)", .peer: "\(peer.id)", .uid: "\(peer.uid)"],
      metadata: ["name": "\(peer.name)"])
  }

  package func tellOfLostTail(_ cause: String, _ configuration: DispatcherConfiguration) {
    tell(.journalTailLost, [.cause: "\(cause)", .folder: "\(configuration.journal?.folder ?? "")"])
  }
}
