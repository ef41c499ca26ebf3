import DispatcherSettings
import EventRing
import Journal

extension UserLimits {
  /// Why a user cannot have one more peer; nil when it can.
  package func obstacle(to wanted: Handshake.Request, of uid: UInt32, having usage: PeerRegistry.Usage) -> String? {
    guard usage.peers < peers else {
      return "user \(uid) has \(usage.peers) peers, which is the limit, dispatcher.peers_per_user"
    }
    let bytes = PeerRegistry.ringBytes(wanted.submissionCapacity) + PeerRegistry.ringBytes(wanted.resultCapacity)
    return obstacle(toBytes: usage.ringBytes + bytes, of: uid)
  }

  /// Why a peer cannot come back with the result ring that it wants; nil when it can. With one that is no larger than
  /// before it always can.
  package func obstacle(to wanted: Handshake.Request, by peer: JournaledPeer, having usage: PeerRegistry.Usage)
    -> String?
  {
    let before = PeerRegistry.ringBytes(Int(peer.resultCapacity))
    let bytes = PeerRegistry.ringBytes(wanted.resultCapacity)
    return bytes <= before ? nil : obstacle(toBytes: usage.ringBytes - before + bytes, of: peer.uid)
  }

  private func obstacle(toBytes bytes: Int, of uid: UInt32) -> String? {
    guard bytes > ringBytes else { return nil }
    return "the rings of user \(uid) would have \(bytes) bytes, more than dispatcher.ring_memory_per_user_bytes: "
      + "take smaller rings"
  }
}

/// What each of many, users or peers, may do so often a minute, and so often at once.
package struct MinuteRates {
  private struct Account {
    /// Times left, in parts of one: a minute's worth at the most.
    package var left: Double
    package var refilledNs: UInt64
  }

  private var accounts: [UInt32: Account] = [:]
  /// From so many on, those are forgotten who have not tried for a minute.
  private static let accountsKept = 64
  private static let minuteNs: UInt64 = 60_000_000_000

  package init() {}

  /// - Parameter nowNs: CLOCK_BOOTTIME.
  /// - Returns: whether this one may now; it is counted then.
  package mutating func take(_ key: UInt32, perMinute: Int, nowNs: UInt64) -> Bool {
    if accounts.count > Self.accountsKept {
      accounts = accounts.filter { nowNs - $0.value.refilledNs < Self.minuteNs }
    }
    var account = accounts[key] ?? Account(left: Double(perMinute), refilledNs: nowNs)
    let earned = Double(nowNs - account.refilledNs) / Double(Self.minuteNs) * Double(perMinute)
    account.left = min(account.left + earned, Double(perMinute))
    account.refilledNs = nowNs
    defer { accounts[key] = account }
    guard account.left >= 1 else { return false }
    account.left -= 1
    return true
  }
}

extension PeerRegistry {
  /// What the peers of one user take up.
  package struct Usage: Equatable {
    package var peers = 0
    package var ringBytes = 0
  }

  package func usage(of uid: UInt32) -> Usage {
    entries.values.reduce(into: Usage()) { usage, entry in
      guard entry.peer.uid == uid else { return }
      usage.peers += 1
      usage.ringBytes += Self.ringBytes(Int(entry.peer.submissionCapacity))
      usage.ringBytes += Self.ringBytes(Int(entry.peer.resultCapacity))
    }
  }

  /// Of a ring with so many slots; 0 for none.
  package static func ringBytes(_ capacity: Int) -> Int {
    (try? RingLayout(capacity: capacity))?.size ?? 0
  }
}
