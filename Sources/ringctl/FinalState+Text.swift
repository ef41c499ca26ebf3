import Controller
import EventJSON
import EventModel
import Terminal

extension FinalState {
  /// Tables of the workers, the jobs and the tasks, and the queue.
  func lines(paint: Paint, maxColumns: Int? = nil) -> [String] {
    var lines: [String] = []
    func add(_ title: String, _ table: TextTable) {
      if !lines.isEmpty { lines.append("") }
      lines.append(paint(title, .bold, .cyan))
      lines += table.isEmpty ? [paint("none", .dim)] : table.lines(maxColumns: maxColumns, paint: paint)
    }
    add("Workers", workerTable)
    add("Jobs", jobTable)
    add("Tasks", taskTable)
    add("Queue", queueTable)
    return lines
  }

  private var workerTable: TextTable {
    var table = TextTable("WORKER", "STATE", "COMMITTED", "CPU", "HEARTBEAT MS", "FAILED", "RUNNING")
    for worker in workers {
      table.add(
        TextTable.Cell(worker.name), TextTable.Cell(worker.isHealthy ? "healthy" : "unhealthy", .green),
        TextTable.Cell(JSONValue.cpus(milliCPU: worker.committedMilliCPU).text),
        TextTable.Cell(JSONValue.cpus(milliCPU: worker.metadata.milliCPU).text),
        TextTable.Cell(String(worker.lastHeartbeatMs)), TextTable.Cell(String(worker.consecutiveFailures)),
        TextTable.Cell(runningTaskNames(of: worker).joined(separator: " ")))
    }
    for name in missingWorkers {
      table.add(TextTable.Cell(name), TextTable.Cell("gone", .red), "-", "-", "-", "-", "-")
    }
    return table
  }

  private var jobTable: TextTable {
    var table = TextTable("JOB", "STATE", "TASKS", "PARENT", "ERROR")
    for job in jobs {
      table.add(
        TextTable.Cell(job.name), TextTable.Cell(job.state.name, job.state.style),
        TextTable.Cell(String(job.taskCount)), TextTable.Cell(job.parentName ?? "-"),
        TextTable.Cell(job.error ?? "-"))
    }
    return table
  }

  private var taskTable: TextTable {
    var table = TextTable("TASK", "STATE", "WORKER", "ATTEMPTS", "FAILURES", "PREEMPTIONS", "EXIT", "ERROR")
    for task in tasks {
      table.add(
        TextTable.Cell(task.name.description), TextTable.Cell(task.state.name, task.state.style),
        TextTable.Cell(task.worker?.name ?? "-"), TextTable.Cell(String(task.attempts.count)),
        TextTable.Cell(String(task.failures)), TextTable.Cell(String(task.preemptions)),
        TextTable.Cell(task.exitCode.map { String($0) } ?? "-"), TextTable.Cell(task.error ?? "-"))
    }
    return table
  }

  private var queueTable: TextTable {
    var table = TextTable("PLACE", "TASK")
    for (place, task) in queue.enumerated() {
      table.add(TextTable.Cell(String(place + 1)), TextTable.Cell(task))
    }
    return table
  }
}

extension JobState {
  var style: Style {
    switch self {
    case .pending: .dim
    case .running: .cyan
    case .succeeded: .green
    case .failed, .killed, .workerFailed, .unschedulable: .red
    }
  }
}

extension TaskState {
  var style: Style {
    switch self {
    case .pending: .dim
    case .assigned, .building, .running: .cyan
    case .succeeded: .green
    case .failed, .killed, .workerFailed, .unschedulable, .preempted, .coscheduledFailed: .red
    }
  }
}
