/// Free capacity by worker slot, with the maximum of every aligned group of slots, resource by resource: finds the first
/// worker that has enough in O(log workers), where it is one resource that is short. A group that has enough of each resource
/// on some worker, but of all on none, is looked through in vain.
struct CapacityTree: ~Copyable, Sendable {
  /// The cpu of a slot that holds no worker.
  private static var absent: Int64 { .min }

  private var leafCount = 1
  /// Node 1 is the root, nodes 2n and 2n+1 are the children of n, the leaves come last.
  private var nodes = AmountTable(rows: 2, empty: absent)

  mutating func grow(toSlots count: Int) {
    guard count > leafCount else { return }
    let slots = (0..<leafCount).map { free(at: $0) }
    while leafCount < count { leafCount <<= 1 }
    nodes = AmountTable(rows: leafCount * 2, empty: Self.absent)
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

  /// Does a slot hold a worker that has enough free of all that is asked for?
  func hasRoom(for needed: Amounts, at slot: Int) -> Bool { has(needed, leafCount + slot) }

  /// May there be a worker that has enough? False only if there is none.
  func mayHaveRoom(for needed: Amounts) -> Bool { has(needed, 1) }

  /// - Parameters:
  ///   - total: what each worker has, by slot.
  ///   - committed: what of that is not free.
  mutating func setFree(_ total: borrowing AmountTable, _ committed: borrowing AmountTable, at slot: Int) {
    nodes.widen(to: max(total.width, committed.width))
    set(total[slot, Amounts.cpu] &- committed[slot, Amounts.cpu], Amounts.cpu, at: slot)
    for column in 1..<nodes.width { set(total[slot, column] &- committed[slot, column], column, at: slot) }
  }

  /// Holds on a worker what is asked for, or gives it back.
  mutating func take(_ amounts: Amounts, at slot: Int) {
    nodes.widen(to: amounts.width)
    for column in 0..<amounts.width { set(nodes[leafCount + slot, column] &- amounts[column], column, at: slot) }
  }

  mutating func giveBack(_ amounts: Amounts, at slot: Int) {
    for column in 0..<amounts.width { set(nodes[leafCount + slot, column] &+ amounts[column], column, at: slot) }
  }

  mutating func remove(_ slot: Int) {
    set(Self.absent, Amounts.cpu, at: slot)
    for column in 1..<nodes.width { set(0, column, at: slot) }
  }

  /// Raises each amount to what a worker has free; false for a slot without a worker.
  func raise(_ amounts: inout Amounts, at slot: Int) -> Bool {
    guard nodes[leafCount + slot, Amounts.cpu] != Self.absent else { return false }
    for column in 0..<nodes.width where nodes[leafCount + slot, column] > amounts[column] {
      amounts[column] = nodes[leafCount + slot, column]
    }
    return true
  }

  @inline(__always)
  private mutating func set(_ value: Int64, _ column: Int, at slot: Int) {
    let width = nodes.width
    var node = leafCount &+ slot
    var values = nodes.values.mutableSpan
    guard values[node &* width &+ column] != value else { return }
    values[node &* width &+ column] = value
    while node > 1 {
      let larger = max(values[node &* width &+ column], values[(node ^ 1) &* width &+ column])
      node >>= 1
      if values[node &* width &+ column] == larger { return }
      values[node &* width &+ column] = larger
    }
  }

  /// The first slot at or after `start` that has enough free of all that is asked for.
  func first(withFree needed: Amounts, from start: Int = 0) -> Int? {
    guard start < leafCount else { return nil }
    let (width, columns, leafCount) = (nodes.width, needed.width, leafCount)
    let values = nodes.values.span
    // Of no cpu there is enough wherever there is a worker.
    let cpu = needed.milliCPU == 0 ? Self.absent + 1 : needed.milliCPU
    var node = start == 0 ? 1 : leafCount + start
    while true {
      if values[node &* width] >= cpu, columns == 1 || has(needed, node) {
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

  /// The same of those that are allowed.
  func first(withMostOf resource: Int, free needed: Amounts, where isAllowed: (Int) -> Bool) -> Int? {
    var best: Int?
    search(1, resource, needed, &best, isAllowed)
    return best.map { $0 - leafCount }
  }

  private func search(
    _ node: Int, _ resource: Int, _ needed: Amounts, _ best: inout Int?, _ isAllowed: (Int) -> Bool
  ) {
    guard has(needed, node) else { return }
    if let best {
      let (most, known) = (nodes[node, resource], nodes[best, resource])
      guard most > known || most == known && firstLeaf(of: node) < best else { return }
    }
    guard node < leafCount else {
      if isAllowed(node - leafCount) { best = node }
      return
    }
    let left = node * 2
    let isLeftFirst = nodes[left, resource] >= nodes[left + 1, resource]
    search(isLeftFirst ? left : left + 1, resource, needed, &best, isAllowed)
    search(isLeftFirst ? left + 1 : left, resource, needed, &best, isAllowed)
  }

  private func firstLeaf(of node: Int) -> Int {
    node << (leafCount.trailingZeroBitCount - (Int.bitWidth - 1 - node.leadingZeroBitCount))
  }
}
