import Controller
import EventModel

/// What a case can ask of the state that is left, however it was come by.
struct ObservedState: Equatable {
  struct Task: Equatable {
    var state: TaskState
    var attempts: [TaskState]
    var failures: Int32
    var preemptions: Int32
    var exitCode: Int32?
  }

  struct Job: Equatable {
    var state: JobState
    var error: String?
  }

  /// A registered worker.
  struct Worker: Equatable {
    var isHealthy: Bool
    var isDraining: Bool
    var runningTasks: [String]
    var stoppingTasks: [String]
    var committed: Resources
    var lastHeartbeatMs: Int64
    var consecutiveFailures: Int16
  }

  struct Endpoint: Equatable {
    var task: String
    var name: String
  }

  var tasks: [ByteText: Task] = [:]
  var jobs: [ByteText: Job] = [:]
  var workers: [ByteText: Worker] = [:]
  var queue: [String] = []
  var endpoints: [Endpoint] = []
  var transactionLogLength = 0

  init(_ state: borrowing ControllerState) {
    func name(_ task: TaskHandle) -> String { state.view(of: task)?.name.description ?? "#\(task)" }
    var nextJob = state.nextJob(from: 0)
    while let job = nextJob {
      jobs[ByteText(job.name)] = Job(state: job.state, error: job.error)
      nextJob = state.nextJob(from: Int(job.handle.index) + 1)
    }
    var nextTask = state.nextTask(from: 0)
    while let task = nextTask {
      tasks[ByteText(task.name.description)] = Task(
        state: task.state, attempts: task.attempts.map(\.state), failures: task.failures,
        preemptions: task.preemptions, exitCode: task.exitCode)
      nextTask = state.nextTask(from: Int(task.handle.index) + 1)
    }
    var nextWorker = state.nextWorker(from: 0)
    while let worker = nextWorker {
      workers[ByteText(worker.name)] = Worker(
        isHealthy: true, isDraining: worker.isDraining, runningTasks: worker.runningTasks.map(name),
        stoppingTasks: worker.stoppingTasks.map(name),
        committed: worker.committed, lastHeartbeatMs: worker.lastHeartbeatMs,
        consecutiveFailures: worker.consecutiveFailures)
      nextWorker = state.nextWorker(from: Int(worker.handle.index) + 1)
    }
    queue = state.queue.map(name)
    endpoints = state.endpoints.map { Endpoint(task: $0.taskName.description, name: $0.name) }
    transactionLogLength = state.transactionLog.count
  }
}
