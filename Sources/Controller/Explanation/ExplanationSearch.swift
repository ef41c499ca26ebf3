import EventModel

/// An explanation in the making: it reads the transaction log from the newest back, a slice a call, so that whoever owns
/// the state is never held up for long.
///
/// What it tells of the present is as of when it began. A transaction that leaves the log before it is read is missed, and
/// `Explanation.reach` says so.
public struct ExplanationSearch: Sendable {
  private let target: EntityReference
  /// Nil while only a name is known.
  private var chain: ExplanationChain?
  private var present = Explanation.Present.gone
  private var subject: Subject?
  /// Still to be told with the present state.
  private var obstacle: ObstacleSearch?
  /// The number of the transaction to read next; 0 when all are read.
  private var next: UInt64

  /// - Parameter target: a name that the state does not know is looked for in the log: a lost worker's, a pruned job's.
  public init(_ target: EntityReference, in state: borrowing ControllerState) {
    self.target = target
    next = state.transactionLog.lastNumber
    switch target {
    case .worker(let worker):
      if let slot = state.workerSlot(worker) {
        begin(.worker(state.cluster.handle(slot)), state)
      } else if case .handle(let handle) = worker {
        begin(.worker(handle), state)
      }
    case .job(let job):
      if let slot = state.jobSlot(job) {
        begin(.job(state.jobs.handle(slot), name: state.jobs.name(slot), state: state.jobs.rows[slot].state), state)
      } else if case .handle(let handle) = job {
        begin(.job(handle, name: "", state: nil), state)
      }
    case .task(let task):
      if let slot = state.taskSlot(task) {
        begin(.task(state.tasks.handle(slot)), state)
      } else if case .handle(let handle) = task {
        begin(.task(handle), state)
      }
    }
  }

  private mutating func begin(_ focus: ExplanationChain.Focus, _ state: borrowing ControllerState) {
    chain = ExplanationChain(focus)
    switch focus {
    case .worker(let handle):
      guard let view = state.view(of: handle, listsTasks: false) else { return }
      present = .worker(view)
      subject = .worker(handle, name: view.name)
    case .job(let handle, _, _):
      guard let slot = state.jobs.slot(of: handle), let view = state.view(of: handle) else { return }
      let waiting = state.tasks.pending.first(in: state.jobs.rows[slot].taskSlots)
      present = .job(view, nil)
      obstacle = waiting.flatMap { ObstacleSearch(state.tasks.handle($0), in: state) }
      subject = .job(handle, name: view.name)
    case .task(let handle):
      let attempts = ControllerLimits.explanationAttempts
      guard let slot = state.tasks.slot(of: handle), let view = state.view(of: handle, newestAttempts: attempts)
      else { return }
      let row = state.jobs.rows[state.jobSlot(ofTask: slot)]
      let budgets = TaskBudgets(
        failures: .init(used: view.failures, limit: row.maxRetriesFailure),
        preemptions: .init(used: view.preemptions, limit: row.maxRetriesPreemption),
        deliveries: .init(used: view.deliveries, limit: state.configuration.deliveryRetries),
        schedulingDeadlineMs: row.deadlineMs)
      present = .task(view, budgets, nil)
      obstacle = ObstacleSearch(handle, in: state)
      subject = state.taskSubject(slot)
    }
  }

  /// Reads on.
  ///
  /// - Parameter limit: actions and workers looked at before it stops; the transaction that it is in is read to its end.
  /// - Returns: how many it has looked at; nil when there is nothing more to read.
  public mutating func advance(_ state: borrowing ControllerState, actions limit: Int) -> Int? {
    if let looks = obstacle?.advance(state, workers: limit) { return looks }
    tellObstacle()
    var actions = 0
    while actions < limit {
      guard !isFinished, let transaction = state.transactionLog[number: next] else { return nil }
      if chain == nil { findName(transaction) }
      chain?.prepend(transaction)
      actions += transaction.actionCount + 1
      next -= 1
    }
    return actions
  }

  private mutating func tellObstacle() {
    guard let found = obstacle.take()?.obstacle else { return }
    switch present {
    case .job(let view, _): present = .job(view, found)
    case .task(let view, let budgets, _): present = .task(view, budgets, found)
    case .worker, .gone: break
    }
  }

  private var isFinished: Bool {
    next == 0 || chain.map { $0.reachesCreation || $0.isTruncated } ?? false
  }

  /// The account; nil when neither the state nor the log knows the entity.
  public var explanation: Explanation? {
    guard let chain, let subject = subject ?? chain.subject else { return nil }
    let reach: ExplanationReach =
      if chain.isTruncated { .stepLimit } else if chain.reachesCreation { .creation } else { .log }
    return Explanation(subject: subject, present: present, steps: chain.steps, reach: reach)
  }

  /// Takes up the chain at the newest action on an entity of the target's name.
  private mutating func findName(_ transaction: Transaction) {
    for action in transaction.actions.reversed() {
      switch (target, action.subject) {
      case (.worker(.name(let name)), .worker(let handle, let other)) where name.isSame(as: other):
        chain = ExplanationChain(.worker(handle))
      case (.job(.name(let name)), .job(let handle, let other)) where name.isSame(as: other):
        chain = ExplanationChain(.job(handle, name: name, state: nil))
      case (.task(.name(let name)), .task(let handle, _, _)) where name.isSame(as: action.subject.description):
        chain = ExplanationChain(.task(handle))
      default: continue
      }
      return
    }
  }
}
