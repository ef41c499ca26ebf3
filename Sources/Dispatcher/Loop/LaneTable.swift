import EventRing

/// The lanes of all attached peers, each at the index that is its byte on the attention board. Owned by the dispatch
/// thread.
struct LaneTable: ~Copyable {
  private let lanes: UnsafeMutablePointer<PeerLane>
  private(set) var count = 0
  /// Groups of 64 lanes in use, from the lowest.
  private(set) var groups = 0
  private(set) var occupied = LaneSet()
  /// Rings that are polled each turn; the others' producers raise their hands.
  var awake = LaneSet()
  /// Lanes with results to write or a client to wake.
  var backlogged = LaneSet()
  /// Lanes with slots that wait for the journal.
  var held = LaneSet()
  /// Lanes with events that wait until their peer has read its answers.
  var waitingForReader = LaneSet()
  /// Lanes that want the results of other peers' events too.
  var subscribed = LaneSet()

  init() {
    lanes = .allocate(capacity: AttentionBoard.lanes)
  }

  deinit {
    var next = occupied.first(from: 0)
    while let lane = next {
      (lanes + lane).deinitialize(count: 1)
      next = occupied.first(from: lane + 1)
    }
    lanes.deallocate()
  }

  /// Valid until the lane is removed.
  @inline(__always)
  subscript(lane: Int) -> UnsafeMutablePointer<PeerLane> {
    precondition(occupied.contains(lane), "lane \(lane) has no peer")
    return lanes + lane
  }

  /// The first lane with a peer at or after `lane`.
  func next(from lane: Int) -> Int? {
    occupied.first(from: lane)
  }

  mutating func insert(_ lane: consuming PeerLane, at index: Int) {
    precondition(!occupied.contains(index), "lane \(index) has a peer already")
    (lanes + index).initialize(to: lane)
    occupied.insert(index)
    awake.insert(index)
    groups = max(groups, index >> 6 + 1)
    count += 1
  }

  mutating func remove(at index: Int) {
    precondition(occupied.contains(index), "lane \(index) has no peer")
    (lanes + index).deinitialize(count: 1)
    occupied.remove(index)
    awake.remove(index)
    backlogged.remove(index)
    held.remove(index)
    waitingForReader.remove(index)
    subscribed.remove(index)
    count -= 1
    while groups > 0, occupied[group: groups - 1] == 0 { groups -= 1 }
  }

  func index(of peer: UInt32) -> Int? {
    var next = occupied.first(from: 0)
    while let lane = next {
      if lanes[lane].id == peer { return lane }
      next = occupied.first(from: lane + 1)
    }
    return nil
  }
}
