/// How many tasks are in each state.
///
/// Indexed memory and not a vector: a vector whose lanes are counted one by one is stored and loaded whole each time.
@frozen
public struct TaskStateCounts: Sendable, BitwiseCopyable {
  @usableFromInline var counts = InlineArray<11, Int32>(repeating: 0)

  @inlinable public init() {}

  @inlinable public subscript(state: TaskState) -> Int {
    get { Int(counts[Int(state.rawValue)]) }
    set { counts[Int(state.rawValue)] = Int32(newValue) }
  }

  @inlinable public var total: Int {
    var total = 0
    for index in counts.indices { total += Int(counts[index]) }
    return total
  }

  /// Tasks that hold capacity.
  @inlinable public var active: Int {
    self[.assigned] + self[.building] + self[.running]
  }

  /// Tasks that no event moves any more.
  @inlinable public var finished: Int {
    total - self[.pending] - active
  }

  @inlinable public mutating func move(from: TaskState, to: TaskState) {
    counts[Int(from.rawValue)] -= 1
    counts[Int(to.rawValue)] += 1
  }

  @inlinable public mutating func subtract(_ other: TaskStateCounts) {
    for index in counts.indices { counts[index] -= other.counts[index] }
  }
}

extension TaskStateCounts: Hashable {
  @inlinable public static func == (left: TaskStateCounts, right: TaskStateCounts) -> Bool {
    left.counts.indices.allSatisfy { left.counts[$0] == right.counts[$0] }
  }

  @inlinable public func hash(into hasher: inout Hasher) {
    for index in counts.indices { hasher.combine(counts[index]) }
  }
}
