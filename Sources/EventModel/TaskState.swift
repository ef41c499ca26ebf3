/// The state of a task, and of each of its attempts.
@frozen
public enum TaskState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case pending = 0
  case assigned = 1
  case building = 2
  case running = 3
  case succeeded = 4
  case failed = 5
  case killed = 6
  case workerFailed = 7
  case unschedulable = 8
  case preempted = 9
  case coscheduledFailed = 10

  /// Finished: no event moves it any more.
  @inlinable
  public var isTerminal: Bool {
    rawValue >= TaskState.succeeded.rawValue
  }

  /// Holds capacity on a worker.
  @inlinable
  public var isActive: Bool {
    rawValue >= TaskState.assigned.rawValue && rawValue <= TaskState.running.rawValue
  }

  /// Its process has started: losing it is charged to the task's budget.
  @inlinable
  public var isExecuting: Bool {
    self == .building || self == .running
  }

  public var name: String {
    switch self {
    case .pending: "PENDING"
    case .assigned: "ASSIGNED"
    case .building: "BUILDING"
    case .running: "RUNNING"
    case .succeeded: "SUCCEEDED"
    case .failed: "FAILED"
    case .killed: "KILLED"
    case .workerFailed: "WORKER_FAILED"
    case .unschedulable: "UNSCHEDULABLE"
    case .preempted: "PREEMPTED"
    case .coscheduledFailed: "COSCHED_FAILED"
    }
  }

  public init?(name: String) {
    guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = state
  }
}
