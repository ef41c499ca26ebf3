import Controller
import EventCodec
import EventModel

/// A page of rows that a client waits for.
struct PendingQuery {
  /// Of one client; what it asks beyond them waits in its ring.
  static let limitPerPeer = 64
  static let maximumRows = 1024

  let request: UInt64
  /// nil confirms a subscription.
  let entity: UInt8?
  var cursor: UInt64
  var rowsLeft: Int
  /// The journal's record that has to be durable before it is answered; 0 when none has to.
  var record: UInt64 = 0
  /// Only the rows about this job.
  var job: JobReference?
  /// Only the rows about this worker.
  var worker: WorkerReference?
  /// Only the row of this task.
  var task: TaskReference?
  /// Of a task, or of the tasks of a worker: their slots, once they were looked up.
  var taskSlots: [Int]?
  /// What is to be explained, until the search has begun.
  var target: EntityReference?
  /// An explanation that is still being looked for.
  var search: ExplanationSearch?
  /// The rows of an answer that is read from no table.
  var preparedRows: [Row]?
  /// Rows that were read at one moment, and wait until `record` is durable; nil of who may read ahead.
  var page: Page?

  struct Page {
    var rows: ArraySlice<(row: Row, next: UInt64)>
    let isLast: Bool

    /// It is the row of a worker.
    var isOfWorker: Bool {
      if case .worker? = rows.first?.row { true } else { false }
    }
  }

  /// Is it about one worker, job or task?
  var isAboutOne: Bool { job != nil || worker != nil || task != nil }
}

extension PendingQuery {
  /// - Parameters:
  ///   - rows: wanted at the most, as the peer says.
  ///   - about: the entity of an explanation, or the job of tasks.
  /// - Throws: `CodecError` when the entity is missing or of another type.
  init(
    request: UInt64, entity: UInt8, cursor: UInt64, rows: Int64, about: EntityReference?
  ) throws(CodecError) {
    self.init(
      request: request, entity: entity, cursor: cursor,
      rowsLeft: min(max(Int(clamping: rows), 1), Self.maximumRows))
    switch (QueryEntity(rawValue: entity), about) {
    case (.explanation, nil): throw .malformed(field: "entity", expected: "a worker, job or task", actual: "none")
    case (.explanation, let about?): target = about
    case (.tasks, .job(let job)?), (.jobs, .job(let job)?), (.specifications, .job(let job)?): self.job = job
    case (.tasks, .worker(let worker)?), (.workers, .worker(let worker)?): self.worker = worker
    case (.specifications, nil): throw .malformed(field: "entity", expected: "a job", actual: "none")
    case (.tasks, .task(let task)?): self.task = task
    case (.workers, let about?), (.jobs, let about?), (.tasks, let about?), (.specifications, let about?):
      throw .malformed(field: "entity", expected: "one that these rows are about", actual: "\(about)")
    default: break
    }
  }
}

/// What a peer is still to be told of a record that is in no journal and made no transaction.
struct PendingRefusal {
  let id: EventID
  let reason: DeadLetterReason
  let detail: String
  /// Of the journal: it is told once that is durable.
  let record: UInt64
  /// In its place, where a ring has room for it: what came of the same event the first time.
  var first: DispatchResult?
}
