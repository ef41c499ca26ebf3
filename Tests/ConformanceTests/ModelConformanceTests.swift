import ControllerFuzzer
import EventJSON
import EventModel
import Foundation
import ReferenceModel
import Testing

/// The reference model meets the cases too: it is a second reading of the same page.
@Suite struct ModelConformanceTests {
  /// Slow as it is, the model takes minutes for a gang of 10,000.
  private static let files = CaseFile.all.filter {
    ProcessInfo.processInfo.environment["RINGMASTER_SOAK"] == "1" || !$0.testDescription.contains("10000")
  }

  @Test(arguments: files)
  func theModelMeetsTheCase(_ file: CaseFile) throws {
    let conformanceCase = try file.load()
    var model = ReferenceModel(settings: ModelSettings(conformanceCase.configuration))
    var transactions: [[ObservedTransaction]] = []
    var logged = 0
    for step in conformanceCase.steps {
      transactions.append(model.take(step).map(ObservedTransaction.init))
      logged = if case .restart = step { 0 } else { logged + transactions.last!.count }
    }
    for check in conformanceCase.checks {
      for failure in check.failures(transactions[check.eventIndex]) { Issue.record("\(failure)") }
    }
    let capacity = conformanceCase.configuration.transactionLogCapacity
    let state = ObservedState(model, transactionLogLength: min(logged, capacity))
    for failure in conformanceCase.expectation.failures(state) { Issue.record("\(failure)") }
  }
}

extension ObservedTransaction {
  init(_ transaction: ModelTransaction) {
    outcome = transaction.outcome.name
    reason = transaction.outcome.reason?.name
    missing = transaction.missing
    actions = transaction.actions.map { ObservedAction(name: $0.kind.name, entity: $0.entity) }
    tasksToKill = transaction.tasksToKill.map {
      Kill(task: ByteText($0.task), attempt: $0.attempt, worker: $0.worker)
    }
    timestampMs = transaction.timestampMs
    eventType = transaction.kind.name
  }
}

extension ObservedState {
  init(_ model: ReferenceModel, transactionLogLength: Int) {
    self.transactionLogLength = transactionLogLength
    for serial in model.liveJobs {
      jobs[ByteText(model.jobs[serial].name)] = Job(state: model.state(of: serial), error: model.error(of: serial))
      for (id, task) in zip(model.tasks(of: serial), model.jobs[serial].tasks) {
        tasks[ByteText(model.name(id))] = Task(
          state: task.state, attempts: task.attempts.map(\.state), failures: task.failures,
          preemptions: task.preemptions, exitCode: task.exitCode)
      }
    }
    for (name, worker) in model.workers {
      workers[name] = Worker(
        isHealthy: true, isDraining: model.drains[name] != nil,
        runningTasks: model.running(on: worker.serial).map { model.name($0) },
        stoppingTasks: model.stopping(on: worker.serial).map { model.name($0) },
        committed: Resources(model.committed(on: worker.serial)), lastHeartbeatMs: worker.lastHeartbeatMs,
        consecutiveFailures: worker.consecutiveFailures)
    }
    queue = model.queue.map { model.name($0) }
    endpoints = model.endpoints.map { Endpoint(task: model.name($0.value), name: $0.key.text) }
  }
}

extension Resources {
  fileprivate init(_ amounts: ModelAmounts) {
    self.init()
    for (name, amount) in amounts {
      switch Resource(name: name.text) {
      case .cpu: milliCPU = amount
      case .memory: memoryBytes = amount
      case .device(let device): devices[device] = amount
      case nil: preconditionFailure("\(name.text) is no resource")
      }
    }
  }
}
