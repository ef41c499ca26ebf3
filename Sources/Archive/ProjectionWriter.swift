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
  private var transactions: RowWriter
  private var workerLists: RowWriter
  private var jobLists: RowWriter
  private var taskLists: RowWriter
  private var unhandled: SQLiteStatement
  private var settings: SQLiteStatement
  private var peer: SQLiteStatement
  private var peerRemoval: SQLiteStatement
  private var loss: SQLiteStatement
  private var entities: EntityWriter

  static func prepare(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> ProjectionWriter {
    let begun = try connection.prepareInsert("epochs", columns: 7)
    let superseding = try connection.prepare(
      """
      UPDATE epochs SET superseded_after = ?2 WHERE id >= ?1 AND journal = ?3 AND coalesce(superseded_after, ?2) >= ?2
      """)
    let transactions = try RowWriter.prepare(connection, "stored_transactions", columns: 15)
    let workerLists = try RowWriter.prepare(connection, "worker_lists", columns: 3)
    let jobLists = try RowWriter.prepare(connection, "job_lists", columns: 3)
    let taskLists = try RowWriter.prepare(connection, "task_lists", columns: 3)
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
      begun: begun, superseding: superseding, transactions: transactions, workerLists: workerLists, jobLists: jobLists,
      taskLists: taskLists, unhandled: unhandled, settings: settings, peer: peer, peerRemoval: peerRemoval, loss: loss,
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
    let texts = batch.texts
    try transactions.write(batch.transactions) { row, transaction in row.bind(transaction, texts) }
    try workerLists.write(batch.workerLists) { row, list in row.bind(list, texts) }
    try jobLists.write(batch.jobLists) { row, list in row.bind(list, texts) }
    try taskLists.write(batch.taskLists) { row, list in row.bind(list, texts) }
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
  fileprivate func prepareInsert(_ table: String, columns: Int) throws(SQLiteError) -> SQLiteStatement {
    try prepare("INSERT INTO \(table) VALUES (\(Array(repeating: "?", count: columns).joined(separator: ", ")))")
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

  fileprivate mutating func bind(_ transaction: ArchivedTransaction, _ texts: [UInt8]) {
    bind(transaction.id)
    bind(transaction.record)
    bind(transaction.timeMs)
    bind(transaction.event.peer)
    bind(transaction.event.position)
    bind(Int64(transaction.kind.rawValue))
    bind(transaction.outcome.number)
    bind(transaction.entity == .worker ? transaction.subject : nil)
    bind(transaction.entity == .job ? transaction.subject : nil)
    bind(transaction.entity == .task ? transaction.subject : nil)
    bind(utf8: texts, transaction.textStart..<transaction.eventEnd)
    bind(texts, ifAny: transaction.eventEnd..<transaction.actionsEnd)
    bind(texts, ifAny: transaction.actionsEnd..<transaction.killsEnd)
    bind(transaction.outcome.reason?.name)
    bind(texts, ifAny: transaction.killsEnd..<transaction.shortageEnd)
  }

  fileprivate mutating func bind(_ list: TransactionList, _ texts: [UInt8]) {
    bind(list.entity)
    bind(list.last)
    bind(utf8: texts, list.back)
  }

  private mutating func bind(_ texts: [UInt8], ifAny range: Range<Int>) { bind(texts, range.isEmpty ? nil : range) }
}

extension ControllerConfiguration {
  /// Every setting that decides anything, by its name.
  fileprivate var json: JSONValue {
    .object(
      ControllerSetting.allCases.filter { !$0.isReadAtStartOnly }.map { .init($0.name, .integer(self[$0])) })
  }
}
