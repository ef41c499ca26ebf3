import Controller
import EventModel

/// What transactions alone say of workers, jobs and stops, to hold the state against.
struct RuleBook {
  /// An attempt that is over, and whose process may still run.
  struct Stop: Equatable {
    let attempt: UInt32
    let worker: WorkerHandle
  }

  /// Of the registered workers, what they said last.
  private(set) var metadata = History<WorkerHandle, WorkerMetadata>()
  /// Names of workers that get no tasks.
  private(set) var drained = History<String, Bool>()
  private(set) var stopping = History<TaskHandle, Stop>()
  /// Of the jobs that are there.
  private(set) var requests = History<String, JobRequest>()
  /// Before it, nothing is known.
  private(set) var beginning: UInt64 = 0

  init() {}

  /// Takes in a transaction.
  ///
  /// - Returns: what it may not do, in words.
  mutating func add(_ transaction: Transaction) -> String? {
    let number = transaction.number
    var unassigned: Set<Attempt> = []
    var fault: String?
    for action in transaction.actions {
      switch (action.kind, action.subject) {
      case (.workerRegistered, .worker(let worker, _)), (.workerHeartbeat, .worker(let worker, _)):
        if case .workerRegistered(let registration) = transaction.event.body {
          metadata.set(worker, to: registration.metadata, by: number)
        }
      case (.workerFailed, .worker(let worker, _)): metadata.set(worker, to: nil, by: number)
      case (.workerDraining, .worker(_, let name)): drained.set(name, to: true, by: number)
      case (.workerResumed, .worker(_, let name)): drained.set(name, to: nil, by: number)
      case (.jobSubmitted, .job(_, let name)), (.jobValidationFailed, .job(_, let name)):
        if case .jobSubmitted(_, let request) = transaction.event.body { requests.set(name, to: request, by: number) }
      case (.jobPruned, .job(_, let name)): requests.set(name, to: nil, by: number)
      case (.taskStopped, .task(let task, _, _)): stopping.set(task, to: nil, by: number)
      case (.taskUnassigned, .task(let task, _, _)):
        if let attempt = action.attempt { unassigned.insert(Attempt(task: task, number: attempt)) }
      case (.taskAssigned, .task(let task, let job, _)):
        fault = fault ?? self.fault(inAssignmentOf: task, of: job, to: action.worker)
      default: break
      }
    }
    for kill in transaction.tasksToKill {
      guard case .task(let task, _, _) = kill.task, metadata.current[kill.worker.handle]?.confirmsStops == true,
        unassigned.contains(Attempt(task: task, number: kill.attempt))
      else { continue }
      stopping.set(task, to: Stop(attempt: kill.attempt, worker: kill.worker.handle), by: number)
    }
    return fault
  }

  private struct Attempt: Hashable {
    let task: TaskHandle
    let number: UInt32
  }

  private func fault(inAssignmentOf task: TaskHandle, of job: String, to worker: WorkerIdentity?) -> String? {
    guard let worker else { return "a task of \(job) is assigned to nobody" }
    if drained.current[worker.name] != nil { return "a task of \(job) is assigned to \(worker.name), which is drained" }
    if let stop = stopping.current[task] {
      return "a task of \(job) is assigned while its attempt \(stop.attempt) stops"
    }
    guard let metadata = metadata.current[worker.handle], let request = requests.current[job] else { return nil }
    guard !request.constraints.areMet(by: metadata.attributes) else { return nil }
    return "a task of \(job) is assigned to \(worker.name), which has \(metadata.attributes), against "
      + "\(request.constraints)"
  }

  mutating func goBack(to transaction: UInt64) {
    metadata.goBack(to: transaction)
    drained.goBack(to: transaction)
    stopping.goBack(to: transaction)
    requests.goBack(to: transaction)
  }
}

/// The state, held against it.
extension RuleBook {
  private static let jobsLookedAt = 2000

  /// Takes the state's word, where it cannot be known from transactions.
  init(_ state: borrowing ControllerState) {
    let number = state.transactionLog.lastNumber
    beginning = number
    var slot = 0
    while let worker = state.nextWorker(from: slot) {
      slot = Int(worker.handle.index) + 1
      metadata.set(worker.handle, to: worker.metadata, by: number)
      if worker.isDraining { drained.set(worker.name, to: true, by: number) }
      for task in worker.stoppingTasks {
        guard let attempt = state.view(of: task, newestAttempts: 1)?.attempts.last else { continue }
        stopping.set(task, to: Stop(attempt: attempt.number, worker: worker.handle), by: number)
      }
    }
    slot = 0
    while let job = state.nextJob(from: slot) {
      slot = Int(job.handle.index) + 1
      requests.set(job.name, to: job.request, by: number)
    }
  }

  /// What the state holds otherwise of stops, of which there are as many.
  func faultOfStops(_ state: borrowing ControllerState) -> String? {
    for (task, stop) in stopping.current {
      let attempt = state.view(of: task, newestAttempts: 1)?.attempts.last
      guard let attempt, attempt.isStopping, attempt.number == stop.attempt, attempt.worker.handle == stop.worker else {
        return "attempt \(stop.attempt) of task \(task) was not confirmed to have stopped, and it is \(attempt as Any)"
      }
    }
    return nil
  }

  /// What it holds of workers and jobs otherwise.
  func fault(_ state: borrowing ControllerState) -> String? {
    if state.totals.workers != metadata.current.count {
      return "\(state.totals.workers) workers are registered; \(metadata.current.count) should be"
    }
    for (worker, metadata) in metadata.current {
      guard let view = state.view(of: worker, listsTasks: false) else { return "worker \(worker) is gone" }
      if view.metadata != metadata { return "\(view.name) said \(metadata), and has \(view.metadata)" }
      if view.isDraining != (drained.current[view.name] != nil) {
        return "\(view.name) is\(view.isDraining ? "" : " not") draining"
      }
    }
    if state.totals.jobs.total != requests.current.count {
      return "there are \(state.totals.jobs.total) jobs; \(requests.current.count) should be"
    }
    for (name, request) in requests.current.prefix(Self.jobsLookedAt) {
      guard let view = state.job(named: name).flatMap({ state.view(of: $0) }) else { return "job \(name) is gone" }
      if view.request != request { return "job \(name) was submitted as \(request), and is \(view.request)" }
    }
    return faultOfStops(state)
  }
}
