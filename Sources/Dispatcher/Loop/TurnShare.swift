/// What all lanes have together in one turn. The lane at which it was used up comes first in the next, so that it has all of
/// that one.
struct TurnShare {
  /// Less than nothing when the last one took more than was left.
  private(set) var left = 0
  private var first = 0

  /// Begins a turn.
  mutating func begin(_ amount: Int, groups: Int) -> LaneRound {
    assert(amount > 0, "a turn in which no lane has anything")
    left = amount
    return LaneRound(from: first, groups: groups)
  }

  @inline(__always)
  mutating func take(_ amount: Int) {
    assert(amount >= 0)
    left -= amount
  }

  /// Notes that a lane had its turn, with as much left before it.
  @inline(__always)
  mutating func finish(_ lane: Int, of round: LaneRound, leftBefore: Int) {
    assert(left <= leftBefore)
    if leftBefore > 0, left <= 0 { first = round.next(endedAt: lane) }
  }
}
