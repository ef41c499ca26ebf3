import Controller
import EventModel

/// The states that the transactions claim: each transition must begin where the last one ended, none may begin at an
/// end, and together they must lead to the states that the tables show.
struct TransitionHistory {
  private var tasks: [TaskHandle: TaskState] = [:]
  private var tasksOfJob: [ByteText: [TaskHandle]] = [:]
  private var endedJobs: [JobHandle: JobState] = [:]

  mutating func record(_ transaction: Transaction, _ failures: inout [String]) {
    for (index, action) in transaction.actions.enumerated() {
      if case .action(let cause) = action.cause, cause >= index {
        failures.append("action \(index) is caused by a later one, \(cause)")
      }
      switch action.subject {
      case .worker: continue
      case .job(_, let name):
        if action.kind == .jobPruned {
          for task in tasksOfJob.removeValue(forKey: ByteText(name)) ?? [] { tasks[task] = nil }
        }
      case .task(let task, let job, _): record(action, task, job, &failures)
      }
    }
  }

  private mutating func record(_ action: Action, _ task: TaskHandle, _ job: String, _ failures: inout [String]) {
    if action.kind == .taskCreated {
      if tasks.updateValue(.pending, forKey: task) != nil { failures.append("\(action.subject) is created again") }
      tasksOfJob[ByteText(job), default: []].append(task)
      return
    }
    guard let known = tasks[task] else {
      failures.append("\(action.kind.name) of \(action.subject), which was never created")
      return
    }
    guard let from = action.from, let to = action.to else { return }
    if from != known {
      failures.append("\(action.subject) goes from \(from.name) to \(to.name) while it is \(known.name)")
    }
    if known.isTerminal { failures.append("\(action.subject) leaves \(known.name) for \(to.name)") }
    tasks[task] = to
  }

  /// Compares with what the tables show, and remembers the jobs that have ended.
  mutating func compare(with state: borrowing ControllerState, _ failures: inout [String]) {
    if tasks.count != state.totals.tasks.total {
      failures.append("\(state.totals.tasks.total) tasks in the table, \(tasks.count) were created and not pruned")
    }
    for names in tasksOfJob.values {
      for task in names {
        guard let view = state.view(of: task) else {
          failures.append("task \(task) is gone without being pruned")
          continue
        }
        if view.state != tasks[task] {
          failures.append("\(view.name) is \(view.state.name), its actions led to \(tasks[task]?.name ?? "nothing")")
        }
      }
    }
    compareJobs(with: state, &failures)
  }

  private mutating func compareJobs(with state: borrowing ControllerState, _ failures: inout [String]) {
    var ended: [JobHandle: JobState] = [:]
    var next = state.nextJob(from: 0)
    while let job = next {
      if let before = endedJobs[job.handle], before != job.state {
        failures.append("job \(job.name) leaves \(before.name) for \(job.state.name)")
      }
      if job.state.isTerminal { ended[job.handle] = job.state }
      next = state.nextJob(from: Int(job.handle.index) + 1)
    }
    endedJobs = ended
  }
}
