import EventModel
import SQLite

/// Reads transactions back from an archive's database, whole as they were, while the archive goes on writing.
///
/// Of one thread.
public struct ArchiveHistory: ~Copyable {
  /// Which transactions.
  public struct Filter: Sendable {
    /// Only what tells of this; nil for all.
    public var entity: EntityReference?
    public var sinceMs: Int64?
    public var untilMs: Int64?
    /// Only what comes behind this transaction.
    public var after: UInt64 = 0
    /// Only up to this transaction; nil for all.
    public var upTo: UInt64?
    /// The newest that are wanted; nil for all.
    public var limit: Int?
    /// Numbers that are read at once when all are wanted.
    var pageRows = 10_000

    public init() {}
  }

  private let connection: SQLiteConnection
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
        a.to_state, a.attempt, a.cause
      FROM actions AS a LEFT JOIN jobs ON jobs.id = a.job LEFT JOIN tasks ON tasks.id = a.task
        LEFT JOIN jobs AS task_jobs ON task_jobs.id = tasks.job LEFT JOIN workers ON workers.id = a.worker
      WHERE a.transaction_number = ? ORDER BY a.position
      """)
    let kills = try connection.prepare(
      """
      SELECT kills.task, jobs.name, tasks.task_index, kills.attempt, kills.worker, workers.name
      FROM kills LEFT JOIN tasks ON tasks.id = kills.task LEFT JOIN jobs ON jobs.id = tasks.job
        LEFT JOIN workers ON workers.id = kills.worker
      WHERE kills.transaction_number = ? ORDER BY kills.position
      """)
    let head = try connection.prepare(
      """
      SELECT t.time_ms, t.peer, t.position, t.event, t.outcome, t.reason, t.job, jobs.name, t.task, task_jobs.name,
        tasks.task_index, t.worker, workers.name
      FROM transactions AS t LEFT JOIN jobs ON jobs.id = t.job LEFT JOIN tasks ON tasks.id = t.task
        LEFT JOIN jobs AS task_jobs ON task_jobs.id = tasks.job LEFT JOIN workers ON workers.id = t.worker
      WHERE t.number = ?
      """)
    return ArchiveHistory(connection: connection, head: head, actions: actions, kills: kills)
  }

  private init(
    connection: consuming SQLiteConnection, head: consuming SQLiteStatement, actions: consuming SQLiteStatement,
    kills: consuming SQLiteStatement
  ) {
    self.connection = connection
    self.head = head
    self.actions = actions
    self.kills = kills
  }

  /// Has the archive ever had something of this name or handle?
  public func knows(_ entity: EntityReference) throws -> Bool {
    var statement = try connection.prepare("SELECT 1 WHERE EXISTS (\(Self.ids(of: entity)))")
    Self.bind(entity, &statement)
    return try statement.step()
  }

  /// The number of the newest transaction; 0 before the first.
  public func newest() throws -> UInt64 {
    UInt64(try connection.integer("SELECT max(number) FROM transactions") ?? 0)
  }

  /// Calls `each` with the transactions that a filter lets through, by rising number.
  public mutating func forEach(_ filter: Filter, _ each: (Transaction) throws -> Void) throws {
    var filter = filter
    var numbers: [UInt64]
    repeat {
      numbers = try self.numbers(filter)
      for number in numbers {
        if let transaction = try transaction(number) { try each(transaction) }
        filter.after = number
      }
      // All of them: the next ones.
    } while filter.limit == nil && numbers.count == filter.pageRows
  }

  /// Numbers first, so that no reading transaction stays open while somebody takes the rows: the newest, or else the first
  /// page.
  private func numbers(_ filter: Filter) throws -> [UInt64] {
    var conditions = ["number > ?"]
    if let entity = filter.entity {
      let links = Self.links(of: entity)
      conditions.append(
        "number IN (SELECT transaction_number FROM \(links.table) WHERE \(links.column) IN (\(Self.ids(of: entity))))")
    }
    if filter.upTo != nil { conditions.append("number <= ?") }
    if filter.sinceMs != nil { conditions.append("time_ms >= ?") }
    if filter.untilMs != nil { conditions.append("time_ms <= ?") }
    let order = filter.limit == nil ? "ASC" : "DESC"
    var statement = try connection.prepare(
      "SELECT number FROM transactions WHERE \(conditions.joined(separator: " AND ")) ORDER BY number \(order) LIMIT ?")
    statement.bind(filter.after)
    if let entity = filter.entity { Self.bind(entity, &statement) }
    if let last = filter.upTo { statement.bind(last) }
    if let sinceMs = filter.sinceMs { statement.bind(sinceMs) }
    if let untilMs = filter.untilMs { statement.bind(untilMs) }
    statement.bind(filter.limit ?? filter.pageRows)
    var numbers: [UInt64] = []
    while try statement.step() { numbers.append(statement.unsigned(0)) }
    return filter.limit == nil ? numbers : numbers.reversed()
  }

  private static func links(of entity: EntityReference) -> (table: String, column: String) {
    switch entity {
    case .worker: ("worker_transactions", "worker")
    case .job: ("job_transactions", "job")
    case .task: ("task_transactions", "task")
    }
  }

  /// A query for all that ever bore the name, or the one with the handle; one parameter, for a task's name two.
  private static func ids(of entity: EntityReference) -> String {
    switch entity {
    case .worker(.handle): "SELECT id FROM workers WHERE id = ?"
    case .job(.handle): "SELECT id FROM jobs WHERE id = ?"
    case .task(.handle): "SELECT id FROM tasks WHERE id = ?"
    case .worker(.name): "SELECT id FROM workers WHERE name = ?"
    case .job(.name): "SELECT id FROM jobs WHERE name = ?"
    case .task(.name):
      "SELECT tasks.id FROM tasks JOIN jobs ON jobs.id = tasks.job WHERE jobs.name = ? AND task_index = ?"
    }
  }

  private static func bind(_ entity: EntityReference, _ statement: inout SQLiteStatement) {
    switch entity {
    case .worker(.handle(let handle)): statement.bind(handle.rawValue)
    case .job(.handle(let handle)): statement.bind(handle.rawValue)
    case .task(.handle(let handle)): statement.bind(handle.rawValue)
    case .worker(.name(let name)), .job(.name(let name)): statement.bind(name)
    case .task(.name(let text)):
      // What is no task's name is no task's name in the archive either.
      let name = TaskName(text) ?? TaskName(job: text, index: -1)
      statement.bind(name.job)
      statement.bind(name.index)
    }
  }

  /// The transaction with this number; nil when the archive has not got it.
  public mutating func transaction(_ number: UInt64) throws -> Transaction? {
    defer { head.reset() }
    head.bind(number)
    guard try head.step() else { return nil }
    let id = EventID(peer: UInt32(truncatingIfNeeded: head.integer(1)), position: head.unsigned(2))
    return Transaction(
      number: number, timestampMs: head.integer(0), event: try Event(archived: head.text(3), id: id),
      outcome: try outcome(head.text(4), head.optionalText(5)),
      subject: head.subject(job: 6, task: 8, worker: 11), actions: try readActions(of: number),
      tasksToKill: try readKills(of: number))
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

  private mutating func readActions(of number: UInt64) throws -> [Action] {
    defer { actions.reset() }
    actions.bind(number)
    var found: [Action] = []
    while try actions.step() {
      let name = actions.text(0)
      guard let kind = ActionKind.allCases.first(where: { $0.name == name }),
        let subject = actions.subject(job: 1, task: 3, worker: 6)
      else { throw ArchivedEventError(field: "kind of action", text: name) }
      let worker: WorkerIdentity?
      if case .worker = subject { worker = nil } else { worker = actions.workerIdentity(6) }
      found.append(
        Action(
          kind, subject, from: actions.optionalText(8).flatMap { TaskState(name: $0) },
          to: actions.optionalText(9).flatMap { TaskState(name: $0) },
          attempt: actions.optionalInteger(10).map { UInt32(truncatingIfNeeded: $0) }, worker: worker,
          cause: actions.optionalInteger(11).map { .action(Int32(truncatingIfNeeded: $0)) } ?? .event))
    }
    return found
  }

  private mutating func readKills(of number: UInt64) throws -> [TaskToKill] {
    defer { kills.reset() }
    kills.bind(number)
    var found: [TaskToKill] = []
    while try kills.step() {
      guard let worker = kills.workerIdentity(4) else { continue }
      found.append(
        TaskToKill(
          task: .task(
            TaskHandle(rawValue: kills.unsigned(0)), job: kills.text(1),
            index: Int32(truncatingIfNeeded: kills.integer(2))),
          attempt: UInt32(truncatingIfNeeded: kills.integer(3)), worker: worker))
    }
    return found
  }
}

extension SQLiteStatement {
  /// A handle, and its name in the next column.
  fileprivate func workerIdentity(_ column: Int) -> WorkerIdentity? {
    isNull(column)
      ? nil : WorkerIdentity(handle: WorkerHandle(rawValue: unsigned(column)), name: text(column + 1))
  }

  /// The one of the three that is not NULL, with the names behind each.
  fileprivate func subject(job: Int, task: Int, worker: Int) -> Subject? {
    if !isNull(task) {
      return .task(
        TaskHandle(rawValue: unsigned(task)), job: text(task + 1), index: Int32(truncatingIfNeeded: integer(task + 2)))
    }
    if !isNull(job) { return .job(JobHandle(rawValue: unsigned(job)), name: text(job + 1)) }
    return workerIdentity(worker).map { .worker($0.handle, name: $0.name) }
  }
}
