import EventModel

/// What a transaction has listed so far, while its event is being handled.
struct TransactionDraft: ~Copyable {
  /// The only action so far, as long as there is no list: that would take memory of its own.
  private var only: Action?
  private var actions: [Action] = []
  var tasksToKill: [TaskToKill] = []
  var subject: Subject?
  /// Why capacity is insufficient.
  var missing: AmountShortage?
  /// The worker that is being lost: nobody is left there to stop a process.
  var lostWorker = noSlot

  var actionCount: Int {
    if case .some = only { 1 } else { actions.count }
  }

  /// Becomes a list.
  @inline(never)
  mutating func reserveCapacity(_ actionCount: Int) {
    actions.reserveCapacity(actionCount)
    if let first = only.take() { actions.append(first) }
  }

  /// Makes room for tasks that are taken from a worker and tried again.
  mutating func reserveCapacity(forTasks count: Int) {
    reserveCapacity(actionCount + count * Self.actionsPerLostTask + 1)
  }

  private static var actionsPerLostTask: Int { 3 }

  /// Makes room for tasks that are killed: `active` of them on workers, `pending` of them waiting. At least doubles what
  /// there was, so that one job after another costs no more than all at once.
  mutating func reserveCapacity(forKilledTasks active: Int, pending: Int) {
    let actionsNeeded = actionCount + active * Self.actionsPerKilledTask + pending + 1
    if actionsNeeded > actions.capacity { reserveCapacity(max(actionsNeeded, actions.capacity * 2)) }
    let killsNeeded = tasksToKill.count + active
    if killsNeeded > tasksToKill.capacity { tasksToKill.reserveCapacity(max(killsNeeded, tasksToKill.capacity * 2)) }
  }

  private static var actionsPerKilledTask: Int { 2 }

  /// Lists an action and returns it as the cause of what follows from it.
  @discardableResult
  mutating func add(
    _ kind: ActionKind,
    _ subject: Subject,
    from: TaskState? = nil,
    to: TaskState? = nil,
    attempt: UInt32? = nil,
    worker: WorkerIdentity? = nil,
    endpoint: String? = nil,
    cause: Cause
  ) -> Cause {
    if actions.capacity == 0 {
      guard case .some = only else {
        precondition(cause == .event, "a cause comes before its effect")
        // In its place: a copy would cost as much again.
        only = Action(
          kind, subject, from: from, to: to, attempt: attempt, worker: worker, endpoint: endpoint, cause: cause)
        return .action(0)
      }
      reserveCapacity(2)
    }
    let index = actions.count
    if case .action(let earlier) = cause { precondition(earlier < index, "a cause comes before its effect") }
    actions.append(
      Action(kind, subject, from: from, to: to, attempt: attempt, worker: worker, endpoint: endpoint, cause: cause))
    return .action(Int32(index))
  }

  /// The transaction that lists all of it.
  consuming func transaction(
    number: UInt64, timestampMs: Int64, event: consuming Event, outcome: Outcome, missing: Shortage?
  ) -> Transaction {
    if missing == nil, tasksToKill.isEmpty, let action = only.take() {
      return Transaction(
        number: number, timestampMs: timestampMs, event: event, outcome: outcome, subject: subject.take(),
        action: action)
    }
    if let first = only.take() { actions.append(first) }
    return Transaction(
      number: number, timestampMs: timestampMs, event: event, outcome: outcome, missing: missing, subject: subject,
      actions: actions, tasksToKill: tasksToKill)
  }
}
