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

  /// Of names and other texts, by their bytes.
  mutating func expect(_ actual: [String], _ expected: [String], _ what: @autoclosure () -> String) {
    if !actual.elementsEqual(expected, by: { $0.isSame(as: $1) }) {
      texts.append("\(what()): the controller has \(actual), the model \(expected)")
    }
  }

  mutating func compare(_ transactions: [Transaction], _ expected: [ModelTransaction]) {
    expect(transactions.count, expected.count, "transactions")
    for (transaction, expected) in zip(transactions, expected) {
      let what = "transaction \(transaction.number)"
      // The zones are judged in no order that anybody is promised.
      if ![.brakeEngaged, .brakeReleased].contains(expected.kind) {
        expect(transaction.event.kind, expected.kind, "\(what), event")
      }
      expect(transaction.outcome, expected.outcome, "\(what), outcome")
      expect(transaction.missing?.resource.name, expected.missing, "\(what), missing")
      expect(transaction.timestampMs, expected.timestampMs, "\(what), time")
      let actions = transaction.actions.map {
        ModelAction($0.kind, $0.subject.description, endpoint: $0.endpoint)
      }
      expect(actions, expected.actions, "\(what), actions")
      let kills = transaction.tasksToKill.map {
        ModelTransaction.Kill(task: $0.task.description, attempt: $0.attempt, worker: $0.worker.name)
      }
      expect(Set(kills), expected.tasksToKill, "\(what), tasks to kill")
      if Set(kills).count != kills.count { note("\(what): a task is to be killed twice: \(kills)") }
    }
  }

  mutating func compare(_ state: borrowing ControllerState, _ model: ReferenceModel) {
    expect(state.nowMs, model.nowMs, "clock")
    expect(names(state.queue, state), model.queue.map { model.name($0) }, "queue")
    let brakes = state.brakes.map {
      ModelBrake(
        zone: $0.zone, engagedMs: $0.engagedMs, silentWorkers: $0.silentWorkers, workers: $0.workers,
        expiredWorkers: $0.expiredWorkers, isOverridden: $0.isOverridden)
    }
    expect(brakes, model.brakes.values.sorted { $0.zone.precedes($1.zone) }, "brakes")
    let endpoints = model.endpoints.sorted { $0.key.text.precedes($1.key.text) }
    expect(
      state.endpoints.map { "\($0.name) of \($0.taskName)" },
      endpoints.map { "\($0.key.text) of \(model.name($0.value))" }, "endpoints")
    compareWorkers(state, model)
    compareJobs(state, model)
  }

  private mutating func compareWorkers(_ state: borrowing ControllerState, _ model: ReferenceModel) {
    expect(state.totals.workers, model.workers.count, "registered workers")
    for expected in model.workers.values.sorted(by: { $0.serial < $1.serial }) {
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
      expect(
        worker.committed.byName, model.committed(on: expected.serial).filter { $0.value != 0 }, "\(name), committed")
      let running = model.running(on: expected.serial).map { model.name($0) }
      expect(names(worker.runningTasks, state), running, "\(name), running tasks")
      let stopping = model.stopping(on: expected.serial).map { model.name($0) }
      expect(names(worker.stoppingTasks, state), stopping, "\(name), stopping tasks")
      expect(worker.runningCount, running.count, "\(name), number of running tasks")
      expect(worker.stoppingCount, stopping.count, "\(name), number of stopping tasks")
      let drain = model.drains[ByteText(expected.name)]
      expect(worker.isDraining, drain != nil, "\(name), draining")
      expect(worker.drainReason, drain?.reason, "\(name), reason of its drain")
      expect(worker.drainEndsMs, drain?.endsMs, "\(name), end of its drain's grace")
    }
  }

  private func names(_ tasks: [TaskHandle], _ state: borrowing ControllerState) -> [String] {
    var names: [String] = []
    for task in tasks { names.append(state.view(of: task)?.name.description ?? "#\(task)") }
    return names
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
      expect(job.parentName, expected.parentName, "\(name), parent")
      expect(job.taskCount, expected.tasks.count, "\(name), tasks")
      for (index, task) in expected.tasks.enumerated() {
        let what = "task \(expected.name)/task-\(index)"
        guard let view = state.task(at: index, of: job.handle).flatMap({ state.view(of: $0) }) else {
          note("\(what): the controller does not know it")
          continue
        }
        compare(view, task, retryMs: model.retryMs(of: task, in: serial).flatMap { $0 > model.nowMs ? $0 : nil }, what)
      }
    }
  }

  private mutating func compare(_ task: TaskView, _ expected: ModelTask, retryMs: Int64?, _ what: String) {
    expect(task.state, expected.state, "\(what), state")
    expect(task.error, expected.error, "\(what), error")
    expect(task.exitCode, expected.exitCode, "\(what), exit code")
    expect(task.endReason, expected.endReason, "\(what), end reason")
    expect(task.isStopping, expected.isStopping, "\(what), stopping")
    expect(task.retryMs, retryMs, "\(what), end of its back-off")
    expect(task.failures, expected.failures, "\(what), failures")
    expect(task.preemptions, expected.preemptions, "\(what), preemptions")
    expect(task.deliveries, expected.deliveries, "\(what), deliveries")
    expect(task.attempts.count, expected.attempts.count, "\(what), attempts")
    for (number, (attempt, expected)) in zip(task.attempts, expected.attempts).enumerated() {
      expect(AttemptSummary(attempt), AttemptSummary(expected), "\(what), attempt \(number)")
    }
    let worker = task.state.isActive ? expected.attempts.last?.workerName : nil
    expect(task.worker?.name, worker, "\(what), worker")
  }
}

/// An attempt as both sides know it.
private struct AttemptSummary: Equatable, CustomStringConvertible {
  let state: TaskState
  let worker: String
  let startedMs: Int64
  let endedMs: Int64?
  let exitCode: Int32?
  let endReason: EndReason?
  let error: String?
  let isStopping: Bool

  var description: String {
    let details = [
      endedMs.map { "to \($0)" }, exitCode.map { "exit code \($0)" }, endReason?.name, error,
      isStopping ? "stopping" : nil,
    ]
    return (["\(state.name) on \(worker) from \(startedMs)"] + details.compactMap { $0 }).joined(separator: ", ")
  }

  init(_ attempt: AttemptView) {
    state = attempt.state
    worker = attempt.worker.name
    startedMs = attempt.startedMs
    endedMs = attempt.endedMs
    exitCode = attempt.exitCode
    endReason = attempt.endReason
    error = attempt.error
    isStopping = attempt.isStopping
  }

  init(_ attempt: ModelAttempt) {
    state = attempt.state
    worker = attempt.workerName
    startedMs = attempt.startedMs
    endedMs = attempt.endedMs
    exitCode = attempt.exitCode
    endReason = attempt.endReason
    error = attempt.error
    isStopping = attempt.isStopping
  }
}
