/// The state of a job: a total function of its tasks' states, never recomputed once terminal.
@frozen
public enum JobState: UInt8, CaseIterable, Sendable, BitwiseCopyable {
  case pending = 0
  case running = 1
  case succeeded = 2
  case failed = 3
  case killed = 4
  case workerFailed = 5
  case unschedulable = 6

  @inlinable
  public var isTerminal: Bool {
    rawValue >= JobState.succeeded.rawValue
  }

  public var name: String {
    switch self {
    case .pending: "PENDING"
    case .running: "RUNNING"
    case .succeeded: "SUCCEEDED"
    case .failed: "FAILED"
    case .killed: "KILLED"
    case .workerFailed: "WORKER_FAILED"
    case .unschedulable: "UNSCHEDULABLE"
    }
  }

  public init?(name: String) {
    guard let state = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = state
  }
}
