import CRingmaster
import EventRing
import Journal
import Platform

/// A peer as it goes from the control thread, which made its rings, to the dispatch thread, which drives them.
package final class AttachedPeer: Sendable {
  package let facts: JournaledPeer
  /// The name of its user, if it may submit jobs: these say it.
  package let userName: String
  package let submission: SharedRing

  package init(_ facts: JournaledPeer, submission: consuming SharedRing) {
    self.facts = facts
    userName = facts.role == RM_ROLE_CONTROL ? Machine.userName(facts.uid) : ""
    self.submission = submission
  }
}

/// A peer has had the results of all transactions up to this one.
package struct KnownTransaction: Sendable {
  package let number: UInt64
  /// Of the connection on which it had them.
  package let epoch: UInt64

  package init(number: UInt64, epoch: UInt64) {
    self.number = number
    self.epoch = epoch
  }
}

/// The way of results to a peer, for as long as one connection of it lasts.
package final class ResultEnds: Sendable {
  package let result: SharedRing?
  package let bell: Doorbell?
  /// RM_SUBSCRIBE_* bits.
  package let subscription: UInt32
  /// Results of later transactions are to come again; nil for a new peer.
  package let resumed: KnownTransaction?

  package func ringBell() {
    switch bell {
    case .some(let bell): bell.ring()
    case .none: break
    }
  }

  package init(
    result: consuming SharedRing?, bell: consuming Doorbell?, subscription: UInt32, resumed: KnownTransaction?
  ) {
    self.result = result
    self.bell = bell
    self.subscription = subscription
    self.resumed = resumed
  }
}
