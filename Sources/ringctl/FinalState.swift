import Controller
import EventJSON
import EventModel

/// All that a simulation left behind, by name and in a fixed order.
struct FinalState {
  /// By name.
  private(set) var workers: [WorkerView] = []
  /// Lost and not registered again.
  let missingWorkers: [String]
  /// In the order of their submission.
  private(set) var jobs: [JobView] = []
  /// By job and then by index.
  private(set) var tasks: [TaskView] = []
  /// In scheduling order.
  let queue: [String]
  let endpoints: [EndpointView]
  let transactionLogLength: Int
  /// By the clock of the state machine.
  let nowMs: Int64
  /// nil once it was pruned.
  let firstJob: JobView?
  private var taskNames: [TaskHandle: String] = [:]

  init(_ simulation: borrowing Simulation) {
    missingWorkers = simulation.lostWorkers.filter { simulation.state.worker(named: $0) == nil }
    firstJob = simulation.firstJob.flatMap { simulation.state.job(named: $0) }
      .flatMap { simulation.state.view(of: $0) }
    endpoints = simulation.state.endpoints
    nowMs = simulation.state.nowMs
    transactionLogLength = simulation.state.transactionLog.count
    queue = simulation.state.queue.compactMap { simulation.state.view(of: $0)?.name.description }
    gatherWorkers(simulation)
    gatherJobs(simulation)
    for task in tasks { taskNames[task.handle] = task.name.description }
  }

  func runningTaskNames(of worker: WorkerView) -> [String] {
    worker.runningTasks.compactMap { taskNames[$0] }
  }

  func stoppingTaskNames(of worker: WorkerView) -> [String] {
    worker.stoppingTasks.compactMap { taskNames[$0] }
  }

  private mutating func gatherWorkers(_ simulation: borrowing Simulation) {
    var next = simulation.state.nextWorker(from: 0)
    while let worker = next {
      workers.append(worker)
      next = simulation.state.nextWorker(from: Int(worker.handle.index) + 1)
    }
    workers.sort { $0.name < $1.name }
  }

  private mutating func gatherJobs(_ simulation: borrowing Simulation) {
    var next = simulation.state.nextJob(from: 0)
    while let job = next {
      jobs.append(job)
      next = simulation.state.nextJob(from: Int(job.handle.index) + 1)
    }
    jobs.sort { $0.insertionNumber < $1.insertionNumber }
    for job in jobs {
      for index in 0..<job.taskCount {
        guard let task = simulation.state.task(at: index, of: job.handle),
          let view = simulation.state.view(of: task)
        else { preconditionFailure("job \(job.name) has \(job.taskCount) tasks, but none at \(index)") }
        tasks.append(view)
      }
    }
  }
}
