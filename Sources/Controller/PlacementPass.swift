import EventModel

/// How far the present pass over the queue has come, and whether another is called for.
///
/// The scheduler's own notes: no part of the state, neither saved nor hashed. What it decides enters as events.
struct PlacementPass: Sendable {
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

  /// Where the pass goes on: a job and the slot of one of its tasks; nil at the head of the queue.
  var resumeKey: QueueKey?
  var resumeTask = 0
  var isUnderWay = false
  /// Since the pass began, a task became PENDING, capacity was gained, or both.
  private(set) var hasChanged = false
  /// The next call looks whether all of each was committed.
  var proposedGangs: [ProposedGang] = []
  /// Gangs that were not committed as a whole, in the order in which they may be tried again.
  private var holds: [Hold] = []

  mutating func noteChange() {
    hasChanged = true
  }

  mutating func begin() {
    guard !isUnderWay else { return }
    isUnderWay = true
    hasChanged = false
    resumeKey = nil
  }

  mutating func suspend(at key: QueueKey, task: Int) {
    resumeKey = key
    resumeTask = task
  }

  mutating func end() {
    isUnderWay = false
    resumeKey = nil
  }

  mutating func hold(_ job: JobHandle, untilMs: Int64) {
    holds.append(Hold(job: job, untilMs: untilMs))
  }

  /// The gangs that may be tried again at `timeMs`, which are held no longer.
  mutating func takeExpiredHolds(atMs timeMs: Int64) -> [JobHandle] {
    let expired = holds.prefix { $0.untilMs <= timeMs }.map(\.job)
    holds.removeFirst(expired.count)
    return expired
  }

  func isCalledFor(atMs timeMs: Int64) -> Bool {
    isUnderWay || hasChanged || holds.first.map { $0.untilMs <= timeMs } == true
  }
}
