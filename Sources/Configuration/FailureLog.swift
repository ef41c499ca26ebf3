import EventBus
import EventModel
import Logging

/// The built-in observer `log`: a line in the log for each transaction in which a worker, task or job failed or whose
/// event was refused, however much it caused. Heartbeats and what went well it passes over.
struct FailureLog: EventObserver {
  static let name = "log"

  let log: Logger

  var name: String { Self.name }

  func observe(_ event: Event, _ transaction: Transaction) {
    if let reason = transaction.outcome.reason {
      log.notice("event refused", metadata: metadata(transaction, ["reason": "\(reason.name)"]))
      return
    }
    var workers = 0
    var tasks = 0
    for action in transaction.actions {
      if action.kind == .workerFailed { workers += 1 }
      if let to = action.to, to.isFailure { tasks += 1 }
      if action.kind == .jobValidationFailed { tasks += 1 }
    }
    guard workers + tasks > 0 else { return }
    log.warning(
      "failure", metadata: metadata(transaction, ["workers_lost": "\(workers)", "tasks_failed": "\(tasks)"]))
  }

  private func metadata(_ transaction: Transaction, _ more: Logger.Metadata) -> Logger.Metadata {
    var metadata = more
    metadata["transaction"] = "\(transaction.number)"
    metadata["event"] = "\(transaction.event.kind.name)"
    if let subject = transaction.subject { metadata["subject"] = "\(subject)" }
    return metadata
  }
}

extension TaskState {
  fileprivate var isFailure: Bool {
    switch self {
    case .failed, .workerFailed, .unschedulable, .coscheduledFailed: true
    case .pending, .assigned, .building, .running, .succeeded, .killed, .preempted: false
    }
  }
}

/// The built-in sink `log`: a line in the log for each dead letter.
struct LoggingDeadLetterSink: DeadLetterSink {
  let log: Logger

  func receive(_ letter: DeadLetter) {
    log.notice(
      "dead letter",
      metadata: ["origin": "\(letter.origin)", "reason": "\(letter.reason.name)", "detail": "\(letter.detail)"])
  }
}
