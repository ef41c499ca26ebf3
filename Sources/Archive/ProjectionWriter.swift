import Controller
import EventJSON
import EventModel
import Journal
import SQLite

/// Writes batches: one prepared statement for each table.
struct ProjectionWriter: ~Copyable {
  /// Whose handles are written.
  private var epoch = ArchiveEpoch.first(journal: "")
  private var begun: SQLiteStatement
  private var superseding: SQLiteStatement
  private var transaction: SQLiteStatement
  private var action: SQLiteStatement
  private var actions: SQLiteStatement
  private var kill: SQLiteStatement
  private var workerLinks: LinkWriter
  private var jobLinks: LinkWriter
  private var taskLinks: LinkWriter
  private var unhandled: SQLiteStatement
  private var settings: SQLiteStatement
  private var peer: SQLiteStatement
  private var peerRemoval: SQLiteStatement
  private var loss: SQLiteStatement
  private var entities: EntityWriter
  /// The JSON of one event.
  private var json: [UInt8] = []

  static func prepare(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> ProjectionWriter {
    let begun = try connection.prepareInsert("epochs", columns: 7)
    let superseding = try connection.prepare(
      """
      UPDATE epochs SET superseded_after = ?2 WHERE id >= ?1 AND journal = ?3 AND coalesce(superseded_after, ?2) >= ?2
      """)
    let transaction = try connection.prepareInsert("transactions", columns: 15)
    let action = try connection.prepareInsert("actions", columns: 11)
    let actions = try connection.prepareInsert("actions", columns: 11, rows: actionsAtOnce)
    let kill = try connection.prepareInsert("kills", columns: 6)
    let workerLinks = try LinkWriter.prepare(connection, "worker_transactions")
    let jobLinks = try LinkWriter.prepare(connection, "job_transactions")
    let taskLinks = try LinkWriter.prepare(connection, "task_transactions")
    let unhandled = try connection.prepareInsert("unhandled_events", columns: 8)
    let settings = try connection.prepareInsert("settings", columns: 3)
    let peer = try connection.prepare(
      """
      INSERT INTO peers VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL) ON CONFLICT (id) DO UPDATE SET
        pid = excluded.pid, submission_slots = excluded.submission_slots, result_slots = excluded.result_slots,
        removed_ms = NULL
      """)
    let peerRemoval = try connection.prepare("UPDATE peers SET removed_ms = ? WHERE id = ?")
    let loss = try connection.prepare("INSERT INTO losses VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
    let entities = try EntityWriter.prepare(connection)
    return ProjectionWriter(
      begun: begun, superseding: superseding, transaction: transaction, action: action, actions: actions, kill: kill,
      workerLinks: workerLinks,
      jobLinks: jobLinks,
      taskLinks: taskLinks, unhandled: unhandled, settings: settings, peer: peer, peerRemoval: peerRemoval, loss: loss,
      entities: entities)
  }

  /// Writes all of a batch. In a transaction of the caller's.
  mutating func write(_ batch: borrowing ProjectionBatch, nowMs: Int64) throws(SQLiteError) {
    epoch = batch.epoch
    if let superseded = batch.superseded {
      superseding.bind(superseded.firstIndex)
      superseding.bind(superseded.afterNumber)
      superseding.bind(superseded.journal)
      try superseding.run()
    }
    for epoch in batch.epochs { try write(epoch) }
    if let goneMs = batch.entitiesAtMs { try entities.setAllGone(atMs: goneMs) }
    for archived in batch.transactions { try write(archived) }
    try writeActions(of: batch.transactions)
    try workerLinks.write(batch.workerLinks, epoch)
    try jobLinks.write(batch.jobLinks, epoch)
    try taskLinks.write(batch.taskLinks, epoch)
    try entities.write(batch)
    for change in batch.peers { try write(change) }
    for entry in batch.unhandled { try write(entry) }
    for change in batch.settings { try write(change) }
    for loss in batch.losses { try write(loss, nowMs: nowMs) }
  }

  private mutating func write(_ next: ArchiveEpoch) throws(SQLiteError) {
    begun.bind(next.index)
    begun.bind(next.epoch)
    begun.bind(next.journal)
    begun.bind(next.generationBase)
    begun.bind(next.firstTransaction)
    begun.bind(next.cause.rawValue)
    begun.bindNull()
    try begun.run()
  }

  private mutating func write(_ archived: ProjectionBatch.ArchivedTransaction) throws(SQLiteError) {
    let account = archived.transaction
    let event = account.event
    json.removeAll(keepingCapacity: true)
    event.json.write(to: &json)
    transaction.bind(archived.id)
    transaction.bind(archived.record)
    transaction.bind(archived.timeMs)
    transaction.bind(event.id.peer)
    transaction.bind(event.id.position)
    transaction.bind(event.kind.name)
    transaction.bind(utf8: json)
    transaction.bind(account.outcome.name)
    transaction.bind(account.outcome.reason?.name)
    transaction.bind(account.missing?.resource.name)
    transaction.bind(account.missing?.needed)
    transaction.bind(account.missing?.free)
    switch account.subject {
    case nil: transaction.bind(worker: nil, job: nil, task: nil)
    case .worker(let worker, _): transaction.bind(worker: epoch.entity(worker.rawValue), job: nil, task: nil)
    case .job(let job, _): transaction.bind(worker: nil, job: epoch.entity(job.rawValue), task: nil)
    case .task(let task, _, _): transaction.bind(worker: nil, job: nil, task: epoch.entity(task.rawValue))
    }
    try transaction.run()
    for (position, entry) in account.tasksToKill.enumerated() {
      kill.bind(archived.id)
      kill.bind(position)
      kill.bind(epoch.entity(entry.task.rawHandle))
      kill.bind(entry.attempt)
      kill.bind(epoch.entity(entry.worker.handle.rawValue))
      kill.bind(entry.isOfKnownTask ? nil : entry.task.description)
      try kill.run()
    }
  }

  /// Rows of one statement: opening a table costs as much as inserting a row.
  private static let actionsAtOnce = 8

  private mutating func writeActions(of transactions: [ProjectionBatch.ArchivedTransaction]) throws(SQLiteError) {
    var bound = 0
    var left = transactions.reduce(0) { $0 + $1.transaction.actions.count }
    for archived in transactions {
      for (position, entry) in archived.transaction.actions.enumerated() {
        left -= 1
        if bound == 0, left + 1 < Self.actionsAtOnce {
          action.bind(entry, position, of: archived.id, epoch)
          try action.run()
          continue
        }
        actions.bind(entry, position, of: archived.id, epoch)
        bound += 1
        guard bound == Self.actionsAtOnce else { continue }
        bound = 0
        try actions.run()
      }
    }
  }

  private mutating func write(_ change: ProjectionBatch.Timed<ProjectionBatch.PeerChange>) throws(SQLiteError) {
    switch change.content {
    case .attached(let attached):
      peer.bind(epoch.entity(UInt64(attached.id)))
      peer.bind(attached.name)
      peer.bind(attached.roleName)
      peer.bind(attached.uid)
      peer.bind(attached.pid)
      peer.bind(attached.submissionCapacity)
      peer.bind(attached.resultCapacity)
      peer.bind(change.record == 0 ? nil : change.timeMs)
      try peer.run()
    case .removed(let id):
      peerRemoval.bind(change.timeMs)
      peerRemoval.bind(epoch.entity(UInt64(id)))
      try peerRemoval.run()
    }
  }

  private mutating func write(_ entry: ProjectionBatch.Timed<ProjectionBatch.Unhandled>) throws(SQLiteError) {
    let id: EventID
    switch entry.content {
    case .event(let event, _): id = event.id
    case .record(let skipped): id = skipped.id
    }
    unhandled.bind(entry.record)
    unhandled.bind(entry.timeMs)
    unhandled.bind(id.peer)
    unhandled.bind(id.position)
    switch entry.content {
    case .event(let event, let reason):
      unhandled.bind(event.kind.name)
      unhandled.bind(event.json.text)
      unhandled.bind(reason)
    case .record(let skipped):
      unhandled.bindNull()
      unhandled.bindNull()
      unhandled.bind("malformed")
      unhandled.bind(skipped.fault)
    }
    try unhandled.run()
  }

  private mutating func write(_ change: ProjectionBatch.Timed<ControllerConfiguration>) throws(SQLiteError) {
    settings.bind(change.record)
    settings.bind(change.timeMs)
    settings.bind(change.content.json.text)
    try settings.run()
  }

  private mutating func write(_ lost: ArchiveLoss, nowMs: Int64) throws(SQLiteError) {
    loss.bind(nowMs)
    loss.bind(lost.damage.file)
    loss.bind(lost.damage.offset)
    loss.bind(lost.damage.expected)
    loss.bind(lost.damage.actual)
    loss.bind(lost.firstCommit)
    loss.bind(lost.lastCommit)
    loss.bind(lost.firstRecord)
    loss.bind(lost.lastRecord)
    loss.bind(lost.firstTransaction)
    loss.bind(lost.lastTransaction)
    try loss.run()
  }
}

extension SQLiteConnection {
  func prepareInsert(_ table: String, columns: Int, rows: Int = 1) throws(SQLiteError) -> SQLiteStatement {
    let row = "(\(Array(repeating: "?", count: columns).joined(separator: ", ")))"
    return try prepare("INSERT INTO \(table) VALUES \(Array(repeating: row, count: rows).joined(separator: ", "))")
  }
}

extension SQLiteStatement {
  fileprivate mutating func bind(_ reason: UnhandledReason) {
    switch reason {
    case .dropped(let middleware):
      bind("dropped")
      bind(middleware)
    case .deadLettered(let reason, let detail):
      bind(reason.name)
      bind(detail)
    }
  }

  fileprivate mutating func bind(worker: UInt64?, job: UInt64?, task: UInt64?) {
    bind(worker)
    bind(job)
    bind(task)
  }

  fileprivate mutating func bind(_ entry: Action, _ position: Int, of id: UInt64, _ epoch: ArchiveEpoch) {
    bind(id)
    bind(position)
    bind(entry.kind.name)
    let counterpart = entry.worker.map { epoch.entity($0.handle.rawValue) }
    switch entry.subject {
    case .worker(let worker, _):
      bind(job: nil, task: nil, worker: worker.isNone ? nil : epoch.entity(worker.rawValue))
    case .job(let job, _): bind(job: epoch.entity(job.rawValue), task: nil, worker: counterpart)
    case .task(let task, _, _): bind(job: nil, task: epoch.entity(task.rawValue), worker: counterpart)
    }
    bind(entry.from?.name)
    bind(entry.to?.name)
    bind(entry.attempt)
    switch entry.cause {
    case .event: bindNull()
    case .action(let index): bind(index)
    }
    if case .worker(.none, let name) = entry.subject { bind(name) } else { bind(entry.endpoint) }
  }

  private mutating func bind(job: UInt64?, task: UInt64?, worker: UInt64?) {
    bind(job)
    bind(task)
    bind(worker)
  }
}

extension ControllerConfiguration {
  /// Every setting that decides anything, by its name.
  fileprivate var json: JSONValue {
    .object(
      ControllerSetting.allCases.filter { !$0.isReadAtStartOnly }.map { .init($0.name, .integer(self[$0])) })
  }
}
