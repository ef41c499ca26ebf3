/// A set of slots of the table of workers, one bit each, that can be copied.
struct WorkerSet: Sendable {
  private(set) var words: [UInt64] = []

  subscript(slot: Int) -> Bool {
    get { slot >> 6 < words.count && words[slot >> 6] >> UInt64(slot & 63) & 1 == 1 }
    set {
      while words.count <= slot >> 6 { words.append(0) }
      let bit: UInt64 = 1 << UInt64(slot & 63)
      if newValue { words[slot >> 6] |= bit } else { words[slot >> 6] &= ~bit }
    }
  }

  /// The bits of 64 slots; none beyond the last.
  @inline(__always)
  func word(_ index: Int) -> UInt64 { index < words.count ? words[index] : 0 }
}
