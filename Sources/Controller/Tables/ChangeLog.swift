/// The workers at which something changed lately: whoever has looked at all of them before need look only at these.
struct ChangeLog: Sendable {
  private static var capacity: UInt64 { 64 }

  private var slots = InlineArray<64, UInt32>(repeating: noSlot)
  /// Changes so far.
  private(set) var count: UInt64 = 0

  mutating func note(_ slot: Int) {
    slots[Int(truncatingIfNeeded: count % Self.capacity)] = UInt32(slot)
    count &+= 1
  }

  /// Anything may have changed anywhere.
  mutating func noteAll() { count &+= Self.capacity + 1 }

  /// Is it known what has changed since there were `count` changes?
  @inline(__always)
  func reaches(_ count: UInt64) -> Bool { self.count &- count <= Self.capacity }

  /// The worker of one of the newest changes.
  @inline(__always)
  subscript(number: UInt64) -> Int { Int(slots[Int(truncatingIfNeeded: number % Self.capacity)]) }
}
