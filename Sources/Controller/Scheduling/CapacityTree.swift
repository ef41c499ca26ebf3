/// Free capacity by worker slot, with the maximum of every aligned group of slots, resource by resource: finds the first
/// worker that has enough. O(log workers) where one resource decides; where none has too little in a group and no worker of
/// it has enough of all, it looks further into that group.
struct CapacityTree: ~Copyable, Sendable {
  /// The value of a slot that holds no worker.
  private static var absent: Int64 { .min }

  private var leafCount = 1
  /// Numbers of resources that each node has: cpu, memory and as many kinds of devices as some worker had.
  private var width = Amounts.firstDevice
  /// Node 1 is the root, nodes 2n and 2n+1 are the children of n, the leaves come last.
  private var nodes = [Int64](repeating: absent, count: 2 * Amounts.firstDevice)

  mutating func grow(toSlots count: Int) {
    var newLeafCount = leafCount
    while newLeafCount < count { newLeafCount <<= 1 }
    if newLeafCount > leafCount { rebuild(leafCount: newLeafCount, width: width) }
  }

  private mutating func rebuild(leafCount newLeafCount: Int, width newWidth: Int) {
    var newNodes = [Int64](repeating: Self.absent, count: newLeafCount * 2 * newWidth)
    for slot in 0..<leafCount {
      let isAbsent = nodes[(leafCount + slot) * width] == Self.absent
      for resource in 0..<newWidth where !isAbsent {
        let value = resource < width ? nodes[(leafCount + slot) * width + resource] : 0
        newNodes[(newLeafCount + slot) * newWidth + resource] = value
      }
    }
    (leafCount, width, nodes) = (newLeafCount, newWidth, newNodes)
    findMaxima()
  }

  private mutating func findMaxima() {
    for index in stride(from: leafCount * width - 1, through: width, by: -1) {
      let node = index / width
      let left = node * width + index
      nodes[index] = max(nodes[left], nodes[left + width])
    }
  }

  /// Sets every slot at once, in O(slots).
  ///
  /// - Parameter free: by slot; nil for one that holds no worker.
  mutating func setAll(_ free: [Amounts?]) {
    grow(toSlots: free.count)
    let newWidth = free.reduce(width) { max($0, $1?.bound ?? 0) }
    if newWidth > width { rebuild(leafCount: leafCount, width: newWidth) }
    for slot in free.indices {
      for resource in 0..<width {
        nodes[(leafCount + slot) * width + resource] = free[slot].map { $0[resource] } ?? Self.absent
      }
    }
    findMaxima()
  }

  /// What is free, negative where more is committed than there is; nil for a slot without a worker.
  func free(at slot: Int) -> Amounts? {
    let free = amounts(ofNode: leafCount + slot)
    return free.milliCPU == Self.absent ? nil : free
  }

  /// The most that any worker has of each resource; less than anything when no slot holds a worker.
  var mostFree: Amounts { amounts(ofNode: 1) }

  @inline(__always)
  private func amounts(ofNode node: Int) -> Amounts {
    let first = node * width
    var amounts = Amounts(milliCPU: nodes[first], memoryBytes: nodes[first + Amounts.memory])
    for resource in Amounts.firstDevice..<width { amounts[resource] = nodes[first + resource] }
    return amounts
  }

  mutating func setFree(_ free: Amounts, at slot: Int) {
    if free.bound > width { rebuild(leafCount: leafCount, width: free.bound) }
    set(free.milliCPU, of: Amounts.cpu, at: slot)
    set(free.memoryBytes, of: Amounts.memory, at: slot)
    for resource in Amounts.firstDevice..<width { set(free[resource], of: resource, at: slot) }
  }

  mutating func remove(_ slot: Int) {
    for resource in 0..<width { set(Self.absent, of: resource, at: slot) }
  }

  @inline(__always)
  private mutating func set(_ value: Int64, of resource: Int, at slot: Int) {
    var node = leafCount + slot
    guard nodes[node * width + resource] != value else { return }
    nodes[node * width + resource] = value
    while node > 1 {
      let larger = max(nodes[node * width + resource], nodes[(node ^ 1) * width + resource])
      node >>= 1
      if nodes[node * width + resource] == larger { return }
      nodes[node * width + resource] = larger
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
    let first = node * width
    let free = nodes[first]
    guard needed.milliCPU <= free || needed.milliCPU == 0 && free > Self.absent else { return false }
    guard needed.memoryBytes <= nodes[first + Amounts.memory] || needed.memoryBytes == 0 else { return false }
    guard needed.bound > Amounts.firstDevice else { return true }
    return hasDevices(needed, first)
  }

  private func hasDevices(_ needed: Amounts, _ first: Int) -> Bool {
    for resource in Amounts.firstDevice..<needed.bound where needed[resource] != 0 {
      guard resource < width, needed[resource] <= nodes[first + resource] else { return false }
    }
    return true
  }

  /// The first of the slots that have the most of a resource free, of those that have enough of all that is asked for.
  func first(withMostOf resource: Int, free needed: Amounts) -> Int? {
    guard resource < width else { return first(withFree: needed) }
    var best: Int?
    search(1, resource, needed, &best)
    return best.map { $0 - leafCount }
  }

  /// Looks into the larger half first, and into the other one unless it cannot be better.
  private func search(_ node: Int, _ resource: Int, _ needed: Amounts, _ best: inout Int?) {
    guard has(needed, node) else { return }
    if let best {
      let (most, known) = (nodes[node * width + resource], nodes[best * width + resource])
      guard most > known || most == known && firstLeaf(of: node) < best else { return }
    }
    guard node < leafCount else { return best = node }
    let left = node * 2
    let isLeftFirst = nodes[left * width + resource] >= nodes[(left + 1) * width + resource]
    search(isLeftFirst ? left : left + 1, resource, needed, &best)
    search(isLeftFirst ? left + 1 : left, resource, needed, &best)
  }

  private func firstLeaf(of node: Int) -> Int {
    node << (leafCount.trailingZeroBitCount - (Int.bitWidth - 1 - node.leadingZeroBitCount))
  }
}
