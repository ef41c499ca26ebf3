import EventJSON
import EventModel
import Platform
import Terminal

// The tables of workers, jobs and tasks: of a dispatcher, a replay and a simulation.

extension TextTable {
  /// - Parameter heartbeatsAtMs: when the rows were made; nil when nothing is known of heartbeats.
  public static func workers(_ rows: [WorkerView], heartbeatsAtMs: Int64?) -> TextTable {
    var table = TextTable(
      "WORKER", "ADDRESS", "LAST HEARTBEAT", "CPU", "MEMORY", "DEVICES", "TASKS", "FAILURES", "STATE")
    for row in rows {
      let age = heartbeatsAtMs.map { CellText.age(sinceMs: row.lastHeartbeatMs, nowMs: $0) }
      table.add(
        TextTable.Cell(row.name, .bold), TextTable.Cell(row.address), TextTable.Cell(age ?? "-"),
        TextTable.Cell("\(row.committed.cpuText) of \(row.metadata.capacity.cpuText)"),
        TextTable.Cell("\(row.committed.memoryText) of \(row.metadata.capacity.memoryText)"),
        TextTable.Cell(row.committed.devicesText(of: row.metadata.capacity)),
        TextTable.Cell("\(row.runningCount)" + (row.stoppingCount > 0 ? ", \(row.stoppingCount) stop" : "")),
        TextTable.Cell("\(row.consecutiveFailures)"),
        row.isDraining ? TextTable.Cell("draining", .yellow) : TextTable.Cell("-"))
    }
    return table
  }

  /// - Parameter nowMs: what ages are reckoned from.
  public static func jobs(_ rows: [JobView], nowMs: Int64) -> TextTable {
    var table = TextTable(
      "JOB", "STATE", "TASKS", "PENDING", "ACTIVE", "SUCCEEDED", "OTHER", "EACH HOLDS", "AGE", "OWNER", "PARENT",
      "ERROR")
    for row in rows {
      func count(_ isCounted: (TaskState) -> Bool) -> String {
        "\(TaskState.allCases.filter(isCounted).reduce(0) { $0 + row.taskCounts[$1] })"
      }
      table.add(
        TextTable.Cell(row.name, .bold), TextTable.Cell(row.state.name, row.state.style),
        TextTable.Cell(count { _ in true }),
        TextTable.Cell(count { $0 == .pending }), TextTable.Cell(count(\.isActive)),
        TextTable.Cell(count { $0 == .succeeded }), TextTable.Cell(count { $0.isTerminal && $0 != .succeeded }),
        TextTable.Cell(row.request.resources.shortText),
        TextTable.Cell(CellText.age(sinceMs: row.submittedMs, nowMs: nowMs)), TextTable.Cell(row.request.owner ?? "-"),
        TextTable.Cell(row.parentName ?? "-"), TextTable.Cell(row.error ?? "-"))
    }
    return table
  }

  public static func tasks(_ rows: [TaskView]) -> TextTable {
    var table = TextTable("TASK", "STATE", "WORKER", "ATTEMPTS", "FAILURES", "PREEMPTIONS", "EXIT", "ERROR")
    for row in rows {
      table.add(
        TextTable.Cell(row.name.description, .bold),
        TextTable.Cell(row.state.name + (row.isStopping ? ", stops" : ""), row.state.style),
        TextTable.Cell(row.worker?.name ?? "-"), TextTable.Cell("\(row.attemptCount)"),
        TextTable.Cell("\(row.failures)"),
        TextTable.Cell("\(row.preemptions)"), TextTable.Cell(row.exitCode.map { "\($0)" } ?? "-"),
        TextTable.Cell(row.error ?? "-"))
    }
    return table
  }
}

extension JobState {
  /// The colour of the state, wherever it is shown.
  public var style: Style {
    switch self {
    case .pending: .dim
    case .running: .cyan
    case .succeeded: .green
    case .failed, .killed, .workerFailed, .unschedulable: .red
    }
  }
}

extension TaskState {
  /// The colour of the state, wherever it is shown.
  public var style: Style {
    switch self {
    case .pending: .dim
    case .assigned, .building, .running: .cyan
    case .succeeded: .green
    case .failed, .killed, .workerFailed, .unschedulable, .preempted, .coscheduledFailed: .red
    }
  }
}

/// Values as tables show them.
public enum CellText {
  /// How long ago something was: `3.2 s`.
  public static func age(sinceMs: Int64, nowMs: Int64 = Clock.wallMs()) -> String {
    HumanNumber.duration(ms: UInt64(max(nowMs - sinceMs, 0)))
  }
}
