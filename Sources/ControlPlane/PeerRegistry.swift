import EventModel
import EventRing
import Journal

/// The peers that there are, as the control thread knows them: those that the dispatch thread still has a lane for.
package struct PeerRegistry {
  package enum Presence {
    /// Has a connection, or had one until it left.
    case attached
    /// Was attached to the dispatcher before this one, and may attach again until this moment (CLOCK_BOOTTIME, ns).
    case away(deadlineNs: UInt64)
  }

  package struct Entry {
    /// As the journal has it, but with the result ring that it has now.
    package fileprivate(set) var peer: JournaledPeer
    package var presence: Presence
    /// The name of its result ring; nil without one.
    package var resultRing: String?
  }

  private(set) var entries: [UInt32: Entry] = [:]
  private var freeLanes: [UInt32]
  private var nextPeer: UInt64
  /// Ids up to this one are set aside in the journal, so that no later dispatcher gives one of them again.
  private var lastReserved: UInt32
  private var hasAskedForMore = false
  /// How many there may be; those that are there already stay when it is lowered.
  package var maximumPeers: Int

  /// Places that only root and the dispatcher's own user get: when somebody has taken all others, they can see who.
  package var reservedPlaces: Int { maximumPeers / Self.placesPerReserved }

  /// One place of so many is reserved.
  private static let placesPerReserved = 32

  /// Ids that are set aside at a time.
  private let reservedAtOnce: UInt32

  /// - Parameters:
  ///   - lastPeer: the highest id that may have been given before.
  ///   - lastReserved: the highest that may be given.
  ///   - reservedAtOnce: how many are set aside in the journal at a time.
  package init(
    maximumPeers: Int, lastPeer: UInt32, lastReserved: UInt32,
    reservedAtOnce: UInt32 = JournaledStart.usualPeerNumbers
  ) {
    self.maximumPeers = maximumPeers
    self.reservedAtOnce = reservedAtOnce
    freeLanes = (0..<UInt32(AttentionBoard.lanes)).reversed()
    nextPeer = UInt64(lastPeer) + 1
    self.lastReserved = lastReserved
  }

  /// The highest id to set aside now; nil while there are enough, or when that was asked for already.
  package mutating func wantedReservation() -> UInt32? {
    guard !hasAskedForMore, lastReserved < .max, nextPeer + UInt64(reservedAtOnce / 2) > UInt64(lastReserved)
    else {
      return nil
    }
    hasAskedForMore = true
    return UInt32(clamping: UInt64(lastReserved) + UInt64(reservedAtOnce))
  }

  /// Ids up to this one are set aside now.
  package mutating func noteReservation(upTo id: UInt32) {
    lastReserved = max(lastReserved, id)
    hasAskedForMore = false
  }

  /// Why `allocate` found no place.
  package func obstacle(fromReserve: Bool) -> String {
    if nextPeer > UInt64(UInt32.max) {
      return "all numbers that peers can have are used up: begin a new journal"
    }
    if nextPeer > UInt64(lastReserved) { return "numbers for more peers are being set aside: try again" }
    let rest = fromReserve ? "" : "; \(reservedPlaces) more are for root and the dispatcher's user"
    return "\(entries.count) peers are attached, which is the limit\(rest)"
  }

  package var count: Int {
    entries.count
  }

  package var ids: [UInt32] {
    entries.keys.sorted()
  }

  package subscript(peer: UInt32) -> Entry? {
    entries[peer]
  }

  /// Is a worker of this name attached, or has one left that is not removed yet?
  package func hasWorker(_ name: String) -> Bool {
    entries.values.contains { entry in
      guard case .attached = entry.presence, entry.peer.role == Role.worker.rawValue else { return false }
      return ByteText(entry.peer.name) == ByteText(name)
    }
  }

  /// The id and the lane of a new peer, which `insert` takes in; nil when there is no more room, or no id is set aside. Ids
  /// are never given twice.
  package mutating func allocate(fromReserve: Bool) -> (peer: UInt32, lane: UInt32)? {
    guard entries.count < maximumPeers - (fromReserve ? 0 : reservedPlaces), nextPeer <= UInt64(lastReserved),
      let lane = freeLanes.popLast()
    else { return nil }
    defer { nextPeer += 1 }
    return (UInt32(nextPeer), lane)
  }

  /// Undoes `allocate`.
  package mutating func giveBack(lane: UInt32) {
    freeLanes.append(lane)
  }

  package mutating func insert(_ peer: JournaledPeer, _ presence: Presence, resultRing: String? = nil) {
    precondition(entries[peer.id] == nil, "peer \(peer.id) is there already")
    entries[peer.id] = Entry(peer: peer, presence: presence, resultRing: resultRing)
  }

  /// A peer of the dispatcher before, in whatever lane is free.
  ///
  /// - Returns: the peer with its lane; nil when there is no room for it.
  package mutating func recover(_ peer: JournaledPeer, deadlineNs: UInt64) -> JournaledPeer? {
    guard let lane = freeLanes.popLast() else { return nil }
    var peer = peer
    peer.lane = lane
    insert(peer, .away(deadlineNs: deadlineNs))
    return peer
  }

  /// - Returns: what it is now.
  package mutating func returned(_ peer: UInt32, resultRing: String?, resultCapacity: Int) -> JournaledPeer {
    guard var entry = entries[peer] else { preconditionFailure("peer \(peer) is not there") }
    entry.presence = .attached
    entry.resultRing = resultRing
    entry.peer.resultCapacity = UInt32(resultCapacity)
    entries[peer] = entry
    return entry.peer
  }

  package mutating func remove(_ peer: UInt32) {
    if let entry = entries.removeValue(forKey: peer) { freeLanes.append(entry.peer.lane) }
  }

  /// Those who did not attach again in time; they count as attached from now on, until they are removed.
  package mutating func takeMissing(nowNs: UInt64) -> [UInt32] {
    let missing = entries.filter {
      if case .away(let deadlineNs) = $0.value.presence { deadlineNs <= nowNs } else { false }
    }
    for peer in missing.keys { entries[peer]?.presence = .attached }
    return missing.keys.sorted()
  }
}
