import Controller
import EventJSON
import EventModel
import Journal
import SQLite

/// The rows that an archive is to have, made of what a journal's records say and of nothing else.
struct ArchiveRows {
  typealias Value = SQLiteStatement.Value
  typealias Row = [Value]

  enum Table: String, CaseIterable {
    case transactions, actions, kills, workers, jobs, tasks, attempts, peers, epochs
    case workerLinks = "worker_transactions"
    case jobLinks = "job_transactions"
    case taskLinks = "task_transactions"
    case unhandled = "unhandled_events"
  }

  struct Key: Hashable, Comparable {
    let first: UInt64
    var second: UInt64 = 0

    static func < (left: Key, right: Key) -> Bool { (left.first, left.second) < (right.first, right.second) }
  }

  private(set) var rows: [Table: [Key: Row]] = [:]
  private var epochIndex: UInt64
  /// Those of a turn get the time of its end.
  private var untimed: [(table: Table, key: Key, row: Row)] = []
  private var touchedJobs: Set<JobHandle> = []
  private var touchedTasks: [TaskHandle: Set<UInt64>] = [:]
  private var newest: [Key: UInt64] = [:]

  /// - Parameter epochIndex: the place of the epoch before the first record in the order of history.
  /// The controller's clock.
  private var clockMs: Int64 = 0

  init(epochIndex: UInt64) {
    self.epochIndex = epochIndex
    for table in Table.allCases { rows[table] = [:] }
  }

  private static let numberBits: UInt64 = 40

  private func id(_ number: UInt64) -> UInt64 { epochIndex << Self.numberBits | number }

  /// Takes in what a record did.
  mutating func add(_ step: JournalReplica.Step) {
    let key = Key(first: id(step.number))
    switch step.record {
    case .event: if let transaction = step.transaction { add(transaction, record: step.number) }
    case .unhandled(let journaled, let reason):
      let event = journaled.event
      untimed.append(
        (
          .unhandled, key,
          Self.row(event.id) + [.text(event.kind.name), .text(Self.sorted(event.json).text)] + Self.row(reason)
        ))
    case .skipped(let skipped):
      let row = Self.row(skipped.id) + [.null, .null, .text("malformed"), .text(skipped.fault)]
      untimed.append((.unhandled, key, row))
    case .peerAttached(let peer):
      untimed.append(
        (
          .peers, Key(first: UInt64(peer.id)),
          [
            .text(peer.name), .text(peer.roleName), .integer(Int64(peer.uid)), .integer(Int64(peer.pid)),
            .integer(Int64(peer.submissionCapacity)), .integer(Int64(peer.resultCapacity)),
          ]
        ))
    case .peerRemoved(let peer): untimed.append((.peers, Key(first: UInt64(peer)), []))
    case .started(let start):
      epochIndex += 1
      rows[.epochs]?[Key(first: epochIndex)] = [.number(start.epoch), .number(step.lastTransaction + 1)]
    case .turn(let turn): endTurn(atMs: turn.timeMs)
    case .peerNumbers, .salvaged, .letter, .configured: break
    }
  }

  private mutating func endTurn(atMs timeMs: Int64) {
    for (table, key, row) in untimed {
      let time = Value.integer(timeMs)
      switch (table, row.isEmpty) {
      case (.peers, true):
        // What was attached before the first record is not known here.
        if let last = rows[.peers]?[key]?.indices.last { rows[.peers]?[key]?[last] = time }
      case (.peers, false): rows[.peers]?[key] = row + [time, .null]
      default: rows[table]?[key] = [time] + row
      }
    }
    untimed.removeAll(keepingCapacity: true)
  }

  private mutating func add(_ transaction: Transaction, record: UInt64) {
    let id = id(transaction.number)
    let event = transaction.event
    if let subject = transaction.subject { link(subject, id) }
    // A rejected event does not move the clock.
    if transaction.outcome.reason == nil { clockMs = transaction.timestampMs }
    if case .clockCorrected = event.body, transaction.outcome == .applied { limitTimes(toMs: transaction.timestampMs) }
    rows[.transactions]?[Key(first: id)] =
      [.number(record), .integer(clockMs)] + Self.row(event.id) + [
        .text(event.kind.name), .text(Self.sorted(event.json).text), .text(transaction.outcome.name),
        .text(transaction.outcome.reason?.name), .text(transaction.missing?.resource.name),
        transaction.missing.map { .integer($0.needed) } ?? .null,
        transaction.missing.map { .integer($0.free) } ?? .null,
      ] + Self.row(transaction.subject, worker: nil)
    for (position, action) in transaction.actions.enumerated() {
      link(action.subject, id)
      if let worker = action.worker { link(.worker(worker.handle, name: worker.name), id) }
      let cause: Value = if case .action(let index) = action.cause { .integer(Int64(index)) } else { .null }
      rows[.actions]?[Key(first: id, second: UInt64(position))] =
        [.text(action.kind.name)] + Self.row(action.subject, worker: action.worker) + [
          .text(action.from?.name), .text(action.to?.name), action.attempt.map { .integer(Int64($0)) } ?? .null, cause,
        ]
      if case .worker(let worker, _) = action.subject { note(worker, action.kind, transaction, id) }
      if case .job(let job, _) = action.subject, action.kind == .jobPruned {
        let key = Key(first: job.rawValue)
        guard let count = rows[.jobs]?[key]?.count else { continue }
        rows[.jobs]?[key]?.replaceSubrange(
          (count - 3)..., with: [.number(id), .integer(transaction.timestampMs), .number(id)])
        touchedJobs.remove(job)
      }
    }
    for (position, kill) in transaction.tasksToKill.enumerated() {
      let isKnown = Self.isKnown(kill.task)
      if isKnown { link(kill.task, id) }
      link(.worker(kill.worker.handle, name: kill.worker.name), id)
      rows[.kills]?[Key(first: id, second: UInt64(position))] = [
        .number(kill.task.rawHandle), .integer(Int64(kill.attempt)), .number(kill.worker.handle.rawValue),
        .text(isKnown ? nil : kill.task.description),
      ]
    }
  }

  /// A worker may report what there is not.
  private static func isKnown(_ task: Subject) -> Bool {
    if case .task(let handle, _, let index) = task { !handle.isNone && index >= 0 } else { true }
  }

  /// Nothing was noted later than when the clock was set back.
  private mutating func limitTimes(toMs timeMs: Int64) {
    for table in Table.allCases {
      let columns = table.timeColumns
      guard !columns.isEmpty else { continue }
      for key in (rows[table] ?? [:]).keys {
        for column in columns {
          guard case .integer(let ms) = rows[table]?[key]?[column], ms > timeMs else { continue }
          rows[table]?[key]?[column] = .integer(timeMs)
        }
      }
    }
  }

  private mutating func link(_ subject: Subject, _ id: UInt64) {
    let key = Key(first: subject.rawHandle, second: id)
    switch subject {
    case .worker(let worker, _): if !worker.isNone { rows[.workerLinks]?[key] = [] }
    case .job(let job, _):
      rows[.jobLinks]?[key] = []
      touchedJobs.insert(job)
    case .task(let task, _, _):
      rows[.taskLinks]?[key] = []
      touchedTasks[task, default: []].insert(id)
    }
  }

  private mutating func note(_ worker: WorkerHandle, _ kind: ActionKind, _ transaction: Transaction, _ id: UInt64) {
    let key = Key(first: worker.rawValue)
    let time = Value.integer(transaction.timestampMs)
    switch (kind, transaction.event.body) {
    case (.workerRegistered, .workerRegistered(let registration)):
      rows[.workers]?[key] =
        [.text(registration.name), .text(registration.incarnation), time, .number(id)] + Self.row(registration)
        + [.null, .null]
    case (.workerHeartbeat, .workerRegistered(let registration)):
      rows[.workers]?[key]?.replaceSubrange(4..<10, with: Self.row(registration))
    case (.workerFailed, _): rows[.workers]?[key]?.replaceSubrange(10..., with: [time, .number(id)])
    default: break
    }
  }

  /// Reads from the state what jobs and tasks have become: before it forgets some, and behind each commit.
  mutating func resolve(_ state: borrowing ControllerState) {
    for (task, ids) in touchedTasks {
      guard let view = state.view(of: task, newestAttempts: .max), let last = ids.max() else { continue }
      touchedJobs.insert(view.job)
      for id in ids { rows[.jobLinks]?[Key(first: view.job.rawValue, second: id)] = [] }
      noteNewest(Key(first: view.job.rawValue), last)
      rows[.tasks]?[Key(first: task.rawValue)] = Self.row(view) + [.number(last)]
      for attempt in view.attempts {
        rows[.attempts]?[Key(first: task.rawValue, second: UInt64(attempt.number))] = [
          .text(attempt.state.name), .number(attempt.worker.handle.rawValue), .integer(attempt.startedMs),
          attempt.endedMs.map { .integer($0) } ?? .null, attempt.exitCode.map { .integer(Int64($0)) } ?? .null,
          .text(attempt.error),
        ]
      }
    }
    touchedTasks.removeAll(keepingCapacity: true)
    for job in touchedJobs {
      guard let view = state.view(of: job) else { continue }
      rows[.jobs]?[Key(first: job.rawValue)] = Self.row(view) + [.null, .null, .null]
    }
    touchedJobs.removeAll(keepingCapacity: true)
  }

  private mutating func noteNewest(_ key: Key, _ id: UInt64) {
    newest[key] = max(newest[key] ?? 0, id)
  }

  /// Says which transaction changed a job last, once all links are there.
  mutating func finish() {
    for key in (rows[.jobLinks] ?? [:]).keys { noteNewest(Key(first: key.first), key.second) }
    for key in (rows[.jobs] ?? [:]).keys {
      guard let count = rows[.jobs]?[key]?.count, rows[.jobs]?[key]?[count - 3] == .null else { continue }
      rows[.jobs]?[key]?[count - 3] = newest[key].map { .number($0) } ?? .null
    }
  }
}

extension ArchiveRows {
  private static func row(_ id: EventID) -> Row { [.integer(Int64(id.peer)), .number(id.position)] }

  private static func row(_ reason: UnhandledReason) -> Row {
    switch reason {
    case .dropped(let middleware): [.text("dropped"), .text(middleware)]
    case .deadLettered(let reason, let detail): [.text(reason.name), .text(detail)]
    }
  }

  /// The columns for a job, a task and a worker.
  private static func row(_ subject: Subject?, worker: WorkerIdentity?) -> Row {
    let other = worker.map { Value.number($0.handle.rawValue) } ?? .null
    return switch subject {
    case nil: [.null, .null, .null]
    case .worker(let worker, _): [.null, .null, worker.isNone ? .null : .number(worker.rawValue)]
    case .job(let job, _): [.number(job.rawValue), .null, other]
    case .task(let task, _, _): [.null, .number(task.rawValue), other]
    }
  }

  private static func row(_ registration: WorkerRegistration) -> Row {
    [
      .text(registration.address)
    ] + row(registration.metadata.capacity) + [
      .text(registration.metadata.zone), .text(registration.metadata.json.text),
    ]
  }

  private static func row(_ resources: Resources) -> Row {
    [.integer(resources.milliCPU), .integer(resources.memoryBytes), .text(resources.devices.json.text)]
  }

  private static func row(_ view: JobView) -> Row {
    [
      .text(view.name), .text(view.state.name), .text(view.error), .integer(Int64(view.taskCount)),
    ] + view.request.columnValues + [
      .text(view.parentName), .integer(Int64(view.depth)), .integer(view.submittedMs),
      view.endedMs.map { .integer($0) } ?? .null,
    ]
  }

  private static func row(_ view: TaskView) -> Row {
    [
      .number(view.job.rawValue), .integer(Int64(view.name.index)), .text(view.state.name), .text(view.error),
      view.exitCode.map { .integer(Int64($0)) } ?? .null, .integer(Int64(view.failures)),
      .integer(Int64(view.preemptions)), .integer(Int64(view.deliveries)), .integer(Int64(view.attemptCount)),
      view.worker.map { .number($0.handle.rawValue) } ?? .null,
    ]
  }
}

extension SQLiteStatement.Value {
  fileprivate static func number(_ value: UInt64) -> Self { .integer(Int64(bitPattern: value)) }
  fileprivate static func text(_ value: String?) -> Self { value.map { .text($0) } ?? .null }
}
