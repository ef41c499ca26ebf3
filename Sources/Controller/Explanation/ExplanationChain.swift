import EventModel

/// Collects the steps that concern one entity from transactions, the newest first.
///
/// It needs no state: whoever has transactions, in memory or from an archive, can explain with it.
public struct ExplanationChain: Sendable {
  /// What the chain is about. A job is known by its name, which the actions on its tasks bear.
  public enum Focus: Hashable, Sendable {
    case worker(WorkerHandle)
    case task(TaskHandle)
    /// `state` is the state to explain: the ends of tasks that made the job so belong to the chain.
    case job(JobHandle, name: String, state: JobState?)
  }

  /// Ends of tasks that explain a job's state, the newest.
  private static let taskStepsOfJob = 16

  public let focus: Focus
  public private(set) var steps: [StepView] = []
  /// The entity as the newest action on it names it.
  public private(set) var subject: Subject?
  /// The chain has come to the action that created the entity.
  public private(set) var reachesCreation = false
  public private(set) var isTruncated = false
  private var taskSteps = 0

  public init(_ focus: Focus) {
    self.focus = focus
  }

  /// Takes the transaction before those taken so far.
  public mutating func prepend(_ transaction: Transaction) {
    guard transaction.outcome == .applied, !isTruncated, !reachesCreation else { return }
    let actions = transaction.actions
    var isLink: [Bool] = []
    for index in actions.indices.reversed() {
      guard concerns(actions[index]) else { continue }
      if isLink.isEmpty { isLink = Array(repeating: false, count: actions.count) }
      mark(index, in: actions, &isLink)
    }
    guard !isLink.isEmpty else { return }
    let links = isLink.indices.filter { isLink[$0] }
    guard steps.count + links.count + 1 <= ControllerLimits.explanationSteps else {
      isTruncated = true
      return
    }
    let eventPosition = steps.count + links.count
    for (offset, index) in links.reversed().enumerated() {
      let action = actions[index]
      let cause: Int
      switch action.cause {
      case .action(let earlier) where earlier >= 0 && earlier < index:
        // Links lead to earlier actions, which come later among the steps.
        cause = steps.count - offset + links.count - 1 - Self.position(of: Int(earlier), in: links)
      case .event, .action: cause = eventPosition
      }
      steps.append(step(transaction, action, cause: cause))
    }
    steps.append(step(transaction, nil, cause: nil))
  }

  /// Marks an action and the actions that led to it.
  private func mark(_ index: Int, in actions: [Action], _ isLink: inout [Bool]) {
    var index = index
    while !isLink[index] {
      isLink[index] = true
      // An action's cause is an earlier one; whoever built the transaction otherwise has no chain.
      guard case .action(let earlier) = actions[index].cause, earlier >= 0, earlier < index else { return }
      index = Int(earlier)
    }
  }

  private static func position(of index: Int, in links: [Int]) -> Int {
    var low = 0
    var high = links.count
    while high - low > 1 {
      let middle = (low + high) >> 1
      if links[middle] <= index { low = middle } else { high = middle }
    }
    return low
  }

  private func step(_ transaction: Transaction, _ action: Action?, cause: Int?) -> StepView {
    StepView(
      transaction: transaction.number, timestampMs: transaction.timestampMs,
      content: action.map { .action($0) } ?? .event(transaction.event, subject: transaction.subject), cause: cause)
  }

  private mutating func concerns(_ action: Action) -> Bool {
    switch (focus, action.subject) {
    case (.worker(let handle), .worker(let other, _)) where handle == other:
      if action.kind == .heartbeat || action.kind == .workerHeartbeat { return false }
    case (.task(let handle), .task(let other, _, _)) where handle == other: break
    case (.job(let handle, _, _), .job(let other, _)) where handle == other: break
    case (.job(_, let name, let state), .task(_, let job, _)) where job.isSame(as: name):
      return concernsJob(action, in: state)
    default: return false
    }
    if subject == nil { subject = action.subject }
    switch action.kind {
    case .workerRegistered, .taskCreated, .jobSubmitted, .jobValidationFailed: reachesCreation = true
    default: break
    }
    return true
  }

  private mutating func concernsJob(_ action: Action, in state: JobState?) -> Bool {
    guard let to = action.to, taskSteps < Self.taskStepsOfJob else { return false }
    let explains =
      switch state {
      case nil, .pending: false
      case .running: to.isActive
      case .succeeded: to == .succeeded
      case .failed: to == .failed
      case .killed: to == .killed
      case .workerFailed: to == .workerFailed || to == .preempted || to == .coscheduledFailed
      case .unschedulable: to == .unschedulable
      }
    if explains { taskSteps += 1 }
    return explains
  }
}
