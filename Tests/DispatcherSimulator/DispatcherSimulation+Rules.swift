import Controller
import Dispatcher
import EventModel

/// What transactions must keep to, whatever the state machine makes of it.
extension DispatcherSimulation {
  /// Takes in a transaction, and lets workers hear of it.
  func noteRules(_ transaction: Transaction) {
    if let fault = rulebook.add(transaction) { fail("rule", "transaction \(transaction.number): \(fault)") }
    checkSubmitter(of: transaction)
    for kill in transaction.tasksToKill {
      guard case .task(let task, _, _) = kill.task, !task.isNone, machines[kill.worker.name] == nil else { continue }
      if ordered.count > Self.orderedKept { ordered.removeFirst(ordered.count / 2) }
      ordered.append(RunningTask(task: task, attempt: kill.attempt, worker: kill.worker.handle))
    }
    noteFreeAttempts(transaction)
  }

  private static let orderedKept = 20_000

  private func checkSubmitter(of transaction: Transaction) {
    guard let peer = peers[transaction.id.peer] else { return }
    let said: (name: String?, uid: Int64)
    switch transaction.event.body {
    case .jobSubmitted(_, let request): said = (request.submitter, request.submitterUid)
    case .workerDrain(_, _, let submitter, _): said = (submitter, Int64(peer.user.uid))
    default: return
    }
    if said.name != peer.user.name || said.uid != Int64(peer.user.uid) {
      fail(
        "submitter",
        "\(transaction.event) is of \(peer.user), and says \(said.name ?? "no name"), \(said.uid)")
    }
  }

  /// Attempts that were cut off by a drain no budget pays for.
  private func noteFreeAttempts(_ transaction: Transaction) {
    guard [.workerDrain, .workerDrainPassed].contains(transaction.kind) else { return }
    for action in transaction.actions where action.kind == .taskRequeued {
      if case .task(let task, _, _) = action.subject { account.preemptions[task, default: 0] += 1 }
    }
  }

  /// Another dispatcher has started: of what was lost with the one before, nothing counts.
  func resetRules(to transaction: UInt64, _ dispatcher: SteppedDispatcher) {
    if wasDamaged || wasSalvaged || transaction < rulebook.beginning {
      rulebook = dispatcher.read { RuleBook($0) }
    } else {
      rulebook.goBack(to: transaction)
    }
  }

  /// All that workers and jobs have said is what the state holds.
  func checkRules(_ dispatcher: SteppedDispatcher) {
    dispatcher.read { state in
      if let fault = rulebook.fault(state) { fail("state", fault) }
    }
  }
}
