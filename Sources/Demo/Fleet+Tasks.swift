import EventCodec
import EventModel
import Ingest
import RingmasterClient

/// The fleet as a client of the dispatcher: assignments in, reports out.
extension Fleet {
  private static let servicePrefix = "service"

  mutating func readResults(nowNs: UInt64) throws {
    while let message = try attachment.results.next() {
      switch message {
      case .result(let result):
        if let transaction = result.transaction { take(transaction, nowNs: nowNs) }
      // An assignment may be among what was lost.
      case .overrun: needsRecovery = true
      case .row(let request, .task(let row)) where request == recoveryRequest: recover(row, nowNs: nowNs)
      case .queryDone(let request, let next): finish(request, next: next)
      case .row, .refused, .heartbeatRefused: break
      }
    }
  }

  private mutating func take(_ transaction: Transaction, nowNs: UInt64) {
    for kill in transaction.tasksToKill {
      guard let index = roster.index(of: kill.worker.handle), !roster.workers[index].isSilent else { continue }
      if tasks.stop(TaskHandle(rawValue: kill.task.rawHandle), attempt: kill.attempt) { totals.killsObeyed += 1 }
    }
    for action in transaction.actions where action.kind == .taskAssigned {
      guard case .task(let task, let job, _) = action.subject, let attempt = action.attempt, let worker = action.worker
      else { continue }
      start(task, job: job, attempt: attempt, on: worker, nowNs: nowNs)
    }
  }

  private mutating func start(
    _ task: TaskHandle, job: String, attempt: UInt32, on worker: WorkerIdentity, nowNs: UInt64
  ) {
    guard let index = roster.index(of: worker.handle) ?? roster.index(named: worker.name) else { return }
    let isService = job.hasPrefix(Self.servicePrefix)
    tasks.start(task, .init(attempt: attempt, worker: index, isService: isService), nowNs: nowNs)
  }

  /// Sends what the ring has room for; the rest waits for the next step.
  mutating func sendReports() {
    var sent = 0
    for report in unsentReports {
      // A report always fits a record: it has no text.
      guard (try? attachment.submission.publish(report)) ?? nil != nil else { break }
      sent += 1
    }
    unsentReports.removeFirst(sent)
    totals.reportsSent += sent
  }

  /// Asks for all tasks when results were lost.
  mutating func recoverIfNeeded() {
    guard needsRecovery, recoveryRequest == nil else { return }
    requestTasks(from: 0)
    if recoveryRequest != nil { needsRecovery = false }
  }

  /// A new dispatcher does not answer what the one before was asked. It has the subscription.
  mutating func noteUnanswered() {
    subscriptionRequest = nil
    if recoveryRequest != nil { needsRecovery = true }
    recoveryRequest = nil
  }

  private mutating func requestTasks(from cursor: UInt64) {
    recoveryRequest = attachment.submission.query(.tasks, cursor: cursor, limit: FleetLimits.rowsPerQuery)
  }

  private mutating func finish(_ request: UInt64, next: UInt64?) {
    if request == subscriptionRequest {
      subscriptionRequest = nil
    } else if request == recoveryRequest {
      recoveryRequest = nil
      if let next {
        requestTasks(from: next)
        // Without room for the request it begins anew.
        if recoveryRequest == nil { needsRecovery = true }
      }
    }
  }

  /// Brings what the fleet runs in line with what the dispatcher holds of one task.
  private mutating func recover(_ row: TaskView, nowNs: UInt64) {
    let attempt = row.currentAttempt ?? 0
    guard row.state.isActive, let worker = row.worker else {
      if let running = tasks.attempt(of: row.handle), tasks.stop(row.handle, attempt: running) {
        totals.killsObeyed += 1
      }
      return
    }
    if row.state == .assigned { start(row.handle, job: row.name.job, attempt: attempt, on: worker, nowNs: nowNs) }
  }
}

extension FleetTasks.Report {
  var exitCode: Int32? {
    state == .succeeded ? 0 : nil
  }
}
