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
    let (width, leafCount) = (nodes.width, leafCount)
    var values = nodes.values.mutableSpan
    for node in stride(from: leafCount - 1, to: 0, by: -1) { _ = Self.raise(&values, node, width) }
  }

  /// Makes a node of its children.
  ///
  /// - Returns: whether it is another than before.
  @inline(__always)
  private static func raise(_ values: inout MutableSpan<Int64>, _ node: Int, _ width: Int) -> Bool {
    let (place, left) = (node &* width, node &* width &* 2)
    var isChanged = false
    for column in 0..<width {
      let larger = max(values[left &+ column], values[left &+ width &+ column])
      if values[place &+ column] != larger {
        values[place &+ column] = larger
        isChanged = true
      }
    }
    return isChanged
  }

  /// What is free, negative where more is committed than there is; nil for a slot without a worker.
  func free(at slot: Int) -> Amounts? {
    nodes[leafCount + slot, Amounts.cpu] == Self.absent ? nil : nodes[leafCount + slot]
  }

  /// One resource of what is free.
  func free(_ resource: Int, at slot: Int) -> Int64 { nodes[leafCount + slot, resource] }

  /// The resources that any worker has some of.
  var width: Int { nodes.width }

  /// The most that any worker has of each resource; less than anything when no slot holds a worker.
  var mostFree: Amounts { nodes[1] }

  /// Does a slot hold a worker that has enough free of all that is asked for?
  @inline(__always)
  func hasRoom(for needed: Span<Int64>, at slot: Int) -> Bool { has(needed, leafCount + slot) }

  /// May there be a worker that has enough? False only if there is none.
  func mayHaveRoom(for asks: borrowing AmountTable, _ place: Range<Int>) -> Bool {
    has(asks.values.span.extracting(place), 1)
  }

  /// - Parameters:
  ///   - total: what each worker has, by slot.
  ///   - committed: what of that is not free.
  mutating func setFree(_ total: borrowing AmountTable, _ committed: borrowing AmountTable, at slot: Int) {
    nodes.widen(to: max(total.width, committed.width))
    change(slot) { column, _ in total[slot, column] &- committed[slot, column] }
  }

  /// Holds on a worker what is asked for, or gives it back.
  mutating func take(_ asks: borrowing AmountTable, _ place: Range<Int>, at slot: Int) {
    let amounts = asks.values.span.extracting(place)
    nodes.widen(to: amounts.count)
    change(slot) { column, free in column < amounts.count ? free &- amounts[column] : free }
  }

  mutating func giveBack(_ asks: borrowing AmountTable, _ place: Range<Int>, at slot: Int) {
    let amounts = asks.values.span.extracting(place)
    change(slot) { column, free in column < amounts.count ? free &+ amounts[column] : free }
  }

  mutating func remove(_ slot: Int) {
    change(slot) { column, _ in column == Amounts.cpu ? Self.absent : 0 }
  }

  /// Raises each amount to what a worker has free; false for a slot without a worker.
  func raise(_ amounts: inout Amounts, at slot: Int) -> Bool {
    guard nodes[leafCount + slot, Amounts.cpu] != Self.absent else { return false }
    amounts.raise(to: nodes.values.span.extracting(nodes.place(leafCount + slot)))
    return true
  }

  /// - Parameter value: of a column, by what it was.
  @inline(__always)
  private mutating func change(_ slot: Int, _ value: (Int, Int64) -> Int64) {
    let width = nodes.width
    var node = leafCount &+ slot
    if width == 1 { return setOnly(value(Amounts.cpu, nodes.values[node]), node) }
    var values = nodes.values.mutableSpan
    var isChanged = false
    for column in 0..<width {
      let before = values[node &* width &+ column]
      let now = value(column, before)
      if now != before {
        values[node &* width &+ column] = now
        isChanged = true
      }
    }
    while isChanged, node > 1 {
      node >>= 1
      isChanged = Self.raise(&values, node, width)
    }
  }

  /// The same where workers have nothing but cpu.
  @inline(__always)
  private mutating func setOnly(_ value: Int64, _ leaf: Int) {
    var node = leaf
    var values = nodes.values.mutableSpan
    guard values[node] != value else { return }
    values[node] = value
    while node > 1 {
      let larger = max(values[node], values[node ^ 1])
      node >>= 1
      if values[node] == larger { return }
      values[node] = larger
    }
  }

  /// The first slot at or after `start` that has enough free of all that is asked for.
  func first(withFree needed: Span<Int64>, from start: Int = 0) -> Int? {
    guard start < leafCount else { return nil }
    let (width, leafCount) = (nodes.width, leafCount)
    let values = nodes.values.span
    // Of no cpu there is enough wherever there is a worker.
    let cpu = needed[Amounts.cpu] == 0 ? Self.absent + 1 : needed[Amounts.cpu]
    var node = start == 0 ? 1 : leafCount + start
    while true {
      if values[node &* width] >= cpu, needed.count == 1 || Self.has(needed, beside: node, values, width) {
        if node >= leafCount { return node - leafCount }
        node <<= 1
      } else {
        while node & 1 == 1 { node >>= 1 }
        guard node > 0 else { return nil }
        node += 1
      }
    }
  }

  /// Has a node enough of all but cpu?
  @inline(__always)
  private static func has(_ needed: Span<Int64>, beside node: Int, _ values: Span<Int64>, _ width: Int) -> Bool {
    let place = node &* width
    for column in 1..<needed.count where needed[column] > 0 {
      guard column < width, needed[column] <= values[place &+ column] else { return false }
    }
    return true
  }

  @inline(__always)
  private func has(_ needed: Span<Int64>, _ node: Int) -> Bool {
    let free = nodes[node, Amounts.cpu]
    guard needed[Amounts.cpu] <= free || needed[Amounts.cpu] == 0 && free > Self.absent else { return false }
    return Self.has(needed, beside: node, nodes.values.span, nodes.width)
  }

  /// The first of the slots that have the most of a resource free, of those that have enough of all that is asked for.
  func first(withMostOf resource: Int, free needed: Span<Int64>) -> Int? {
    var best: Int?
    search(1, resource, needed, &best)
    return best.map { $0 - leafCount }
  }

  /// Looks into the half first that has more, and into the other one unless it cannot be better.
  private func search(_ node: Int, _ resource: Int, _ needed: Span<Int64>, _ best: inout Int?) {
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
  func first(withMostOf resource: Int, free needed: Span<Int64>, where isAllowed: (Int) -> Bool) -> Int? {
    var best: Int?
    search(1, resource, needed, &best, isAllowed)
    return best.map { $0 - leafCount }
  }

  private func search(
    _ node: Int, _ resource: Int, _ needed: Span<Int64>, _ best: inout Int?, _ isAllowed: (Int) -> Bool
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
