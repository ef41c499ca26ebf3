import EventCodec
import EventModel
import Platform
import Terminal

// The tables of `ringctl workers`, `jobs` and `tasks`, and of the same in a replay.

extension TextTable {
  /// - Parameter heartbeatsAtMs: when the rows were made; nil when nothing is known of heartbeats.
  static func workers(_ rows: [WorkerRow], heartbeatsAtMs: Int64?) -> TextTable {
    var table = TextTable("WORKER", "ADDRESS", "LAST HEARTBEAT", "CPU", "COMMITTED", "TASKS", "FAILURES")
    for row in rows {
      let age = heartbeatsAtMs.map { CellText.age(sinceMs: row.lastHeartbeatMs, nowMs: $0) }
      table.add(
        TextTable.Cell(row.name, .bold), TextTable.Cell(row.address), TextTable.Cell(age ?? "-"),
        TextTable.Cell(CellText.cpus(milliCPU: row.milliCPU)),
        TextTable.Cell(CellText.cpus(milliCPU: row.committedMilliCPU)), TextTable.Cell("\(row.runningTasks)"),
        TextTable.Cell("\(row.consecutiveFailures)"))
    }
    return table
  }

  /// - Parameter nowMs: what ages are reckoned from.
  static func jobs(_ rows: [JobRow], nowMs: Int64) -> TextTable {
    var table = TextTable(
      "JOB", "STATE", "TASKS", "PENDING", "ACTIVE", "SUCCEEDED", "OTHER", "AGE", "OWNER", "PARENT", "ERROR")
    for row in rows {
      func count(_ isCounted: (TaskState) -> Bool) -> String {
        "\(TaskState.allCases.filter(isCounted).reduce(0) { $0 + row.tasksByState[Int($1.rawValue)] })"
      }
      table.add(
        TextTable.Cell(row.name, .bold), StateCell.job(row.state), TextTable.Cell(count { _ in true }),
        TextTable.Cell(count { $0 == .pending }), TextTable.Cell(count(\.isActive)),
        TextTable.Cell(count { $0 == .succeeded }), TextTable.Cell(count { $0.isTerminal && $0 != .succeeded }),
        TextTable.Cell(CellText.age(sinceMs: row.submittedMs, nowMs: nowMs)), TextTable.Cell(row.owner ?? "-"),
        TextTable.Cell(row.parent ?? "-"), TextTable.Cell(row.error ?? "-"))
    }
    return table
  }

  static func tasks(_ rows: [TaskRow]) -> TextTable {
    var table = TextTable("TASK", "STATE", "WORKER", "ATTEMPTS", "FAILURES", "PREEMPTIONS", "EXIT", "ERROR")
    for row in rows {
      table.add(
        TextTable.Cell(row.name.description, .bold), StateCell.task(row.state),
        TextTable.Cell(row.worker?.name ?? "-"), TextTable.Cell("\(row.attempts)"), TextTable.Cell("\(row.failures)"),
        TextTable.Cell("\(row.preemptions)"), TextTable.Cell(row.exitCode.map { "\($0)" } ?? "-"),
        TextTable.Cell(row.error ?? "-"))
    }
    return table
  }
}

/// What people are told when there are no rows.
extension String {
  static let noWorkers = "no workers are registered"
  static let noSuchWorkers = "no such worker"
  static let noJobs = "no jobs"
  static let noSuchJobs = "no such jobs"
  static let noTasks = "no such tasks"
}

extension TaskRow {
  /// Is it of this job and in this state, as far as they are said?
  func isOf(job: String?, in state: TaskState?) -> Bool {
    (job == nil || name.job == job) && (state == nil || self.state == state)
  }
}

/// States in the colours that all tables give them.
enum StateCell {
  static func job(_ state: JobState) -> TextTable.Cell {
    switch state {
    case .pending: TextTable.Cell(state.name, .dim)
    case .running: TextTable.Cell(state.name, .cyan)
    case .succeeded: TextTable.Cell(state.name, .green)
    case .failed, .killed, .workerFailed, .unschedulable: TextTable.Cell(state.name, .red)
    }
  }

  static func task(_ state: TaskState) -> TextTable.Cell {
    if state == .pending { return TextTable.Cell(state.name, .dim) }
    if state.isActive { return TextTable.Cell(state.name, .cyan) }
    return state == .succeeded ? TextTable.Cell(state.name, .green) : TextTable.Cell(state.name, .red)
  }
}
