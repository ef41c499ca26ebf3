import EventModel

/// A job's place in the queue: higher priorities first, then deeper jobs, then the older root, the older job, the earlier submission.
struct QueueKey: Comparable, BitwiseCopyable, Sendable {
  /// Of priority and depth.
  let negatedRank: Int32
  let job: UInt32
  let rootSubmittedMs: Int64
  let submittedMs: Int64
  let insertionNumber: UInt64

  /// More than there are depths.
  private static var depths: Int32 { Int32(Limits.jobDepth) * 2 }

  /// Before every job.
  static let first = QueueKey(
    negatedRank: .min, job: noSlot, rootSubmittedMs: .min, submittedMs: .min, insertionNumber: 0)

  private init(negatedRank: Int32, job: UInt32, rootSubmittedMs: Int64, submittedMs: Int64, insertionNumber: UInt64) {
    self.negatedRank = negatedRank
    self.job = job
    self.rootSubmittedMs = rootSubmittedMs
    self.submittedMs = submittedMs
    self.insertionNumber = insertionNumber
  }

  init(job: Int, _ row: JobRow) {
    self.job = UInt32(job)
    self.negatedRank = -(Int32(row.priority) * Self.depths + row.depth)
    self.rootSubmittedMs = row.rootSubmittedMs
    self.submittedMs = row.submittedMs
    self.insertionNumber = row.insertionNumber
  }

  static func < (left: QueueKey, right: QueueKey) -> Bool {
    if left.negatedRank != right.negatedRank { return left.negatedRank < right.negatedRank }
    if left.rootSubmittedMs != right.rootSubmittedMs { return left.rootSubmittedMs < right.rootSubmittedMs }
    if left.submittedMs != right.submittedMs { return left.submittedMs < right.submittedMs }
    return left.insertionNumber < right.insertionNumber
  }
}

/// A job with PENDING tasks and a scheduling deadline, the earliest deadline first.
struct DeadlineKey: Comparable, BitwiseCopyable, Sendable {
  let deadlineMs: Int64
  let insertionNumber: UInt64
  let job: UInt32

  static func < (left: DeadlineKey, right: DeadlineKey) -> Bool {
    if left.deadlineMs != right.deadlineMs { return left.deadlineMs < right.deadlineMs }
    return left.insertionNumber < right.insertionNumber
  }
}
