import EventModel

/// Why a worker, job or task is as it is: its present state, and the chain back to the external events that led to it.
public struct EntityExplanation: Sendable, Hashable {
  public enum Present: Sendable, Hashable {
    case worker(WorkerView)
    case job(JobView)
    case task(TaskView)
  }

  /// Whom it is about, how far back it goes, and what a task may still spend and waits for.
  public let summary: ExplanationView
  /// nil when the entity is gone and only the transaction log tells of it.
  public let present: Present?
  /// Of a task, the newest, in order.
  public let attempts: [AttemptView]
  /// Newest first, and each step before the one that led to it.
  public let steps: [StepView]

  public init(summary: ExplanationView, present: Present?, attempts: [AttemptView], steps: [StepView]) {
    self.summary = summary
    self.present = present
    self.attempts = attempts
    self.steps = steps
  }

  /// From the rows of the dispatcher's answer; nil when there are none.
  init?(rows: [Row]) {
    guard case .explanation(let summary)? = rows.first else { return nil }
    self.summary = summary
    var present: Present?
    var attempts: [AttemptView] = []
    var steps: [StepView] = []
    for row in rows.dropFirst() {
      switch row {
      case .worker(let row): present = .worker(row)
      case .job(let row): present = .job(row)
      case .task(let row): present = .task(row)
      case .attempt(let view): attempts.append(view)
      case .step(let row): steps.append(row)
      case .counter, .peer, .brake, .deadLetter, .explanation, .specification: break
      }
    }
    self.present = present
    self.attempts = attempts
    self.steps = steps
  }
}
