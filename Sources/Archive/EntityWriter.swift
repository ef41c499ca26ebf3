import Controller
import EventJSON
import EventModel
import SQLite

/// Writes what workers, jobs, tasks and attempts have become.
struct EntityWriter: ~Copyable {
  /// Whose handles are written.
  private var epoch = ArchiveEpoch.first(journal: "")
  private var worker: SQLiteStatement
  private var workerRefresh: SQLiteStatement
  private var workerLoss: SQLiteStatement
  private var job: SQLiteStatement
  private var jobUpdate: SQLiteStatement
  private var jobPruning: SQLiteStatement
  private var tasks: RowWriter
  private var attempts: RowWriter
  private var goneWorkers: SQLiteStatement
  private var goneJobs: SQLiteStatement
  private var gonePeers: SQLiteStatement

  static func prepare(_ connection: borrowing SQLiteConnection) throws(SQLiteError) -> EntityWriter {
    let worker = try connection.prepare(
      """
      INSERT INTO workers VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL) ON CONFLICT (id) DO UPDATE SET
        address = excluded.address, milli_cpu = excluded.milli_cpu, memory_bytes = excluded.memory_bytes,
        devices = excluded.devices, zone = excluded.zone, metadata = excluded.metadata, lost_ms = NULL
      """)
    let workerRefresh = try connection.prepare(
      """
      UPDATE workers SET address = ?, milli_cpu = ?, memory_bytes = ?, devices = ?, zone = ?, metadata = ? WHERE id = ?
      """)
    let workerLoss = try connection.prepare("UPDATE workers SET lost_ms = ?, lost_by = ? WHERE id = ?")
    let job = try connection.prepare(
      """
      INSERT INTO jobs (id, name, state, error, tasks, parent_name, depth, submitted_ms, ended_ms, changed_by,
          \(JobRequest.columns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?\(JobRequest.columnMarks))
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, error = excluded.error, ended_ms = excluded.ended_ms,
        pruned_ms = NULL
      """)
    let jobUpdate = try connection.prepare(
      "UPDATE jobs SET state = ?, error = ?, ended_ms = ?, changed_by = ? WHERE id = ?")
    let jobPruning = try connection.prepare(
      "UPDATE jobs SET pruned_ms = ?, pruned_by = ?, changed_by = ? WHERE id = ?")
    let tasks = try RowWriter.prepare(
      connection, "stored_tasks", columns: 20,
      conflict: """
        ON CONFLICT (id) DO UPDATE SET state = excluded.state, attempts = excluded.attempts, worker = excluded.worker,
          changed_by = coalesce(excluded.changed_by, changed_by),
          back = CASE WHEN excluded.back IS NULL THEN back WHEN back IS NULL THEN excluded.back ELSE
            excluded.back || ',' || (excluded.changed_by - changed_by - iif(excluded.back = '', 0,
              (SELECT sum(value) FROM json_each('[0' || excluded.back || ']')))) || back END,
          attempt_state = excluded.attempt_state, attempt_worker = excluded.attempt_worker,
          started_ms = excluded.started_ms, ended_ms = excluded.ended_ms, failures = excluded.failures,
          preemptions = excluded.preemptions, deliveries = excluded.deliveries, exit_code = excluded.exit_code,
          error = excluded.error, attempt_exit_code = excluded.attempt_exit_code, end_reason = excluded.end_reason,
          attempt_error = excluded.attempt_error
        """)
    let attempts = try RowWriter.prepare(
      connection, "earlier_attempts", columns: 9,
      conflict: """
        ON CONFLICT (task, number) DO UPDATE SET state = excluded.state, ended_ms = excluded.ended_ms,
          exit_code = excluded.exit_code, end_reason = excluded.end_reason, error = excluded.error
        """)
    let goneWorkers = try connection.prepare("UPDATE workers SET lost_ms = ? WHERE lost_ms IS NULL")
    let goneJobs = try connection.prepare("UPDATE jobs SET pruned_ms = ? WHERE pruned_ms IS NULL")
    let gonePeers = try connection.prepare("UPDATE peers SET removed_ms = ? WHERE removed_ms IS NULL")
    return EntityWriter(
      worker: worker, workerRefresh: workerRefresh, workerLoss: workerLoss, job: job, jobUpdate: jobUpdate,
      jobPruning: jobPruning, tasks: tasks, attempts: attempts, goneWorkers: goneWorkers, goneJobs: goneJobs,
      gonePeers: gonePeers)
  }

  /// Before all that are still there are written again.
  mutating func setAllGone(atMs timeMs: Int64) throws(SQLiteError) {
    goneWorkers.bind(timeMs)
    try goneWorkers.run()
    goneJobs.bind(timeMs)
    try goneJobs.run()
    gonePeers.bind(timeMs)
    try gonePeers.run()
  }

  mutating func write(_ batch: borrowing ProjectionBatch) throws(SQLiteError) {
    epoch = batch.epoch
    for change in batch.workers { try write(change) }
    for change in batch.jobs { try write(change) }
    let texts = batch.texts
    try tasks.write(batch.tasks) { row, task in row.bind(task, texts) }
    try attempts.write(batch.earlierAttempts) { row, attempt in row.bind(attempt, texts) }
    for pruned in batch.prunedJobs {
      jobPruning.bind(pruned.at.timeMs)
      jobPruning.bind(pruned.at.transaction)
      jobPruning.bind(pruned.at.transaction)
      jobPruning.bind(epoch.entity(pruned.job.rawValue))
      try jobPruning.run()
    }
  }

  private mutating func write(_ change: ProjectionBatch.WorkerChange) throws(SQLiteError) {
    switch change {
    case .appeared(let handle, let registration, let registered):
      worker.bind(epoch.entity(handle.rawValue))
      worker.bind(registration.name)
      worker.bind(registration.address)
      worker.bind(registration.incarnation)
      worker.bind(registration.metadata)
      worker.bind(registered?.timeMs)
      worker.bind(registered?.transaction)
      try worker.run()
    case .refreshed(let handle, let registration):
      workerRefresh.bind(registration.address)
      workerRefresh.bind(registration.metadata)
      workerRefresh.bind(epoch.entity(handle.rawValue))
      try workerRefresh.run()
    case .lost(let handle, let moment):
      workerLoss.bind(moment.timeMs)
      workerLoss.bind(moment.transaction)
      workerLoss.bind(epoch.entity(handle.rawValue))
      try workerLoss.run()
    }
  }

  private mutating func write(_ change: ProjectionBatch.JobChange) throws(SQLiteError) {
    let view = change.view
    guard change.isNew else {
      jobUpdate.bind(view.state.name)
      jobUpdate.bind(view.error)
      jobUpdate.bind(view.endedMs.map { min($0, change.latestMs) })
      jobUpdate.bind(change.transaction)
      jobUpdate.bind(epoch.entity(view.handle.rawValue))
      return try jobUpdate.run()
    }
    job.bind(epoch.entity(view.handle.rawValue))
    job.bind(view.name)
    job.bind(view.state.name)
    job.bind(view.error)
    job.bind(view.taskCount)
    job.bind(view.parentName)
    job.bind(view.depth)
    job.bind(min(view.submittedMs, change.latestMs))
    job.bind(view.endedMs.map { min($0, change.latestMs) })
    job.bind(change.transaction)
    for value in view.request.columnValues { job.bind(value) }
    try job.run()
  }
}

extension JobRequest {
  fileprivate static var columnMarks: String { String(repeating: ", ?", count: JobRequest().columnValues.count) }
}

extension SQLiteStatement {
  fileprivate mutating func bind(_ resources: Resources) {
    bind(resources.milliCPU)
    bind(resources.memoryBytes)
    bind(resources.devices.json.text)
  }

  fileprivate mutating func bind(_ metadata: WorkerMetadata) {
    bind(metadata.capacity)
    bind(metadata.zone)
    bind(metadata.json.text)
  }

  fileprivate mutating func bind(_ task: TaskRow, _ texts: [UInt8]) {
    bind(task.id)
    bind(task.job)
    bind(task.index)
    bind(task.state)
    bind(task.attempts)
    bind(task.worker)
    bind(task.list?.last)
    bind(texts, task.list?.back)
    let newest = task.newest
    bind(newest?.state)
    bind(newest?.worker == task.worker ? nil : newest?.worker)
    bind(newest?.startedMs)
    bind(newest?.endedMs)
    bind(task.failures)
    bind(task.preemptions)
    bind(task.deliveries)
    bind(task.exitCode)
    bind(texts, task.error)
    bind(newest?.exitCode)
    bind(newest?.endReason?.name)
    bind(texts, newest?.error)
  }

  fileprivate mutating func bind(_ attempt: AttemptRow, _ texts: [UInt8]) {
    bind(attempt.task)
    bind(attempt.number)
    bind(attempt.state)
    bind(attempt.worker)
    bind(attempt.startedMs)
    bind(attempt.endedMs)
    bind(attempt.exitCode)
    bind(attempt.endReason?.name)
    bind(texts, attempt.error)
  }

  private mutating func bind(_ state: TaskState?) { bind((state?.rawValue).map { Int64($0) }) }

  /// NULL when there is none.
  mutating func bind(_ texts: [UInt8], _ range: Range<Int>?) {
    if let range { bind(utf8: texts, range) } else { bindNull() }
  }
}
