import EventModel

/// What a transaction has listed so far, while its event is being handled.
struct TransactionDraft: ~Copyable {
  var actions: [Action] = []
  var tasksToKill: [TaskToKill] = []
  var subject: Subject?
  /// The worker that is being lost: nobody is left there to stop a process.
  var lostWorker = noSlot

  /// Makes room for tasks that are taken from a worker and tried again.
  mutating func reserveCapacity(forTasks count: Int) {
    actions.reserveCapacity(actions.count + count * Self.actionsPerLostTask + 1)
  }

  private static var actionsPerLostTask: Int { 3 }

  /// Lists an action and returns it as the cause of what follows from it.
  @discardableResult
  mutating func add(
    _ kind: ActionKind,
    _ subject: Subject,
    from: TaskState? = nil,
    to: TaskState? = nil,
    attempt: UInt32? = nil,
    worker: WorkerIdentity? = nil,
    cause: Cause
  ) -> Cause {
    actions.append(
      Action(kind, subject, from: from, to: to, attempt: attempt, worker: worker, cause: cause))
    return .action(Int32(actions.count - 1))
  }
}
