import EventModel

/// What the scheduler has proposed and what it waits with.
///
/// The scheduler's own notes: no part of the state, neither saved nor hashed. What it decides enters as events.
struct PlacementPass: Sendable {
  /// A task whose placement the last call proposed.
  struct ProposedTask: Sendable {
    let task: TaskHandle
    let worker: WorkerHandle
    /// That it had before.
    let attempts: UInt32
  }

  /// A gang whose placement the last call proposed.
  struct ProposedGang: Sendable {
    let job: JobHandle
    /// Its first member that was proposed, and the attempts that this one had before.
    let task: TaskHandle
    let attempts: UInt32
  }

  private struct Hold: Sendable {
    let job: JobHandle
    let untilMs: Int64
  }

  /// The next call looks whether each was committed, members of gangs too, and all of each gang.
  var proposedTasks: [ProposedTask] = []
  var proposedGangs: [ProposedGang] = []
  /// The job that waited for long and whose workers the last call kept for it.
  var reserver: JobHandle?
  /// When a job before that one may have waited for long too, and keep other workers in its place.
  var nextReserverMs = Int64.max
  /// Who has come or gone, gets tasks or none any more, or has other attributes: what a reservation rests on beside its job.
  var fleet = ChangeLog()
  /// The last that was made.
  var reservation = Reservation()
  /// Jobs that were not committed as proposed, in the order in which they may be tried again.
  private var holds: [Hold] = []

  var isSettled: Bool { proposedTasks.isEmpty && proposedGangs.isEmpty }

  mutating func hold(_ job: JobHandle, untilMs: Int64) {
    holds.append(Hold(job: job, untilMs: untilMs))
  }

  /// The jobs that may be tried again at `timeMs`, which are held no longer.
  mutating func takeExpiredHolds(atMs timeMs: Int64) -> [JobHandle] {
    guard hasExpiredHold(atMs: timeMs) else { return [] }
    let expired = holds.prefix { $0.untilMs <= timeMs }.map(\.job)
    holds.removeFirst(expired.count)
    return expired
  }

  func hasExpiredHold(atMs timeMs: Int64) -> Bool {
    holds.first.map { $0.untilMs <= timeMs } == true
  }
}
