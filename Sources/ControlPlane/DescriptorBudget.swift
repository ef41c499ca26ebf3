import DispatcherSettings
import LogMessages
import Logging
import Platform

/// What peers may take of the files that this process may have open. The journal, snapshots and connections that have yet to
/// say who they are come first: a dispatcher whose journal cannot open its next segment ends.
package struct DescriptorBudget {
  /// Files, threads' bells, connections that have yet to say who they are, and what is open for a moment.
  private static let others = 64 + Greeters.maximum
  /// Its socket and its doorbell.
  private static let perPeer = 2
  /// What goes with the reply to a peer that attaches.
  private static let perReply = 6
  /// A part of so many is kept for root and the dispatcher's own user.
  private static let shares = 32

  private let limit: Int
  private let forPeers: Int

  package init(_ configuration: DispatcherConfiguration) {
    limit = configuration.openFiles ?? Machine.descriptorLimit()
    forPeers = max(limit - Self.others, 0)
  }

  /// Why there are no descriptors for one more reply; nil when there are.
  ///
  /// - Parameters:
  ///   - peers: with the one that attaches.
  ///   - attaching: whose replies wait to be sent.
  package func obstacle(peers: Int, attaching: Int, fromReserve: Bool) -> String? {
    let reserved = fromReserve ? 0 : max(forPeers / Self.shares, Self.perPeer + Self.perReply)
    let needed = peers * Self.perPeer + (attaching + 1) * Self.perReply
    guard needed > forPeers - reserved else { return nil }
    return "the dispatcher may have \(limit) open files, not enough for one more peer now: raise LimitNOFILE"
  }

  /// Replies to one user's peers that may wait to be read: the kernel lets a user have as many descriptors under way as
  /// files open, and whoever does not take his takes no more than an eighth.
  package var unreadRepliesPerUser: Int { max(limit / Self.perReply / 8, 1) }

  /// Says so when fewer peers can attach than there may be.
  package func check(for maximumPeers: Int, _ log: Logger) {
    let possible = forPeers / Self.perPeer
    guard possible < maximumPeers else { return }
    log.tell(
      .fewDescriptors,
      [
        .cause: "\(limit) open files are enough for \(possible) peers; maximum_peers is \(maximumPeers)",
        .count: "\(Self.others + maximumPeers * Self.perPeer)",
      ])
  }
}
