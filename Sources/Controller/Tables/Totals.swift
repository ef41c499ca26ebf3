import EventModel

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
  /// Tasks whose newest attempts stop.
  public internal(set) var stopping = 0
  /// What active tasks hold, and those that stop.
  public internal(set) var committed = Amounts()
  /// What the registered workers have.
  public internal(set) var capacity = Amounts()

  public init() {}

  /// Tasks that wait to be placed.
  public var queueLength: Int { tasks[.pending] }
}
