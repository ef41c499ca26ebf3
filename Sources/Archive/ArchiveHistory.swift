import Controller
import EventModel
import SQLite

/// Reads transactions back from an archive's database, whole as they were, while the archive goes on writing.
///
/// Of one thread.
public struct ArchiveHistory: ~Copyable {
  /// A transaction, and where in history it stands.
  public struct Entry: Sendable {
    /// Rises in the order of history.
    public let id: UInt64
    public let epoch: ArchiveEpoch
    public let transaction: Transaction

    /// The journal lost it after it was archived.
    public var isSuperseded: Bool { epoch.isSuperseded(transaction.number) }
  }

  let connection: SQLiteConnection
  /// All, in order.
  public private(set) var epochs: [ArchiveEpoch]
  private var head: SQLiteStatement
  private var actions: SQLiteStatement
  private var kills: SQLiteStatement

  /// Opens the database for reading.
  ///
  /// - Throws: `SQLiteError`; `ArchiveError` when it is no archive, or a newer one.
  public static func open(_ path: String) throws -> ArchiveHistory {
    let connection = try SQLiteConnection.open(path, .readOnly)
    try ArchiveMigration.check(connection, path: path)
    let actions = try connection.prepare(
      """
      SELECT a.kind, a.job, jobs.name, a.task, task_jobs.name, tasks.task_index, a.worker, workers.name, a.from_state,
        a.to_state, a.attempt, a.cause, a.name
      FROM actions AS a LEFT JOIN jobs ON jobs.id = a.job LEFT JOIN tasks ON tasks.id = a.task
        LEFT JOIN jobs AS task_jobs ON task_jobs.id = tasks.job LEFT JOIN workers ON workers.id = a.worker
      WHERE a.transaction_id = ? ORDER BY a.position
      """)
    let kills = try connection.prepare(
      """
      SELECT kills.task, jobs.name, tasks.task_index, kills.attempt, kills.worker, workers.name, kills.name
      FROM kills LEFT JOIN tasks ON tasks.id = kills.task LEFT JOIN jobs ON jobs.id = tasks.job
        LEFT JOIN workers ON workers.id = kills.worker
      WHERE kills.transaction_id = ? ORDER BY kills.position
      """)
    let head = try connection.prepare(
      """
      SELECT t.time_ms, t.peer, t.position, t.event, t.outcome, t.reason, t.job, jobs.name, t.task, task_jobs.name,
        tasks.task_index, t.worker, workers.name, t.missing, t.needed, t.free
      FROM transactions AS t LEFT JOIN jobs ON jobs.id = t.job LEFT JOIN tasks ON tasks.id = t.task
        LEFT JOIN jobs AS task_jobs ON task_jobs.id = tasks.job LEFT JOIN workers ON workers.id = t.worker
      WHERE t.id = ?
      """)
    let epochs = try ArchiveEpoch.readAll(connection)
    return ArchiveHistory(connection: connection, epochs: epochs, head: head, actions: actions, kills: kills)
  }

  private init(
    connection: consuming SQLiteConnection, epochs: [ArchiveEpoch], head: consuming SQLiteStatement,
    actions: consuming SQLiteStatement, kills: consuming SQLiteStatement
  ) {
    self.connection = connection
    self.epochs = epochs
    self.head = head
    self.actions = actions
    self.kills = kills
  }

  /// Numbers of transactions may mean more than one: the journal was put back to an earlier state, or is another one.
  public var isAmbiguous: Bool { epochs.contains { $0.generationBase != epochs[0].generationBase } }

  /// The number of the newest transaction; 0 before the first.
  public func newest() throws -> UInt64 {
    ArchiveEpoch.number(ofID: UInt64(clamping: try connection.integer("SELECT max(id) FROM stored_transactions") ?? 0))
  }

  /// Takes up epochs that began since.
  mutating func refreshEpochs() throws {
    epochs = try ArchiveEpoch.readAll(connection)
  }

  /// The transaction with this id; nil when the archive has not got it.
  public mutating func entry(_ id: UInt64) throws -> Entry? {
    defer { head.reset() }
    head.bind(id)
    guard try head.step() else { return nil }
    let index = ArchiveEpoch.index(ofID: id)
    guard let epoch = epochs.last(where: { $0.index == index }) else {
      throw ArchivedEventError(field: "epoch", text: "\(index)")
    }
    let eventID = EventID(peer: UInt32(truncatingIfNeeded: head.integer(1)), position: head.unsigned(2))
    let event = try Event(archived: head.text(3), id: eventID)
    let outcome = try outcome(head.text(4), head.optionalText(5))
    // A rejected event has its own time where that is later than the clock.
    var timeMs = head.integer(0)
    if outcome.reason != nil, let ownMs = event.timestampMs, ControllerLimits.timestampMs.contains(ownMs) {
      timeMs = max(timeMs, ownMs)
    }
    let transaction = Transaction(
      number: ArchiveEpoch.number(ofID: id), timestampMs: timeMs, event: event, outcome: outcome,
      missing: head.optionalText(13).flatMap { Resource(name: $0) }.map {
        Shortage(resource: $0, needed: head.integer(14), free: head.integer(15))
      },
      subject: head.subject(job: 6, task: 8, worker: 11, epoch), actions: try readActions(of: id, epoch),
      tasksToKill: try readKills(of: id, epoch))
    return Entry(id: id, epoch: epoch, transaction: transaction)
  }

  private func outcome(_ name: String, _ reason: String?) throws -> Outcome {
    switch name {
    case "applied": return .applied
    case "ignored": return .ignored
    default:
      guard let reason = RejectionReason.allCases.first(where: { $0.name == reason }) else {
        throw ArchivedEventError(field: "reason for a rejection", text: reason ?? name)
      }
      return .rejected(reason)
    }
  }

  private mutating func readActions(of id: UInt64, _ epoch: ArchiveEpoch) throws -> [Action] {
    defer { actions.reset() }
    actions.bind(id)
    var found: [Action] = []
    while try actions.step() {
      let name = actions.text(0)
      guard let kind = ActionKind.allCases.first(where: { $0.name == name }),
        let subject = actions.subject(job: 1, task: 3, worker: 6, epoch)
          ?? actions.optionalText(12).map({ .worker(.none, name: $0) })
      else { throw ArchivedEventError(field: "kind of action", text: name) }
      let worker: WorkerIdentity?
      if case .worker = subject { worker = nil } else { worker = actions.workerIdentity(6, epoch) }
      var endpoint: String?
      if case .task = subject { endpoint = actions.optionalText(12) }
      found.append(
        Action(
          kind, subject, from: actions.optionalText(8).flatMap { TaskState(name: $0) },
          to: actions.optionalText(9).flatMap { TaskState(name: $0) },
          attempt: actions.optionalInteger(10).map { UInt32(truncatingIfNeeded: $0) }, worker: worker,
          endpoint: endpoint,
          cause: actions.optionalInteger(11).map { .action(Int32(truncatingIfNeeded: $0)) } ?? .event))
    }
    return found
  }

  private mutating func readKills(of id: UInt64, _ epoch: ArchiveEpoch) throws -> [TaskToKill] {
    defer { kills.reset() }
    kills.bind(id)
    var found: [TaskToKill] = []
    while try kills.step() {
      guard let worker = kills.workerIdentity(4, epoch) else { continue }
      let handle = TaskHandle(rawValue: epoch.handle(ofEntity: kills.unsigned(0)))
      let unknown = kills.optionalText(6)
      let name = unknown.flatMap { TaskName($0) }
      found.append(
        TaskToKill(
          task: .task(
            handle, job: unknown.map { name?.job ?? $0 } ?? kills.text(1),
            index: unknown.map { _ in name.map { Int32($0.index) } ?? -1 }
              ?? Int32(truncatingIfNeeded: kills.integer(2))),
          attempt: UInt32(truncatingIfNeeded: kills.integer(3)), worker: worker))
    }
    return found
  }
}

extension SQLiteStatement {
  /// An id, and the name in the next column.
  fileprivate func workerIdentity(_ column: Int, _ epoch: ArchiveEpoch) -> WorkerIdentity? {
    isNull(column)
      ? nil
      : WorkerIdentity(
        handle: WorkerHandle(rawValue: epoch.handle(ofEntity: unsigned(column))), name: text(column + 1))
  }

  /// The one of the three that is not NULL, with the names behind each.
  fileprivate func subject(job: Int, task: Int, worker: Int, _ epoch: ArchiveEpoch) -> Subject? {
    if !isNull(task) {
      return .task(
        TaskHandle(rawValue: epoch.handle(ofEntity: unsigned(task))), job: text(task + 1),
        index: Int32(truncatingIfNeeded: integer(task + 2)))
    }
    if !isNull(job) {
      return .job(JobHandle(rawValue: epoch.handle(ofEntity: unsigned(job))), name: text(job + 1))
    }
    return workerIdentity(worker, epoch).map { .worker($0.handle, name: $0.name) }
  }
}
