import EventRing

/// A set of lanes as a bit each, in groups of 64 like the attention board's.
struct LaneSet: ~Copyable {
  private let groups: UnsafeMutablePointer<UInt64>
  private(set) var count = 0
  /// No group from this one on has a member.
  private var usedGroups = 0
  static let groupCount = AttentionBoard.lanes / 64

  init() {
    groups = .allocate(capacity: Self.groupCount)
    groups.initialize(repeating: 0, count: Self.groupCount)
  }

  deinit {
    groups.deallocate()
  }

  /// The members among the 64 lanes of a group.
  @inline(__always)
  subscript(group group: Int) -> UInt64 {
    precondition(group >= 0 && group < Self.groupCount, "group \(group)")
    return groups[group]
  }

  @inline(__always)
  func contains(_ lane: Int) -> Bool {
    self[group: lane >> 6] & (1 << UInt64(lane & 63)) != 0
  }

  @inline(__always)
  mutating func insert(_ lane: Int) {
    precondition(lane >= 0 && lane < AttentionBoard.lanes, "lane \(lane)")
    guard !contains(lane) else { return }
    groups[lane >> 6] |= 1 << UInt64(lane & 63)
    usedGroups = max(usedGroups, lane >> 6 + 1)
    count += 1
  }

  @inline(__always)
  mutating func remove(_ lane: Int) {
    precondition(lane >= 0 && lane < AttentionBoard.lanes, "lane \(lane)")
    guard contains(lane) else { return }
    groups[lane >> 6] &= ~(1 << UInt64(lane & 63))
    count -= 1
    if count == 0 { usedGroups = 0 }
  }

  var isEmpty: Bool {
    @inline(__always) get { count == 0 }
  }

  /// The members in order, as they are when they come up: the set may change meanwhile, and lives for as long.
  var members: Members {
    @inline(__always) get { Members(groups: groups, end: usedGroups << 6) }
  }

  struct Members: Sequence, IteratorProtocol {
    private let groups: UnsafeMutablePointer<UInt64>
    private let end: Int
    private var lane = 0

    fileprivate init(groups: UnsafeMutablePointer<UInt64>, end: Int) {
      self.groups = groups
      self.end = end
    }

    mutating func next() -> Int? {
      while lane < end {
        let bits = groups[lane >> 6] & (~0 << UInt64(lane & 63))
        if bits != 0 {
          defer { lane += 1 }
          lane = lane & ~63 | bits.trailingZeroBitCount
          return lane
        }
        lane = (lane | 63) + 1
      }
      return nil
    }
  }

  /// The first member at or after `lane`, or else the first of all; nil when there is none.
  func firstInRound(from lane: Int) -> Int? {
    first(from: lane) ?? first(from: 0)
  }

  /// The first member at or after `lane`; nil when there is none.
  func first(from lane: Int) -> Int? {
    var group = lane >> 6
    guard group < usedGroups else { return nil }
    var bits = groups[group] & (~0 << UInt64(lane & 63))
    while bits == 0 {
      group += 1
      guard group < usedGroups else { return nil }
      bits = groups[group]
    }
    return group << 6 | bits.trailingZeroBitCount
  }
}

/// All lanes, in groups of 64, from one lane on and round to it: its group comes first and last, with a part each.
struct LaneRound {
  private let first: Int
  private let groups: Int

  init(from lane: Int, groups: Int) {
    first = lane < groups << 6 ? lane : 0
    self.groups = groups
  }

  var steps: Range<Int> {
    @inline(__always) get { 0..<(groups == 0 ? 0 : groups + 1) }
  }

  @inline(__always)
  func group(_ step: Int) -> Int {
    let ahead = first >> 6 &+ step
    return ahead < groups ? ahead : ahead &- groups
  }

  /// The lanes of the group that the step is for.
  @inline(__always)
  func mask(_ step: Int) -> UInt64 {
    let fromFirst = ~UInt64(0) << UInt64(first & 63)
    if step == 0 { return fromFirst }
    return step == groups ? ~fromFirst : ~0
  }

  /// Where the next round begins when what all share was used up at a lane: there, unless it had all of it.
  @inline(__always)
  func next(endedAt lane: Int) -> Int {
    lane == first ? lane + 1 : lane
  }
}
