import EventModel

extension ReferenceModel {
  mutating func register(_ registration: WorkerRegistration, _ eventMs: Int64) -> Outcome {
    let name = registration.name
    if hasTooManyKinds(with: registration.metadata.capacity, besides: workers[ByteText(name)]) {
      return .rejected(.malformed)
    }
    if var known = workers[ByteText(name)] {
      if known.incarnation == registration.incarnation {
        known.address = registration.address
        known.metadata = registration.metadata
        known.lastHeartbeatMs = max(known.lastHeartbeatMs, eventMs)
        known.consecutiveFailures = 0
        workers[ByteText(name)] = known
        act(.workerHeartbeat, name)
        return .applied
      }
      lose(known, error: ModelText.newIncarnation(name))
    }
    registrations += 1
    workers[ByteText(name)] = ModelWorker(
      serial: registrations, name: name, address: registration.address, metadata: registration.metadata,
      incarnation: registration.incarnation, lastHeartbeatMs: eventMs)
    act(.workerRegistered, name)
    return .applied
  }

  mutating func heartbeat(_ reference: WorkerReference, _ eventMs: Int64) -> Outcome {
    guard var worker = worker(reference) else { return .rejected(.unknownWorker) }
    worker.lastHeartbeatMs = max(worker.lastHeartbeatMs, eventMs)
    worker.consecutiveFailures = 0
    workers[ByteText(worker.name)] = worker
    act(.heartbeat, worker.name)
    return .applied
  }

  mutating func heartbeatFailed(_ reference: WorkerReference, _ error: String?) -> Outcome {
    guard var worker = worker(reference) else { return .ignored }
    worker.consecutiveFailures += 1
    workers[ByteText(worker.name)] = worker
    act(.heartbeatFailed, worker.name)
    if worker.consecutiveFailures >= settings.heartbeatFailureThreshold { lose(worker, error: error) }
    return .applied
  }

  /// Worker lost: it confirms what stopped on it; every active task on it; then the worker itself.
  mutating func lose(_ worker: ModelWorker, error: String?) {
    lostWorker = worker.serial
    act(.workerFailed, worker.name)
    for id in stopping(on: worker.serial) { confirmStop(of: id) }
    for id in running(on: worker.serial) where task(id).state.isActive {
      endAttempt(of: id, as: .workerFailed, error: error)
    }
    act(.workerPruned, worker.name)
    workers[ByteText(worker.name)] = nil
    drains[ByteText(worker.name)]?.graceMs = nil
    lostWorker = nil
  }

  mutating func reconcile(_ reference: WorkerReference, _ reported: [ReportedTask]) -> Outcome {
    guard let worker = worker(reference) else { return .rejected(.unknownWorker) }
    func isReported(_ id: ModelTaskID) -> Bool {
      reported.contains { task($0.task) == id && Int($0.attempt) == task(id).attempts.count - 1 }
    }
    for id in stopping(on: worker.serial) where !isReported(id) { confirmStop(of: id) }
    let lost = running(on: worker.serial).filter { task($0).state.isExecuting && !isReported($0) }
    for id in lost where task(id).state.isExecuting {
      endAttempt(of: id, as: .workerFailed, error: ModelText.notReported(worker.name))
    }
    for claim in reported {
      let id = task(claim.task)
      let isWanted = id.map {
        task($0).state.isActive && Int(claim.attempt) == task($0).attempts.count - 1
          && task($0).attempts.last?.workerSerial == worker.serial
      }
      if isWanted == true { continue }
      // Of what is not there is known what the worker calls it.
      let called = if case .handle(let handle) = claim.task { "#\(handle)" } else { "\(claim.task)" }
      transaction.tasksToKill.insert(.init(task: id.map(name) ?? called, attempt: claim.attempt, worker: worker.name))
    }
    return transaction.actions.isEmpty && transaction.tasksToKill.isEmpty ? .ignored : .applied
  }
}

/// The errors that the controller puts into words itself. The page gives some of them; the others are the controller's.
enum ModelText {
  static let schedulingTimeout = "Scheduling timeout exceeded"
  static func halfPlaced(_ job: String, waiting: Int, of members: Int) -> String {
    "gang \(job) is incomplete: \(waiting) of its \(members) members are not placed"
  }
  static let notDelivered = "nothing was heard of it after it was assigned"
  static let killedOutside = "killed by something outside the controller"

  static func newIncarnation(_ worker: String) -> String { "worker \(worker) registered as another incarnation" }
  static func notReported(_ worker: String) -> String { "worker \(worker) no longer runs the task" }
  static func ranTooLong(_ timeoutMs: Int64) -> String { "ran longer than \(timeoutMs) ms" }
  static func drained(_ worker: String, _ reason: String?) -> String {
    "worker \(worker) is drained" + (reason.map { ": \($0)" } ?? "")
  }
  static func ended(_ job: String, _ state: JobState) -> String { "job \(job) ended \(state.name)" }
  static func parentEnded(_ job: String, _ state: JobState) -> String { "parent job \(job) ended \(state.name)" }
  static func parentCancelled(_ job: String) -> String { "parent job \(job) was cancelled" }
  static func replicas(_ count: Int32) -> String { "replicas must be in 1...10000, not \(count)" }
}
