import EventModel

extension ReferenceModel {
  mutating func register(_ registration: WorkerRegistration, _ eventMs: Int64) -> Outcome {
    let name = registration.name
    if hasTooManyKinds(with: registration.metadata.capacity) { return .rejected(.malformed) }
    if var known = workers[name] {
      if known.incarnation == registration.incarnation {
        known.address = registration.address
        known.metadata = registration.metadata
        known.lastHeartbeatMs = max(known.lastHeartbeatMs, eventMs)
        known.consecutiveFailures = 0
        workers[name] = known
        act(.workerHeartbeat, name)
        return .applied
      }
      lose(known, error: ModelText.newIncarnation(name))
    }
    registrations += 1
    workers[name] = ModelWorker(
      serial: registrations, name: name, address: registration.address, metadata: registration.metadata,
      incarnation: registration.incarnation, lastHeartbeatMs: eventMs)
    act(.workerRegistered, name)
    return .applied
  }

  mutating func heartbeat(_ reference: WorkerReference, _ eventMs: Int64) -> Outcome {
    guard var worker = worker(reference) else { return .rejected(.unknownWorker) }
    worker.lastHeartbeatMs = max(worker.lastHeartbeatMs, eventMs)
    worker.consecutiveFailures = 0
    workers[worker.name] = worker
    act(.heartbeat, worker.name)
    return .applied
  }

  mutating func heartbeatFailed(_ reference: WorkerReference, _ error: String?) -> Outcome {
    guard var worker = worker(reference) else { return .ignored }
    worker.consecutiveFailures += 1
    workers[worker.name] = worker
    act(.heartbeatFailed, worker.name)
    if worker.consecutiveFailures >= settings.heartbeatFailureThreshold { lose(worker, error: error) }
    return .applied
  }

  /// Worker lost: every active task on it, then the worker itself.
  mutating func lose(_ worker: ModelWorker, error: String?) {
    lostWorker = worker.serial
    act(.workerFailed, worker.name)
    for id in running(on: worker.serial) where task(id).state.isActive {
      endAttempt(of: id, as: .workerFailed, error: error)
    }
    act(.workerPruned, worker.name)
    workers[worker.name] = nil
    lostWorker = nil
  }

  mutating func reconcile(_ reference: WorkerReference, _ reported: [ReportedTask]) -> Outcome {
    guard let worker = worker(reference) else { return .rejected(.unknownWorker) }
    let claims = reported.compactMap { line in task(line.task).map { (task: $0, attempt: line.attempt) } }
    for line in reported where task(line.task) == nil {
      let name = if case .handle(let handle) = line.task { "#\(handle)" } else { "\(line.task)" }
      transaction.tasksToKill.insert(.init(task: name, attempt: line.attempt, worker: worker.name))
    }
    for id in running(on: worker.serial) where task(id).state.isExecuting {
      let isReported = claims.contains { $0.task == id && Int($0.attempt) == task(id).attempts.count - 1 }
      if !isReported { endAttempt(of: id, as: .workerFailed, error: ModelText.notReported(worker.name)) }
    }
    let wanted = running(on: worker.serial)
    for claim in claims {
      let isWanted = wanted.contains(claim.task) && Int(claim.attempt) == task(claim.task).attempts.count - 1
      if !isWanted {
        transaction.tasksToKill.insert(.init(task: name(claim.task), attempt: claim.attempt, worker: worker.name))
      }
    }
    return transaction.actions.isEmpty && transaction.tasksToKill.isEmpty ? .ignored : .applied
  }
}

/// The errors that the controller puts into words itself. The page gives two of them; the others are the controller's.
enum ModelText {
  static let schedulingTimeout = "Scheduling timeout exceeded"

  static func newIncarnation(_ worker: String) -> String { "worker \(worker) registered as another incarnation" }
  static func notReported(_ worker: String) -> String { "worker \(worker) no longer runs the task" }
  static func ended(_ job: String, _ state: JobState) -> String { "job \(job) ended \(state.name)" }
  static func parentEnded(_ job: String, _ state: JobState) -> String { "parent job \(job) ended \(state.name)" }
  static func parentCancelled(_ job: String) -> String { "parent job \(job) was cancelled" }
  static func replicas(_ count: Int32) -> String { "replicas must be in 1...10000, not \(count)" }
}
