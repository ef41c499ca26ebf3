import Controller
import EventModel
import ReferenceModel

/// What the controller and the reference model do not agree on, in words.
struct Differences {
  private(set) var texts: [String] = []

  mutating func note(_ text: String) {
    texts.append(text)
  }

  mutating func expect<Value: Equatable>(_ actual: Value, _ expected: Value, _ what: @autoclosure () -> String) {
    if actual != expected { texts.append("\(what()): the controller has \(actual), the model \(expected)") }
  }

  mutating func compare(_ transactions: [Transaction], _ expected: [ModelTransaction]) {
    expect(transactions.count, expected.count, "transactions")
    for (transaction, expected) in zip(transactions, expected) {
      let what = "transaction \(transaction.number)"
      expect(transaction.outcome, expected.outcome, "\(what), outcome")
      expect(transaction.missing?.resource.name, expected.missing, "\(what), missing")
      expect(transaction.timestampMs, expected.timestampMs, "\(what), time")
      expect(transaction.actions.map { "\($0.kind.name) \($0.subject)" }, expected.actions, "\(what), actions")
      let kills = transaction.tasksToKill.map {
        ModelTransaction.Kill(task: $0.task.description, attempt: $0.attempt, worker: $0.worker.name)
      }
      expect(Set(kills), expected.tasksToKill, "\(what), tasks to kill")
      if Set(kills).count != kills.count { note("\(what): a task is to be killed twice: \(kills)") }
    }
  }

  mutating func compare(_ state: borrowing ControllerState, _ model: ReferenceModel) {
    expect(state.nowMs, model.nowMs, "clock")
    expect(state.queue.map { state.view(of: $0)?.name.description }, model.queue.map { model.name($0) }, "queue")
    let brakes = state.brakes.map {
      ModelBrake(
        zone: $0.zone, engagedMs: $0.engagedMs, silentWorkers: $0.silentWorkers, workers: $0.workers,
        expiredWorkers: $0.expiredWorkers, isOverridden: $0.isOverridden)
    }
    expect(brakes, model.brakes.values.sorted { $0.zone < $1.zone }, "brakes")
    let endpoints = state.endpoints.map { "\($0.name) of \($0.taskName)" }
    expect(
      endpoints, model.endpoints.sorted { $0.key < $1.key }.map { "\($0.key) of \(model.name($0.value))" }, "endpoints")
    compareWorkers(state, model)
    compareJobs(state, model)
  }

  private mutating func compareWorkers(_ state: borrowing ControllerState, _ model: ReferenceModel) {
    expect(state.totals.workers, model.workers.count, "registered workers")
    for expected in model.workers.values.sorted(by: { $0.name < $1.name }) {
      let name = "worker \(expected.name)"
      guard let worker = state.worker(named: expected.name).flatMap({ state.view(of: $0) }) else {
        note("\(name): the controller does not know it")
        continue
      }
      expect(worker.address, expected.address, "\(name), address")
      expect(worker.metadata, expected.metadata, "\(name), metadata")
      expect(worker.incarnation, expected.incarnation, "\(name), incarnation")
      expect(worker.lastHeartbeatMs, expected.lastHeartbeatMs, "\(name), last heartbeat")
      expect(worker.consecutiveFailures, expected.consecutiveFailures, "\(name), failures in a row")
      let committed = model.committed(on: expected.serial)
      expect(worker.committed.milliCPU, committed["cpu", default: 0], "\(name), committed cpu")
      expect(worker.committed.memoryBytes, committed["memory_bytes", default: 0], "\(name), committed memory")
      let devices = worker.committed.devices.all.map { ("devices.\($0.name)", $0.count) }
      let held = committed.filter { $0.key.hasPrefix("devices.") && $0.value != 0 }
      expect(Dictionary(uniqueKeysWithValues: devices), held, "\(name), committed devices")
      let running = worker.runningTasks.map { state.view(of: $0)?.name.description }
      expect(running, model.running(on: expected.serial).map { model.name($0) }, "\(name), running tasks")
    }
  }

  private mutating func compareJobs(_ state: borrowing ControllerState, _ model: ReferenceModel) {
    expect(state.totals.jobs.total, model.liveJobs.count, "jobs")
    for serial in model.liveJobs {
      let expected = model.jobs[serial]
      let name = "job \(expected.name)"
      guard let job = state.job(named: expected.name).flatMap({ state.view(of: $0) }) else {
        note("\(name): the controller does not know it")
        continue
      }
      expect(job.state, model.state(of: serial), "\(name), state")
      expect(job.error, model.error(of: serial), "\(name), error")
      expect(job.request, expected.request, "\(name), request")
      expect(job.submittedMs, expected.submittedMs, "\(name), submission")
      expect(job.endedMs, expected.end?.timeMs, "\(name), end")
      expect(job.depth, expected.depth, "\(name), depth")
      expect(job.parentName, expected.parent.map { model.jobs[$0].name }, "\(name), parent")
      expect(job.taskCount, expected.tasks.count, "\(name), tasks")
      for (index, task) in expected.tasks.enumerated() {
        let what = "task \(expected.name)/task-\(index)"
        guard let view = state.task(at: index, of: job.handle).flatMap({ state.view(of: $0) }) else {
          note("\(what): the controller does not know it")
          continue
        }
        compare(view, task, what)
      }
    }
  }

  private mutating func compare(_ task: TaskView, _ expected: ModelTask, _ what: String) {
    expect(task.state, expected.state, "\(what), state")
    expect(task.error, expected.error, "\(what), error")
    expect(task.exitCode, expected.exitCode, "\(what), exit code")
    expect(task.failures, expected.failures, "\(what), failures")
    expect(task.preemptions, expected.preemptions, "\(what), preemptions")
    expect(task.deliveries, expected.deliveries, "\(what), deliveries")
    expect(task.attempts.map(AttemptSummary.init), expected.attempts.map(AttemptSummary.init), "\(what), attempts")
    let worker = task.state.isActive ? expected.attempts.last?.workerName : nil
    expect(task.worker?.name, worker, "\(what), worker")
  }
}

/// An attempt as both sides know it.
private struct AttemptSummary: Equatable {
  let state: TaskState
  let worker: String
  let startedMs: Int64
  let endedMs: Int64?
  let exitCode: Int32?
  let error: String?

  init(_ attempt: AttemptView) {
    state = attempt.state
    worker = attempt.worker.name
    startedMs = attempt.startedMs
    endedMs = attempt.endedMs
    exitCode = attempt.exitCode
    error = attempt.error
  }

  init(_ attempt: ModelAttempt) {
    state = attempt.state
    worker = attempt.workerName
    startedMs = attempt.startedMs
    endedMs = attempt.endedMs
    exitCode = attempt.exitCode
    error = attempt.error
  }
}
