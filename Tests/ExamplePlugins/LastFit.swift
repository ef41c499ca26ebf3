import Controller
import EventModel

/// Takes the last worker in table order that has enough cpu free.
public struct LastFit: SchedulingPolicy {
  /// Workers looked at for one task, so that a large fleet does not hold up the dispatcher.
  private static let workersPerTask = 1000

  public init() {}

  public var name: String { "last-fit" }

  public var asksByShape: Bool { true }

  public mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
    let slots = cluster.workerSlots
    for slot in (max(slots - Self.workersPerTask, 0)..<slots).reversed() {
      guard let worker = cluster.worker(atSlot: slot), let free = cluster.freeMilliCPU(of: worker) else { continue }
      if free >= task.milliCPU { return worker }
    }
    return nil
  }
}
