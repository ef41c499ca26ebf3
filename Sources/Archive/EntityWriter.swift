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
  private var task: SQLiteStatement
  private var taskUpdate: SQLiteStatement
  private var attempt: SQLiteStatement
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
    let task = try connection.prepare(
      """
      INSERT INTO tasks VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
        state = excluded.state, error = excluded.error, exit_code = excluded.exit_code, failures = excluded.failures,
        preemptions = excluded.preemptions, deliveries = excluded.deliveries, attempts = excluded.attempts,
        worker = excluded.worker
      """)
    let taskUpdate = try connection.prepare(
      """
      UPDATE tasks SET state = ?, error = ?, exit_code = ?, failures = ?, preemptions = ?, deliveries = ?, attempts = ?,
        worker = ?, changed_by = ? WHERE id = ?
      """)
    let attempt = try connection.prepare(
      """
      INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (task, number) DO UPDATE SET
        state = excluded.state, ended_ms = excluded.ended_ms, exit_code = excluded.exit_code,
        end_reason = excluded.end_reason, error = excluded.error
      """)
    let goneWorkers = try connection.prepare("UPDATE workers SET lost_ms = ? WHERE lost_ms IS NULL")
    let goneJobs = try connection.prepare("UPDATE jobs SET pruned_ms = ? WHERE pruned_ms IS NULL")
    let gonePeers = try connection.prepare("UPDATE peers SET removed_ms = ? WHERE removed_ms IS NULL")
    return EntityWriter(
      worker: worker, workerRefresh: workerRefresh, workerLoss: workerLoss, job: job, jobUpdate: jobUpdate,
      jobPruning: jobPruning, task: task, taskUpdate: taskUpdate, attempt: attempt, goneWorkers: goneWorkers,
      goneJobs: goneJobs, gonePeers: gonePeers)
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
    for change in batch.tasks { try write(change) }
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

  private mutating func write(_ change: ProjectionBatch.TaskChange) throws(SQLiteError) {
    let view = change.view
    if change.isNew {
      task.bind(epoch.entity(view.handle.rawValue))
      task.bind(epoch.entity(view.job.rawValue))
      task.bind(view.name.index)
      task.bindState(of: view, epoch)
      task.bind(change.transaction)
      try task.run()
    } else {
      taskUpdate.bindState(of: view, epoch)
      taskUpdate.bind(change.transaction)
      taskUpdate.bind(epoch.entity(view.handle.rawValue))
      try taskUpdate.run()
    }
    for entry in view.attempts {
      attempt.bind(epoch.entity(view.handle.rawValue))
      attempt.bind(entry.number)
      attempt.bind(entry.state.name)
      attempt.bind(epoch.entity(entry.worker.handle.rawValue))
      attempt.bind(min(entry.startedMs, change.latestMs))
      attempt.bind(entry.endedMs.map { min($0, change.latestMs) })
      attempt.bind(entry.exitCode)
      attempt.bind(entry.endReason?.name)
      attempt.bind(entry.error)
      try attempt.run()
    }
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

  fileprivate mutating func bindState(of view: TaskView, _ epoch: ArchiveEpoch) {
    bind(view.state.name)
    bind(view.error)
    bind(view.exitCode)
    bind(view.failures)
    bind(view.preemptions)
    bind(view.deliveries)
    bind(view.attemptCount)
    bind(view.worker.map { epoch.entity($0.handle.rawValue) })
  }
}
