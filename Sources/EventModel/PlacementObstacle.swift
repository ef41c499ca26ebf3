/// Why a PENDING task is not placed.
public enum PlacementObstacle: Hashable, Sendable {
  /// No worker is registered.
  case noWorkers
  /// No worker that may get tasks has enough free: of those with enough of what comes before the resource that is short,
  /// `bestWorker` has the most of it. Nil when no worker may get tasks.
  case noCapacity(Shortage, bestWorker: WorkerIdentity?, workersConsidered: Int)
  /// No worker that it may use could hold it, even an empty one: of those with enough of what comes before the resource that is short,
  /// `largestWorker` has the most of it. It waits until a larger worker registers.
  case tooLarge(Shortage, largestWorker: WorkerIdentity, workersConsidered: Int)
  /// Its gang is placed as a whole or not at all, and for so many of its PENDING members there is no room.
  case heldByGang(missingMembers: Int)
  /// Its gang is placed as a whole or not at all, and for so many of its members there would be no room on empty workers.
  case gangTooLarge(missingMembers: Int)
  /// There would be room on silent workers of this zone, which get no tasks while its brake keeps them from being lost.
  case brakeEngaged(zone: String)
  /// It failed so many times and waits before it is tried again; of a gang, one of its members does.
  case backsOff(untilMs: Int64, failures: Int32)
  /// The process of its newest attempt, or of that of a member of its gang, may still run there.
  case stopping(WorkerIdentity)
  /// No worker has the attributes that its job asks for.
  case requirementNotMet(workersConsidered: Int)
  /// There would be room on workers that are draining, this one among them, which this user drained for this reason.
  case draining(WorkerIdentity, by: String?, reason: String?)
  /// There is room on workers that are kept for a job that has waited for long.
  case reserved(job: String)
  /// There is room for it: the scheduler has not come to it yet, or tries again because what it proposed was not
  /// committed.
  case notYetConsidered
  /// There is room for it, and the policy chose not to place it for now.
  case refusedByPolicy
}
