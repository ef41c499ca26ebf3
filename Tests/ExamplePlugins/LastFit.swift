import Controller
import EventModel

/// Takes the last worker in table order that has enough free of all that a task asks for.
public struct LastFit: SchedulingPolicy {
  /// Workers looked at for one task, so that a large fleet does not hold up the dispatcher.
  private static let workersPerTask = 1000

  public init() {}

  public var name: String { "last-fit" }

  public var asksByShape: Bool { true }

  public mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
    let slots = cluster.workerSlots
    for slot in (max(slots - Self.workersPerTask, 0)..<slots).reversed() {
      if let worker = cluster.worker(atSlot: slot), cluster.mayHave(task, worker) { return worker }
    }
    return nil
  }
}
