import CRingmaster
import EventModel

/// The first row of an explanation: what it is about, how far back it goes, and what a task may still spend and waits for.
public struct ExplanationRow: Sendable, Hashable {
  public let subject: Subject
  /// When not, the entity is gone and only the transaction log tells of it.
  public let isPresent: Bool
  public let reach: ExplanationReach
  /// The controller's clock when the explanation was made.
  public let nowMs: Int64
  /// The number of the oldest transaction in the log; nil when it is empty.
  public let firstTransaction: UInt64?
  /// Of a task, those too old to be sent included.
  public let attempts: UInt32
  /// nil unless it is a task.
  public let budgets: TaskBudgets?
  /// Why a PENDING task is not placed.
  public let obstacle: PlacementObstacle?

  public init(
    subject: Subject, isPresent: Bool, reach: ExplanationReach, nowMs: Int64, firstTransaction: UInt64?,
    attempts: UInt32, budgets: TaskBudgets?, obstacle: PlacementObstacle?
  ) {
    self.subject = subject
    self.isPresent = isPresent
    self.reach = reach
    self.nowMs = nowMs
    self.firstTransaction = firstTransaction
    self.attempts = attempts
    self.budgets = budgets
    self.obstacle = obstacle
  }
}

extension RecordWriter {
  mutating func encode(_ row: ExplanationRow, _ head: inout rm_result_head) {
    head.code = QueryEntity.explanation.rawValue
    head.subject_type = row.subject.wireType
    head.subject = row.subject.rawHandle
    head.task_index = row.subject.wireTaskIndex
    var numbers = rm_explanation_numbers()
    numbers.now_ms = row.nowMs
    numbers.first_transaction = row.firstTransaction ?? 0
    numbers.attempts = row.attempts
    numbers.reach = row.reach.rawValue
    numbers.is_present = row.isPresent ? 1 : 0
    numbers.failures_used = row.budgets?.failures.used ?? 0
    numbers.failures_limit = row.budgets?.failures.limit ?? -1
    numbers.preemptions_used = row.budgets?.preemptions.used ?? 0
    numbers.preemptions_limit = row.budgets?.preemptions.limit ?? -1
    numbers.deliveries_used = row.budgets?.deliveries.used ?? 0
    numbers.deliveries_limit = row.budgets?.deliveries.limit ?? -1
    numbers.scheduling_deadline_ms = row.budgets?.schedulingDeadlineMs ?? -1
    var zone: String?
    var best: WorkerIdentity?
    var missing: Shortage?
    switch row.obstacle {
    case nil: numbers.obstacle = UInt8(RM_OBSTACLE_NONE)
    case .noWorkers: numbers.obstacle = UInt8(RM_OBSTACLE_NO_WORKERS)
    case .noCapacity(let shortage, let bestWorker, let workersConsidered):
      numbers.obstacle = UInt8(RM_OBSTACLE_NO_CAPACITY)
      missing = shortage
      numbers.obstacle_count = UInt32(clamping: workersConsidered)
      best = bestWorker
    case .heldByGang(let missingMembers):
      numbers.obstacle = UInt8(RM_OBSTACLE_GANG)
      numbers.obstacle_count = UInt32(clamping: missingMembers)
    case .brakeEngaged(let braked):
      numbers.obstacle = UInt8(RM_OBSTACLE_BRAKE)
      zone = braked
    case .notYetConsidered: numbers.obstacle = UInt8(RM_OBSTACLE_NOT_CONSIDERED)
    case .refusedByPolicy: numbers.obstacle = UInt8(RM_OBSTACLE_POLICY)
    }
    head.object = best?.handle.rawValue ?? 0
    begin(head)
    append(RM_TAG_SUBJECT_NAME, row.subject.wireName)
    append(RM_TAG_ROW_NUMBERS, value: numbers)
    append(RM_TAG_ZONE, zone)
    append(RM_TAG_WORKER_NAME, best?.name)
    append(missing)
  }
}

extension ExplanationRow {
  init(_ head: rm_result_head, _ fields: RowFields) throws(CodecError) {
    let numbers = try fields.numbers(as: rm_explanation_numbers.self)
    guard let reach = ExplanationReach(rawValue: numbers.reach) else {
      throw .malformed(field: "reach", expected: "a known one", actual: "\(numbers.reach)")
    }
    let budgets = TaskBudgets(
      failures: .init(used: numbers.failures_used, limit: numbers.failures_limit),
      preemptions: .init(used: numbers.preemptions_used, limit: numbers.preemptions_limit),
      deliveries: .init(used: numbers.deliveries_used, limit: numbers.deliveries_limit),
      schedulingDeadlineMs: numbers.scheduling_deadline_ms < 0 ? nil : numbers.scheduling_deadline_ms)
    self.init(
      subject: try Subject(head, fields), isPresent: numbers.is_present != 0, reach: reach, nowMs: numbers.now_ms,
      firstTransaction: numbers.first_transaction == 0 ? nil : numbers.first_transaction, attempts: numbers.attempts,
      budgets: numbers.failures_limit < 0 ? nil : budgets, obstacle: try Self.obstacle(numbers, head, fields))
  }

  private static func obstacle(
    _ numbers: rm_explanation_numbers, _ head: rm_result_head, _ fields: RowFields
  ) throws(CodecError) -> PlacementObstacle? {
    let count = Int(numbers.obstacle_count)
    switch UInt32(numbers.obstacle) {
    case RM_OBSTACLE_NONE: return nil
    case RM_OBSTACLE_NO_WORKERS: return .noWorkers
    case RM_OBSTACLE_NO_CAPACITY:
      guard let missing = fields.missing else {
        throw .malformed(field: "missing", expected: "a resource", actual: "none")
      }
      return .noCapacity(missing, bestWorker: fields.worker(head), workersConsidered: count)
    case RM_OBSTACLE_GANG: return .heldByGang(missingMembers: count)
    case RM_OBSTACLE_BRAKE: return .brakeEngaged(zone: fields.zone ?? "")
    case RM_OBSTACLE_NOT_CONSIDERED: return .notYetConsidered
    case RM_OBSTACLE_POLICY: return .refusedByPolicy
    default: throw .malformed(field: "obstacle", expected: "a known one", actual: "\(numbers.obstacle)")
    }
  }
}

extension Subject {
  init(_ head: rm_result_head, _ fields: RowFields) throws(CodecError) {
    guard
      let subject = Subject(
        type: head.subject_type, handle: head.subject, name: fields.name, taskIndex: head.task_index)
    else { throw .malformed(field: "subject", expected: "a worker, job or task", actual: "type \(head.subject_type)") }
    self = subject
  }
}

extension RowFields {
  /// The worker that a row names beside its subject.
  func worker(_ head: rm_result_head) -> WorkerIdentity? {
    worker.map { WorkerIdentity(handle: WorkerHandle(rawValue: head.object), name: $0) }
  }
}
