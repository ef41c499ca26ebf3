import EventJSON
import EventModel
import Terminal

/// An event or an action in one line, as people read it. Names and errors come from outside; nothing in a line can drive
/// the terminal.
public struct StepText: Sendable {
  private let paint: Paint

  public init(paint: Paint) {
    self.paint = paint
  }

  /// `#412 WORKER_FAILED w-17 (no heartbeat for more than 3000 ms)`
  ///
  /// - Parameter subject: what the event turned out to be about; else it is told as the event names it.
  public func line(_ event: Event, transaction: UInt64, subject: Subject? = nil) -> String {
    paint("#\(transaction)", .bold) + " " + line(event, subject: subject)
  }

  /// `WORKER_FAILED w-17 (no heartbeat for more than 3000 ms)`
  public func line(_ event: Event, subject: Subject? = nil) -> String {
    let about = subject?.description ?? event.named
    let remark = event.remark.map { " (\($0))" } ?? ""
    return paint(event.kind.name, .cyan) + (about.isEmpty ? "" : " ") + about.withoutControls + remark.withoutControls
  }

  /// `task_state_changed j/task-0 RUNNING → PENDING attempt 0 on w-17`
  public func line(_ action: Action) -> String {
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
