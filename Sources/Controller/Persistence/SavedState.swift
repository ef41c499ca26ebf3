import EventModel

/// Everything that a controller must remember, as plain values.
///
/// Nothing in it can be derived from the rest: the queue, the running sets, committed capacity and all counts are
/// rebuilt. Slots and generations are kept, so handles mean the same afterwards and later events make the same
/// transactions as they would have.
public struct SavedState: Hashable, Sendable {
  public var nowMs: Int64 = 0
  public var lastTransactionNumber: UInt64 = 0
  public var lastInsertionNumber: UInt64 = 0
  /// In the order of the zones.
  public var brakes: [ZoneBrake] = []
  /// The generation of every slot of the table, free ones too.
  public var workerGenerations: [UInt32] = []
  /// Free slots; the last is the first to be reused.
  public var freeWorkerSlots: [UInt32] = []
  /// In table order.
  public var workers: [SavedWorker] = []
  /// What people read about each of them.
  public var workerDetails: [WorkerDetail] = []
  /// The names of workers, as `SavedWorker` and `SavedAttempt` number them: those that are registered and those that
  /// attempts outlived. In the order of their first mention.
  public var workerNames: [String] = []
  public var jobGenerations: [UInt32] = []
  public var freeJobSlots: [UInt32] = []
  /// In table order.
  public var jobs: [SavedJob] = []
  /// Those of each job in index order, job after job.
  public var tasks: [SavedTask] = []
  /// Those of each task in the order of their numbers, task after task.
  public var attempts: [SavedAttempt] = []
  /// The errors of tasks and attempts, as those number them, in the order of their first mention.
  public var errors: [String] = []
  public var taskGenerations: [UInt32] = []
  /// Of the free runs of one size, the last is the first to be reused.
  public var freeTaskRuns: [SavedTaskRun] = []
  /// In the order of the names.
  public var endpoints: [SavedEndpoint] = []

  /// In the order of the names.
  public var drains: [SavedDrain] = []

  /// In the order of the slots.
  public var earlierAssignments: [SavedAssignment] = []
  /// How long workers may be silent that may not have heard that it is less now.
  public var formerTimeoutMs: Int64?

  public init() {}

  /// In the place of a text's number: there is none.
  public static let noText = UInt32.max
}
