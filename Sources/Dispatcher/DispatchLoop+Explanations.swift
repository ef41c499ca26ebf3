import Controller
import EventCodec
import EventModel

/// Explanations: looked for in the transaction log a slice a turn, and answered as rows.
extension DispatchLoop {
  /// Actions in the log that explanations look at in one turn, of all clients together.
  static let explanationActionsPerTurn = 4096
  /// What beginning one counts as: the reason that a gang waits takes thousands of look-ups.
  private static let beginningActions = 1024

  /// Goes on with the explanation that a query asks for.
  ///
  /// - Returns: whether the query can be answered; if not, in a later turn.
  mutating func prepare(_ query: inout PendingQuery) -> Bool {
    if let target = query.target {
      guard explanationBudget > 0 else { return false }
      explanationBudget -= Self.beginningActions
      query.target = nil
      query.search = ExplanationSearch(target, in: state)
    }
    guard var search = query.search else { return true }
    query.search = nil
    while explanationBudget > 0 {
      guard let actions = search.advance(state, actions: explanationBudget) else {
        explanationBudget -= 1
        query.preparedRows = search.explanation.map { rows(of: $0) } ?? []
        return true
      }
      explanationBudget -= actions
    }
    query.search = search
    return false
  }

  private func rows(of explanation: Explanation) -> [Row] {
    var budgets: TaskBudgets?
    var obstacle: PlacementObstacle?
    var attempts: [AttemptView] = []
    var attemptCount = 0
    var present: Row?
    switch explanation.present {
    case .worker(let view): present = .worker(WorkerRow(view))
    case .job(let view, let jobObstacle):
      present = .job(JobRow(view))
      obstacle = jobObstacle
    case .task(let view, let taskBudgets, let taskObstacle):
      present = .task(TaskRow(view))
      attempts = view.attempts
      attemptCount = view.attemptCount
      budgets = taskBudgets
      obstacle = taskObstacle
    case .gone: break
    }
    let first = ExplanationRow(
      subject: explanation.subject, isPresent: present != nil, reach: explanation.reach, nowMs: nowMs,
      firstTransaction: state.transactionLog.firstNumber, attempts: UInt32(clamping: attemptCount), budgets: budgets,
      obstacle: obstacle)
    var rows: [Row] = [.explanation(first)]
    if let present { rows.append(present) }
    rows += attempts.map { .attempt($0) }
    rows += explanation.steps.map { .step(StepRow($0)) }
    return rows
  }
}

extension StepRow {
  init(_ step: ExplanationStep) {
    self.init(
      transaction: step.transaction, timestampMs: step.timestampMs,
      content: step.action.map { .action($0) } ?? .event(step.event, subject: step.subject), cause: step.cause)
  }
}
