import Controller
import EventJSON
import EventModel
import Simulator

/// A controller under watch: it takes steps, and what must always hold is checked after each of them.
///
/// Beside it runs a twin that gets the same events and is restarted as seldom as can be, so that what a restart loses
/// and what does not come out the same twice shows as a difference between the two.
public struct SimulatedController: ~Copyable {
  /// Workers, jobs and tasks up to which all invariants are checked after every step. Of a larger state they are checked
  /// after every second, third, … step, so that the checks of one step cost no more than this on average.
  public static let entitiesCheckedEveryStep = 160
  /// Checks of the invariants to one comparison of the tables with what the transactions told: a transition that was
  /// not told stays visible.
  private static let checksPerComparison = 8

  public internal(set) var state: ControllerState
  private var twin: ControllerState
  /// Of the state; the twin is told what follows from it.
  private var judge = LivenessJudge()
  private var history = TransitionHistory()
  private var uncheckedSteps = 0
  private var checksSinceComparison = 0

  public init(configuration: ControllerConfiguration) {
    state = ControllerState(configuration: configuration)
    twin = ControllerState(configuration: configuration)
  }

  /// Takes a step.
  ///
  /// - Parameter failures: gets what is wrong after it, in words; nothing when all is well.
  /// - Returns: the transactions that it made.
  public mutating func take(_ step: ScriptStep, _ failures: inout [String]) -> [Transaction] {
    let lastNumber = state.transactionLog.lastNumber
    let transactions = perform(step, &failures)
    for (offset, transaction) in transactions.enumerated() {
      if transaction.number != lastNumber + UInt64(offset) + 1 {
        failures.append("transaction \(transaction.number) follows \(lastNumber + UInt64(offset))")
      }
      let isRejected = transaction.outcome.reason != nil
      if transaction.timestampMs != state.nowMs, !isRejected || transaction.timestampMs < state.nowMs {
        failures.append(
          "transaction \(transaction.number) is of \(transaction.timestampMs), the clock says \(state.nowMs)")
      }
      history.record(transaction, &failures)
    }
    if state.stateHash != twin.stateHash { failures.append("two runs of the same events come to different hashes") }
    if let last = transactions.last, state.transactionLog.last != last {
      failures.append("transaction \(last.number) is not the newest of the log")
    }
    uncheckedSteps += 1
    if uncheckedSteps * Self.entitiesCheckedEveryStep >= state.entityCount { checkAll(&failures) }
    return transactions
  }

  /// Checks what one step alone does not show: that the twin has come to the same end, and that nothing is lost by
  /// saving.
  public mutating func finish(_ failures: inout [String]) {
    checksSinceComparison = Self.checksPerComparison
    checkAll(&failures)
    let saved = state.save()
    if twin.save() != saved { failures.append("two runs of the same events end in different states") }
    let restored = ControllerState(restoring: saved, configuration: state.configuration, atMs: saved.nowMs)
    if restored.save() != saved { failures.append("what is saved, restored and saved again is not the same") }
    failures += restored.checkInvariants().map { "after a restart: \($0)" }
  }

  private mutating func perform(_ step: ScriptStep, _ failures: inout [String]) -> [Transaction] {
    switch step {
    case .event(let event):
      let expected = twin.handle(event)
      // The twin tells beforehand when nothing may change.
      let before = expected.outcome == .applied ? nil : state.save()
      let hash = state.stateHash
      let transaction = state.handle(event)
      compare([transaction], [expected], &failures)
      if transaction.event != event { failures.append("the transaction is of another event: \(transaction.event)") }
      if let before {
        checkUnchanged(since: before, by: transaction, &failures)
        if state.stateHash != hash { failures.append("\(transaction.outcome), and yet the hash is another: \(event)") }
      }
      return [transaction]
    case .configured(let settings):
      let hash = state.stateHash
      state.configure(settings)
      twin.configure(settings)
      if state.stateHash != hash { failures.append("other settings change the state's hash") }
      return []
    case .tick(let nowMs):
      let expected = twin.tick(nowMs: nowMs)
      let transactions = state.tick(nowMs: nowMs)
      compare(transactions, expected, &failures)
      for transaction in transactions where transaction.outcome != .applied {
        failures.append("what is due is not applied: \(transaction.event)")
      }
      return transactions
    case .sweep(let asOfMs):
      var expected: [Transaction] = []
      let transactions = judge.sweep(&state, asOfMs: asOfMs) { event, state in
        expected.append(twin.handle(event))
        return state.handle(event)
      }
      compare(transactions, expected, &failures)
      for transaction in transactions where transaction.outcome != .applied {
        failures.append("what follows from silence is not applied: \(transaction.event)")
      }
      return transactions
    case .place:
      var expected: [Transaction] = []
      let transactions = state.placeAll { event, state in
        expected.append(twin.handle(event))
        return state.handle(event)
      }
      compare(transactions, expected, &failures)
      return transactions
    case .restart(let atMs):
      restart(atMs: atMs, &failures)
      return []
    }
  }

  private mutating func restart(atMs: Int64, _ failures: inout [String]) {
    let saved = state.save()
    let hash = state.stateHash
    state = ControllerState(restoring: saved, configuration: state.configuration, atMs: atMs)
    judge = LivenessJudge()
    if atMs > twin.nowMs {
      // Nothing but a restart moves the clock without doing what is due.
      twin = ControllerState(restoring: twin.save(), configuration: twin.configuration, atMs: atMs)
    } else {
      twin.restartLiveness(atMs: atMs)
    }
    if state.stateHash != hash { failures.append("a restart changes the state's hash") }
    var again = state.save()
    if again.nowMs != max(saved.nowMs, atMs) { failures.append("restarted at \(atMs), the clock says \(again.nowMs)") }
    again.nowMs = saved.nowMs
    if again != saved { failures.append("what is saved, restored and saved again is not the same") }
    if !state.transactionLog.isEmpty { failures.append("the log of transactions outlives a restart") }
    checkAll(&failures)
  }

  private func compare(_ transactions: [Transaction], _ expected: [Transaction], _ failures: inout [String]) {
    if transactions != expected {
      failures.append("two runs of the same events make different transactions: \(transactions) and \(expected)")
    }
  }

  /// A rejected event does nothing but make its transaction; an ignored one may still move the clock and say why.
  private func checkUnchanged(since before: SavedState, by transaction: Transaction, _ failures: inout [String]) {
    var after = state.save()
    after.lastTransactionNumber = before.lastTransactionNumber
    if case .rejected = transaction.outcome {
      if !transaction.actions.isEmpty || !transaction.tasksToKill.isEmpty {
        failures.append("rejected, and yet it acts: \(transaction)")
      }
    } else {
      after.nowMs = before.nowMs
    }
    if after != before { failures.append("\(transaction.outcome), and yet something changed: \(transaction.event)") }
  }

  private mutating func checkAll(_ failures: inout [String]) {
    uncheckedSteps = 0
    failures += state.checkInvariants()
    checksSinceComparison += 1
    if checksSinceComparison >= Self.checksPerComparison {
      checksSinceComparison = 0
      history.compare(with: state, &failures)
    }
    if state.transactionLog.count > state.configuration.transactionLogCapacity {
      failures.append("the log of transactions holds \(state.transactionLog.count)")
    }
  }
}

extension ControllerState {
  /// Workers, jobs and tasks: what the cost of looking at everything grows with.
  var entityCount: Int {
    totals.workers + totals.jobs.total + totals.tasks.total
  }
}
