import EventModel

/// A PENDING task as a scheduling policy sees it.
public struct TaskToPlace: Hashable, Sendable, BitwiseCopyable {
  public let task: TaskHandle
  public let job: JobHandle
  /// The task's index in its job.
  public let index: Int
  /// Thousandths of a cpu that it will hold.
  public let milliCPU: Int64
  public let isCoscheduled: Bool
  /// Attempts made so far.
  public let attempts: Int
}

/// Chooses workers for tasks. Used by the thread that owns the state; must be deterministic and quick.
public protocol SchedulingPolicy: Sendable {
  var name: String { get }

  /// The worker that `task` shall run on, or nil when none will do for now; then the other tasks of its job are passed
  /// over in this pass too. A worker without enough free capacity counts as nil.
  mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle?
}

/// Takes the first worker in table order that has enough cpu free. O(log workers).
public struct FirstFit: SchedulingPolicy {
  public init() {}

  public var name: String { "first-fit" }

  public mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
    cluster.firstWorker(withFreeMilliCPU: task.milliCPU)
  }
}
