import EventJSON
import EventModel
import Terminal

/// A transaction as people read it: a line for the event and its outcome, then each action, indented under its cause,
/// then the processes to stop.
///
/// Names and errors come from outside; nothing in a line can drive the terminal.
public struct TransactionText: Sendable {
  /// How times are written.
  public enum TimeFormat: Sendable {
    /// The controller's clock reads like wall time: `16:03:12.345Z`.
    case timeOfDay
    /// The clock of a script counts from anywhere: `at 1000 ms`.
    case milliseconds
  }

  private let transaction: Transaction
  private let paint: Paint
  private let timeFormat: TimeFormat

  public init(
    _ transaction: Transaction, paint: Paint = Paint(isEnabled: false), timeFormat: TimeFormat = .timeOfDay
  ) {
    self.transaction = transaction
    self.paint = paint
    self.timeFormat = timeFormat
  }

  public var lines: [String] {
    [headline] + actionLines + killLines
  }

  /// `#412 WORKER_FAILED w-17 (no heartbeat for more than 3000 ms) 16:03:12.345Z applied`
  public var headline: String {
    let event = transaction.event
    let about = transaction.subject?.description ?? event.named
    let remark = event.remark.map { " (\($0))" } ?? ""
    let number = paint("#\(transaction.number)", .bold)
    let kind = paint(event.kind.name, .cyan)
    return "\(number) \(kind) \(about.withoutControls)\(remark.withoutControls) \(paint(time, .dim)) \(outcome)"
  }

  /// One line an action, under what caused it.
  public var actionLines: [String] {
    var depths: [Int] = []
    return transaction.actions.map { action in
      let depth =
        if case .action(let index) = action.cause, depths.indices.contains(Int(index)) {
          depths[Int(index)] + 1
        } else { 1 }
      depths.append(depth)
      return String(repeating: "  ", count: depth) + line(action)
    }
  }

  /// One line for each process that a worker must now stop.
  public var killLines: [String] {
    transaction.tasksToKill.map { kill in
      let target = "\(kill.task) attempt \(kill.attempt) on \(kill.worker.name)".withoutControls
      return "  \(paint("kill", .red)) \(target)"
    }
  }

  private var time: String {
    switch timeFormat {
    case .timeOfDay: TimeOfDay.text(ms: transaction.timestampMs)
    case .milliseconds: "at \(transaction.timestampMs) ms"
    }
  }

  private var outcome: String {
    switch transaction.outcome {
    case .applied: paint("applied", .green)
    case .ignored: paint("ignored", .yellow)
    case .rejected(let reason): paint("rejected: \(reason.name)", .red)
    }
  }

  private func line(_ action: Action) -> String {
    var words = [action.subject.description]
    switch (action.from, action.to) {
    case (let from?, let to?): words.append("\(from.name) → \(to.name)")
    case (nil, let to?): words.append("→ \(to.name)")
    default: break
    }
    if let attempt = action.attempt { words.append("attempt \(attempt)") }
    if let worker = action.worker { words.append("on \(worker.name)") }
    return styled(action.kind) + " " + words.joined(separator: " ").withoutControls
  }

  private func styled(_ kind: ActionKind) -> String {
    switch kind {
    case .workerFailed, .jobCancelled, .jobValidationFailed, .taskKilled, .coscheduledSiblingKilled:
      paint(kind.name, .red)
    case .taskRequeued, .coscheduledSiblingRequeued: paint(kind.name, .yellow)
    case .workerRegistered, .jobSubmitted, .taskAssigned: paint(kind.name, .green)
    default: kind.name
    }
  }
}

/// The time of day in UTC.
public enum TimeOfDay {
  /// `16:03:12.345Z` of milliseconds since 1970.
  public static func text(ms: Int64) -> String {
    let dayMs: Int64 = 86_400_000
    let ms = ((ms % dayMs) + dayMs) % dayMs
    let clock = [ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60].map { padded($0, digits: 2) }
    return clock.joined(separator: ":") + ".\(padded(ms % 1000, digits: 3))Z"
  }

  private static func padded(_ value: Int64, digits: Int) -> String {
    let text = String(value)
    return String(repeating: "0", count: digits - text.count) + text
  }
}

extension Event {
  /// The entity that the event names, as it names it.
  fileprivate var named: String {
    switch body {
    case .workerRegistered(let registration): registration.name
    case .workerHeartbeat(let worker), .workerHeartbeatFailed(let worker, _), .workerFailed(let worker, _),
      .workerReconciled(let worker, _):
      worker.jsonText
    case .jobSubmitted(let name, _): name
    case .jobCancelled(let job, _): job.jsonText
    case .taskAssigned(let task, _), .taskPreempted(let task, _), .endpointRegistered(let task, _),
      .schedulingDeadlinePassed(let task):
      task.jsonText
    case .taskStateChanged(let report): report.task.jsonText
    case .brakeEngaged(let census), .brakeReleased(let census): census.zone
    case .brakeOverridden(let zone, _): zone
    case .tick, .prune, .controllerStalled: ""
    }
  }

  /// What else it says that explains the rest.
  fileprivate var remark: String? {
    switch body {
    case .workerHeartbeatFailed(_, let error): error
    case .workerFailed(_, let cause): cause.error
    case .workerReconciled(_, let reported): "\(reported.count) reported"
    case .jobSubmitted(_, let request):
      "\(request.replicas) tasks" + (request.reason.map { ": \($0)" } ?? "")
    case .jobCancelled(_, let reason): reason
    case .taskAssigned(_, let worker): "to \(worker.jsonText)"
    case .taskPreempted(_, let reason): reason
    case .taskStateChanged(let report):
      "attempt \(report.attempt) \(report.state.name)" + (report.error.map { ": \($0)" } ?? "")
    case .endpointRegistered(_, let endpoint): endpoint
    case .controllerStalled(let stalledMs): "for \(stalledMs) ms"
    case .brakeEngaged(let census), .brakeReleased(let census):
      "\(census.silentWorkers) of \(census.workers) workers silent"
    case .brakeOverridden(_, let reason): reason
    case .workerRegistered, .workerHeartbeat, .tick, .prune, .schedulingDeadlinePassed: nil
    }
  }
}
