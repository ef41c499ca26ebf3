import EventModel

/// How many tasks are in each state.
///
/// Indexed memory and not a vector: a vector whose lanes are counted one by one is stored and loaded whole each time.
public struct TaskStateCounts: Sendable, BitwiseCopyable {
  private var counts = InlineArray<11, Int32>(repeating: 0)

  public init() {}

  public internal(set) subscript(state: TaskState) -> Int {
    get { Int(counts[Int(state.rawValue)]) }
    set { counts[Int(state.rawValue)] = Int32(newValue) }
  }

  public var total: Int {
    var total = 0
    for index in counts.indices { total += Int(counts[index]) }
    return total
  }

  /// Tasks that hold capacity.
  public var active: Int {
    self[.assigned] + self[.building] + self[.running]
  }

  /// Tasks that no event moves any more.
  public var finished: Int {
    total - self[.pending] - active
  }

  mutating func move(from: TaskState, to: TaskState) {
    counts[Int(from.rawValue)] -= 1
    counts[Int(to.rawValue)] += 1
  }

  mutating func subtract(_ other: TaskStateCounts) {
    for index in counts.indices { counts[index] -= other.counts[index] }
  }
}

extension TaskStateCounts: Hashable {
  public static func == (left: TaskStateCounts, right: TaskStateCounts) -> Bool {
    left.counts.indices.allSatisfy { left.counts[$0] == right.counts[$0] }
  }

  public func hash(into hasher: inout Hasher) {
    for index in counts.indices { hasher.combine(counts[index]) }
  }
}

/// How many jobs are in each state.
public struct JobStateCounts: Hashable, Sendable, BitwiseCopyable {
  private var lanes = SIMD8<Int32>()

  public init() {}

  public internal(set) subscript(state: JobState) -> Int {
    get { Int(lanes[Int(state.rawValue)]) }
    set { lanes[Int(state.rawValue)] = Int32(newValue) }
  }

  public var total: Int { Int(lanes.wrappedSum()) }
}

/// Sums over the whole cluster, kept up to date as events are handled.
public struct Totals: Hashable, Sendable, BitwiseCopyable {
  public internal(set) var workers = 0
  public internal(set) var jobs = JobStateCounts()
  public internal(set) var tasks = TaskStateCounts()
  /// What active tasks hold.
  public internal(set) var committed = Amounts()
  /// What the registered workers have.
  public internal(set) var capacity = Amounts()

  public init() {}

  /// Tasks that wait to be placed.
  public var queueLength: Int { tasks[.pending] }
}
