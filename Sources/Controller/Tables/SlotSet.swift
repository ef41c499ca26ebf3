/// A position that holds no row.
let noSlot = UInt32.max

/// A set of table slots, one bit each.
///
/// The tasks of a job are neighbours in their table, so a job's part of the set is a short run of words.
struct SlotSet: ~Copyable, Sendable {
  private var words: [UInt64] = []

  mutating func grow(toSlots count: Int) {
    let needed = (count + 63) >> 6
    if needed > words.count {
      words.append(contentsOf: repeatElement(0, count: needed - words.count))
    }
  }

  @inline(__always)
  mutating func insert(_ slot: Int) {
    words[slot >> 6] |= 1 << UInt64(slot & 63)
  }

  mutating func insert(_ slots: Range<Int>) {
    for slot in slots {
      insert(slot)
    }
  }

  @inline(__always)
  mutating func remove(_ slot: Int) {
    words[slot >> 6] &= ~(1 << UInt64(slot & 63))
  }

  mutating func removeAll() {
    for word in words.indices { words[word] = 0 }
  }

  /// A slot beyond those that it was grown to is not in it.
  @inline(__always)
  func contains(_ slot: Int) -> Bool {
    slot >> 6 < words.count && words[slot >> 6] >> UInt64(slot & 63) & 1 == 1
  }

  /// The first member of `slots`, nil when there is none.
  func first(in slots: Range<Int>) -> Int? {
    Self.first(in: slots) { words[$0] }
  }

  /// The first of `slots` that is in this set or in another of the same size; nil when there is none.
  func first(in slots: Range<Int>, orOf other: borrowing SlotSet) -> Int? {
    let others = other.words
    return Self.first(in: slots) { words[$0] | others[$0] }
  }

  @inline(__always)
  private static func first(in slots: Range<Int>, _ wordAt: (Int) -> UInt64) -> Int? {
    guard !slots.isEmpty else { return nil }
    var word = slots.lowerBound >> 6
    let lastWord = (slots.upperBound - 1) >> 6
    var bits = wordAt(word) & (~0 << UInt64(slots.lowerBound & 63))
    while bits == 0 {
      word += 1
      guard word <= lastWord else { return nil }
      bits = wordAt(word)
    }
    let slot = word << 6 + bits.trailingZeroBitCount
    return slot < slots.upperBound ? slot : nil
  }
}

/// A set that has no members most of the time.
struct CountedSlotSet: ~Copyable, Sendable {
  private var slots = SlotSet()
  private(set) var count = 0

  mutating func grow(toSlots count: Int) { slots.grow(toSlots: count) }

  mutating func insert(_ slot: Int) {
    if !slots.contains(slot) { count += 1 }
    slots.insert(slot)
  }

  mutating func remove(_ slot: Int) {
    guard contains(slot) else { return }
    count -= 1
    slots.remove(slot)
  }

  @inline(__always)
  func contains(_ slot: Int) -> Bool { count > 0 && slots.contains(slot) }

  func first(in range: Range<Int>) -> Int? { count > 0 ? slots.first(in: range) : nil }
}
