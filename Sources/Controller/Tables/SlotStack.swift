/// Free slots, the last freed on top, with the sum of the digests of its entries.
struct SlotStack: ~Copyable, Sendable {
  private let domain: StateDigest.Domain
  private(set) var slots: [UInt32] = []
  private(set) var digestSum: UInt64 = 0

  init(_ domain: StateDigest.Domain) {
    self.domain = domain
  }

  mutating func push(_ slot: UInt32) {
    digestSum &+= StateDigest.ofEntry(domain, position: slots.count, UInt64(slot))
    slots.append(slot)
  }

  mutating func pop() -> UInt32? {
    guard let slot = slots.popLast() else { return nil }
    digestSum &-= StateDigest.ofEntry(domain, position: slots.count, UInt64(slot))
    return slot
  }

  mutating func replaceAll(with slots: [UInt32]) {
    self.slots.removeAll()
    digestSum = 0
    for slot in slots { push(slot) }
  }

  /// The sum, made of the entries alone.
  var recomputedDigestSum: UInt64 {
    slots.indices.reduce(0) { $0 &+ StateDigest.ofEntry(domain, position: $1, UInt64(slots[$1])) }
  }
}
