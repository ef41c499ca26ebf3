import ArgumentParser
import Controller
import EventModel
import Journal
import Platform
import Presentation
import Terminal

/// `ringctl replay`: the state as it was.
struct ReplayCommand: ParsableCommand {
  enum View: String, CaseIterable, ExpressibleByArgument {
    case summary, workers, jobs, tasks
  }

  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Shows the state as it was after a transaction or at a time.",
    discussion: """
      Replays the journal from the newest snapshot before, or from the beginning, and prints what "ringctl workers", \
      "ringctl jobs" or "ringctl tasks" would have printed then, or a summary. Heartbeats are in no journal, so the time \
      of a worker's last one is not known.

      \(JournalOptions.help) --json prints one object a line; the summary is one object: txn, now_ms, state_hash, \
      workers, cpu, committed_cpu, queue_length, jobs and tasks (by state), brakes.
      """)

  @Argument(help: "What to show.")
  var view = View.summary

  @OptionGroup var options: JournalOptions

  @Option(
    help: ArgumentHelp(
      "The last that has happened: \(MomentArgument.forms). Else the journal's end.",
      valueName: MomentArgument.valueName))
  var until: MomentArgument?

  @Option(help: ArgumentHelp("Only the tasks of this job.", valueName: "name"))
  var job: String?

  @Option(help: "Only tasks in this state: \(TaskState.allCases.map(\.name).joined(separator: ", ")).")
  var state: TaskState?

  func validate() throws {
    guard view == .tasks || (job == nil && state == nil) else {
      throw ValidationError("--job and --state choose among tasks")
    }
  }

  func run() throws {
    let replica = try replica()
    let listing = Listing(isJSON: options.json)
    switch view {
    case .summary: try ReplaySummary(replica.state).show(listing)
    case .workers:
      let rows = replica.state.workerRows
      try listing.show(
        rows.map { $0.json.replacing("last_heartbeat_ms", with: .null) }, .workers(rows, heartbeatsAtMs: nil),
        none: .noWorkers)
    case .jobs:
      let rows = replica.state.jobRows
      try listing.show(rows.map(\.json), .jobs(rows, nowMs: replica.state.nowMs), none: .noJobs)
    case .tasks:
      let rows = replica.state.taskRows.filter { $0.isOf(job: job, in: state) }
      try listing.show(rows.map(\.json), .tasks(rows), none: .noTasks)
    }
  }

  private func replica() throws -> JournalReplica {
    let folder = try options.folder
    var progress = ProgressLine()
    defer { progress.clear() }
    var last: UInt64 = 0
    let replica = try JournalReplica.replaying(
      folder: folder, configuration: ControllerConfiguration(), until: until?.limit
    ) { step in
      guard let transaction = step.transaction else { return }
      last = transaction.number
      if last % 1024 == 0 { progress.show(share(of: last), "transaction \(last)") }
    }
    if case .transaction(let number) = until?.limit, replica.state.transactionLog.lastNumber < number {
      throw CommandFailure(
        "the journal in \(folder) ends with transaction \(replica.state.transactionLog.lastNumber), before "
          + "\(number)")
    }
    return replica
  }

  private func share(of transaction: UInt64) -> Double {
    guard case .transaction(let number) = until?.limit, number > 0 else { return 0 }
    return Double(transaction) / Double(number)
  }
}

extension ControllerState {
  fileprivate var workerRows: [WorkerView] {
    var rows: [WorkerView] = []
    var next = nextWorker(from: 0)
    while let view = next {
      rows.append(view)
      next = nextWorker(from: Int(view.handle.index) + 1)
    }
    return rows
  }

  fileprivate var jobRows: [JobView] {
    var rows: [JobView] = []
    var next = nextJob(from: 0)
    while let view = next {
      rows.append(view)
      next = nextJob(from: Int(view.handle.index) + 1)
    }
    return rows
  }

  fileprivate var taskRows: [TaskView] {
    var rows: [TaskView] = []
    var next = nextTask(from: 0, newestAttempts: 1)
    while let view = next {
      rows.append(view)
      next = nextTask(from: Int(view.handle.index) + 1, newestAttempts: 1)
    }
    return rows
  }
}
