import EventModel

/// Takes the worker with the most cpu free, the first of them in table order, so that load spreads and the largest gaps
/// are used up first. O(log workers).
///
/// Load is what is left in thousandths of a cpu, not a share of the worker's size. A worker that lacks something else is
/// passed over.
public struct LeastLoaded: SchedulingPolicy {
  public init() {}

  public var name: String { "least-loaded" }

  public var asksByShape: Bool { true }

  public mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
    cluster.leastLoadedWorker(for: task)
  }
}
