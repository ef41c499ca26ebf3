import Controller
import EventModel

/// Answers every question with nonsense: workers that are gone, that never were, that are full, and now and then a good
/// one. Shows that a dispatcher outlives the policy it is given.
public struct HostilePolicy: SchedulingPolicy {
  private var questions = 0
  private var seen: [WorkerHandle] = []

  public init() {}

  public var name: String { "hostile" }

  public mutating func worker(for task: TaskToPlace, on cluster: borrowing ClusterView) -> WorkerHandle? {
    questions += 1
    let known = cluster.worker(atSlot: questions % max(cluster.workerSlots, 1))
    if let known, seen.count < 64 { seen.append(known) }
    switch questions % 5 {
    case 0: return WorkerHandle(index: .max, generation: .max)
    case 1: return seen.isEmpty ? WorkerHandle.none : seen[questions % seen.count]
    case 2: return known.map { WorkerHandle(index: $0.index, generation: $0.generation &+ 1) }
    case 3: return known
    default: return nil
    }
  }
}
