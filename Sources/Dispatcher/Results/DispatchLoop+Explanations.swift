import Controller
import EventModel

/// Explanations: looked for in the transaction log a slice a turn, and answered as rows.
extension DispatchLoop {
  /// Goes on with the explanation that a query asks for.
  ///
  /// - Returns: whether the query can be answered; if not, with more looks.
  mutating func prepare(_ query: inout PendingQuery, _ looks: inout Int) -> Bool {
    if let target = query.target.take() {
      looks -= QueryDesk.looksPerSearch
      query.search = ExplanationSearch(target, in: state)
    }
    if query.taskSlots == nil, query.entity == QueryEntity.tasks.rawValue {
      if let task = query.task {
        query.taskSlots = state.slot(of: task).map { [$0] } ?? []
      } else if let worker = query.worker {
        let slots = state.taskSlots(on: worker)
        query.taskSlots = slots
        looks -= slots.count
      }
    }
    guard query.search != nil else { return true }
    while looks > 0 {
      guard let looked = query.search?.advance(state, actions: looks) else {
        query.preparedRows = query.search.take()?.explanation.map { rows(of: $0) } ?? []
        return true
      }
      looks -= looked
    }
    return false
  }

  private func rows(of explanation: Explanation) -> [Row] {
    var budgets: TaskBudgets?
    var obstacle: PlacementObstacle?
    var attempts: [AttemptView] = []
    var attemptCount = 0
    var present: Row?
    switch explanation.present {
    case .worker(let view): present = .worker(view)
    case .job(let view, let jobObstacle):
      present = .job(view)
      obstacle = jobObstacle
    case .task(let view, let taskBudgets, let taskObstacle):
      present = .task(view)
      attempts = view.attempts
      attemptCount = view.attemptCount
      budgets = taskBudgets
      obstacle = taskObstacle
    case .gone: break
    }
    let first = ExplanationView(
      subject: explanation.subject, isPresent: present != nil, reach: explanation.reach, nowMs: clock.nowMs,
      firstTransaction: state.transactionLog.firstNumber, attempts: UInt32(clamping: attemptCount), budgets: budgets,
      obstacle: obstacle)
    var rows: [Row] = [.explanation(first)]
    if let present { rows.append(present) }
    rows += attempts.map { .attempt($0) }
    rows += explanation.steps.map { .step($0) }
    return rows
  }
}
