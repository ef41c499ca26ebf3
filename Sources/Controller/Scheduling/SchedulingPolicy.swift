import EventModel

/// A PENDING task as a scheduling policy sees it.
public struct TaskToPlace: Hashable, Sendable, BitwiseCopyable {
  public let task: TaskHandle
  public let job: JobHandle
  /// The task's index in its job.
  public let index: Int
  /// What it will hold.
  public let ask: Amounts
  /// Which workers may have it: `ClusterView.constraints(of:)` says it in words.
  public let rule: PlacementRule
  public let priority: Int
  public let isCoscheduled: Bool
  /// Attempts made so far.
  public let attempts: Int
}

/// Chooses workers for tasks. Used by the thread that owns the state; must be deterministic and quick.
public protocol SchedulingPolicy: Sendable {
  var name: String { get }

  /// Does it look at nothing of a task but what it asks for, its constraints, and whether it belongs to a gang? Then a refusal holds
  /// for every task that asks for the same, until capacity is gained, and the queue costs as much as it has shapes.
  /// Otherwise each job is asked for. Not unless said.
  var asksByShape: Bool { get }

  /// The worker that `task` shall run on, or nil when none will do for now; then the other tasks of its job are passed
  /// over in this pass too, and if the policy asks by shape, all that ask for the same. A worker without enough free
  /// capacity, without the attributes, or reserved for others counts as nil.
  mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle?
}

extension SchedulingPolicy {
  public var asksByShape: Bool { false }
}

/// Takes the first worker in table order that has enough free of all that a task asks for.
public struct FirstFit: SchedulingPolicy {
  public init() {}

  public var name: String { "first-fit" }

  public var asksByShape: Bool { true }

  public mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
    cluster.firstWorker(for: task)
  }
}
