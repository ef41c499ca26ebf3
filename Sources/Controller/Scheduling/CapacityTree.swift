/// Free capacity by worker slot, with the maximum of every aligned group of slots, resource by resource: finds the first
/// worker that has enough in O(log workers), where it is one resource that is short. A group that has enough of each resource
/// on some worker, but of all on none, is looked through in vain.
struct CapacityTree: ~Copyable, Sendable {
  /// The cpu of a slot that holds no worker.
  private static var absent: Int64 { .min }

  private var leafCount = 1
  /// Node 1 is the root, nodes 2n and 2n+1 are the children of n, the leaves come last.
  private var nodes = AmountTable(empty: absent)

  init() {
    nodes.grow(toRows: 2)
  }

  mutating func grow(toSlots count: Int) {
    guard count > leafCount else { return }
    let slots = (0..<leafCount).map { free(at: $0) }
    while leafCount < count { leafCount <<= 1 }
    nodes = AmountTable(empty: Self.absent)
    nodes.grow(toRows: leafCount * 2)
    setAll(slots)
  }

  /// Sets the first slots at once, in O(slots).
  ///
  /// - Parameter free: by slot; nil for one that holds no worker.
  mutating func setAll(_ free: [Amounts?]) {
    grow(toSlots: free.count)
    for (slot, free) in free.enumerated() { nodes[leafCount + slot] = free ?? .none }
    for node in stride(from: leafCount - 1, to: 0, by: -1) {
      for column in 0..<nodes.width { nodes[node, column] = larger(node * 2, column) }
    }
  }

  @inline(__always)
  private func larger(_ node: Int, _ column: Int) -> Int64 {
    max(nodes[node, column], nodes[node ^ 1, column])
  }

  /// What is free, negative where more is committed than there is; nil for a slot without a worker.
  func free(at slot: Int) -> Amounts? {
    nodes[leafCount + slot, Amounts.cpu] == Self.absent ? nil : nodes[leafCount + slot]
  }

  /// The most that any worker has of each resource; less than anything when no slot holds a worker.
  var mostFree: Amounts { nodes[1] }

  mutating func setFree(_ free: Amounts, at slot: Int) {
    nodes.widen(to: free.width)
    for column in 0..<nodes.width { set(free[column], column, at: slot) }
  }

  mutating func remove(_ slot: Int) {
    setFree(.none, at: slot)
  }

  @inline(__always)
  private mutating func set(_ value: Int64, _ column: Int, at slot: Int) {
    var node = leafCount + slot
    guard nodes[node, column] != value else { return }
    nodes[node, column] = value
    while node > 1 {
      let larger = larger(node, column)
      node >>= 1
      if nodes[node, column] == larger { return }
      nodes[node, column] = larger
    }
  }

  /// The first slot at or after `start` that has enough free of all that is asked for.
  func first(withFree needed: Amounts, from start: Int = 0) -> Int? {
    guard start < leafCount else { return nil }
    var node = start == 0 ? 1 : leafCount + start
    while true {
      if has(needed, node) {
        if node >= leafCount { return node - leafCount }
        node <<= 1
      } else {
        while node & 1 == 1 { node >>= 1 }
        guard node > 0 else { return nil }
        node += 1
      }
    }
  }

  @inline(__always)
  private func has(_ needed: Amounts, _ node: Int) -> Bool {
    let free = nodes[node, Amounts.cpu]
    guard needed.milliCPU <= free || needed.milliCPU == 0 && free > Self.absent else { return false }
    for column in 1..<needed.width where needed[column] > nodes[node, column] && needed[column] != 0 { return false }
    return true
  }

  /// The first of the slots that have the most of a resource free, of those that have enough of all that is asked for.
  func first(withMostOf resource: Int, free needed: Amounts) -> Int? {
    var best: Int?
    search(1, resource, needed, &best)
    return best.map { $0 - leafCount }
  }

  /// Looks into the half first that has more, and into the other one unless it cannot be better.
  private func search(_ node: Int, _ resource: Int, _ needed: Amounts, _ best: inout Int?) {
    guard has(needed, node) else { return }
    if let best {
      let (most, known) = (nodes[node, resource], nodes[best, resource])
      guard most > known || most == known && firstLeaf(of: node) < best else { return }
    }
    guard node < leafCount else { return best = node }
    let left = node * 2
    let isLeftFirst = nodes[left, resource] >= nodes[left + 1, resource]
    search(isLeftFirst ? left : left + 1, resource, needed, &best)
    search(isLeftFirst ? left + 1 : left, resource, needed, &best)
  }

  private func firstLeaf(of node: Int) -> Int {
    node << (leafCount.trailingZeroBitCount - (Int.bitWidth - 1 - node.leadingZeroBitCount))
  }
}
