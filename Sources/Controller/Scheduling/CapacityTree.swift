/// Free capacity by worker slot, with the maximum of every aligned group of slots: finds the first worker that has
/// enough in O(log workers).
struct CapacityTree: ~Copyable, Sendable {
  /// The value of a slot that holds no worker.
  private static var absent: Int32 { .min }

  private var leafCount = 1
  /// Node 1 is the root, nodes 2n and 2n+1 are the children of n, the leaves come last.
  private var nodes: [Int32] = [absent, absent]

  mutating func grow(toSlots count: Int) {
    guard count > leafCount else { return }
    var newLeafCount = leafCount
    while newLeafCount < count { newLeafCount <<= 1 }
    var newNodes = [Int32](repeating: Self.absent, count: newLeafCount * 2)
    for slot in 0..<leafCount {
      newNodes[newLeafCount + slot] = nodes[leafCount + slot]
    }
    for node in stride(from: newLeafCount - 1, to: 0, by: -1) {
      newNodes[node] = max(newNodes[node * 2], newNodes[node * 2 + 1])
    }
    leafCount = newLeafCount
    nodes = newNodes
  }

  /// Sets every slot at once, in O(slots).
  ///
  /// - Parameter free: by slot, in thousandths of a cpu; nil for one that holds no worker.
  mutating func setAll(_ free: [Int64?]) {
    grow(toSlots: free.count)
    for slot in free.indices { nodes[leafCount + slot] = free[slot].map { Int32($0) } ?? Self.absent }
    for node in stride(from: leafCount - 1, to: 0, by: -1) {
      nodes[node] = max(nodes[node * 2], nodes[node * 2 + 1])
    }
  }

  /// Free thousandths of a cpu, negative when more is committed than there is; nil for a slot without a worker.
  func free(at slot: Int) -> Int64? {
    let value = nodes[leafCount + slot]
    return value == Self.absent ? nil : Int64(value)
  }

  mutating func setFree(_ milliCPU: Int64, at slot: Int) {
    set(Int32(milliCPU), at: slot)
  }

  mutating func remove(_ slot: Int) {
    set(Self.absent, at: slot)
  }

  private mutating func set(_ value: Int32, at slot: Int) {
    var node = leafCount + slot
    nodes[node] = value
    while node > 1 {
      let larger = max(nodes[node], nodes[node ^ 1])
      node >>= 1
      if nodes[node] == larger { return }
      nodes[node] = larger
    }
  }

  /// The first slot at or after `start` with at least `milliCPU` free.
  func first(withFree milliCPU: Int64, from start: Int = 0) -> Int? {
    // Above Int32 nobody has enough; below 0 means the same as 0, and never finds an absent slot.
    guard let needed = Int32(exactly: max(milliCPU, 0)), start < leafCount else { return nil }
    var node = start == 0 ? 1 : leafCount + start
    while nodes[node] < needed {
      while node & 1 == 1 { node >>= 1 }
      guard node > 0 else { return nil }
      node += 1
    }
    while node < leafCount {
      node <<= 1
      if nodes[node] < needed { node += 1 }
    }
    return node - leafCount
  }

  /// What the slot with the most has free; below everything when no slot holds a worker.
  var mostFree: Int64 { Int64(nodes[1]) }

  /// The first of the slots that have the most free; nil when no slot holds a worker.
  func firstWithMostFree() -> (slot: Int, freeMilliCPU: Int64)? {
    let most = nodes[1]
    guard most != Self.absent else { return nil }
    var node = 1
    while node < leafCount {
      node <<= 1
      if nodes[node] != most { node += 1 }
    }
    return (node - leafCount, Int64(most))
  }
}
