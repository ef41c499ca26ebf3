import EventBus
import EventModel
import LogMessages
import Logging

/// The built-in observer `log`: an entry in the log for each transaction in which a worker, task or job failed, whose event
/// was refused, or that tells of a stall, a brake or the clock, however much it caused. Heartbeats and what went well it passes over.
///
/// As `losses` it keeps to what concerns whoever runs the fleet: lost workers, stalls, brakes and the clock.
struct FailureLog: EventObserver {
  static let name = "log"
  static let lossesName = "losses"

  let log: Logger
  var logsLossesOnly = false

  var name: String { logsLossesOnly ? Self.lossesName : Self.name }

  /// The kinds that can cost a worker, and those that `losses` names itself.
  private static let losses = EventKindSet(
    .workerRegistered, .workerHeartbeatFailed, .workerFailed, .controllerStalled, .brakeEngaged, .brakeReleased,
    .clockCorrected)

  var interests: EventKindSet { logsLossesOnly ? Self.losses : .all }

  func observe(_ event: Event, _ transaction: Transaction) -> String? {
    tell(transaction)
    return nil
  }

  private func tell(_ transaction: Transaction) {
    if let reason = transaction.outcome.reason {
      if logsLossesOnly { return }
      var fields = fields(transaction, concerned: ConcernedEntities(transaction.subject))
      fields[.reason] = "\(reason.name)"
      log.tell(.eventRefused, fields)
      return
    }
    switch transaction.event.body {
    case .controllerStalled: log.tell(.dispatcherStalled, fields(transaction))
    case .clockCorrected: log.tell(.clockCorrected, fields(transaction))
    case .brakeEngaged(let census): tell(.brakeEngaged, census, transaction)
    case .brakeReleased(let census): tell(.brakeReleased, census, transaction)
    default: tellFailures(transaction)
    }
  }

  private func tell(_ message: LogMessage, _ census: ZoneCensus, _ transaction: Transaction) {
    var fields = fields(transaction)
    fields[.zone] = "\(census.zone)"
    log.tell(message, fields)
  }

  private func tellFailures(_ transaction: Transaction) {
    let actions = 0..<transaction.actionCount
    guard actions.contains(where: { transaction.withAction(at: $0) { $0.isLoss } }) else { return }
    var concerned = ConcernedEntities(transaction.subject)
    var (workers, tasks, jobs) = (0, 0, 0)
    for action in transaction.actions {
      switch action.kind {
      case .workerFailed: workers += 1
      case .jobValidationFailed: jobs += 1
      case .taskStateChanged where action.to?.isFailure == true: tasks += 1
      case .taskStateChanged where workers > 0: break
      default: continue
      }
      concerned.add(action.subject, on: action.worker)
    }
    guard workers > 0 || (!logsLossesOnly && tasks + jobs > 0) else { return }
    let message: LogMessage = workers > 0 ? .workerFailed : tasks > 0 ? .taskFailed : .jobInvalid
    log.tell(
      message, fields(transaction, concerned: concerned),
      metadata: ["workers_lost": "\(workers)", "tasks_failed": "\(tasks)"])
  }

  private func fields(
    _ transaction: Transaction, concerned: ConcernedEntities = ConcernedEntities(nil)
  ) -> [LogField: Logger.MetadataValue] {
    var fields = concerned.fields
    fields[.txn] = "\(transaction.number)"
    fields[.event] = "\(transaction.event.kind.name)"
    fields[.cause] = "\(transaction.cause)"
    return fields
  }
}

extension Transaction {
  /// `WORKER_FAILED w1 (disk) from peer 3`
  fileprivate var cause: String {
    let about = subject?.description ?? event.named
    let words = [event.kind.name, about, event.remark.map { "(\($0))" } ?? ""]
    return words.filter { !$0.isEmpty }.joined(separator: " ")
      + (event.id.peer == 0 ? " from the dispatcher" : " from peer \(event.id.peer)")
  }
}

extension Action {
  fileprivate var isLoss: Bool {
    switch kind {
    case .workerFailed, .jobValidationFailed: true
    case .taskStateChanged: to?.isFailure == true
    default: false
    }
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

/// The built-in sink `log`: an entry in the log for each dead letter, and for each error that an observer reports.
struct LoggingDeadLetterSink: DeadLetterSink {
  let log: Logger

  func receive(_ letter: DeadLetter, _ result: DispatchResult?) {
    let isHandled = result.map { $0.deadLetter == nil } ?? false
    log.tell(
      isHandled ? .observerFailed : .deadLetter,
      [.origin: "\(letter.origin)", .reason: "\(letter.reason.name)", .cause: "\(letter.detail)"])
  }
}
