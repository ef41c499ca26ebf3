import Controller
import EventJSON
import EventModel
import Simulator

/// A controller that has been fed the steps of a case, and what it did.
struct CaseRun: ~Copyable {
  private var controller: ScriptedController
  /// The transactions of each step.
  private(set) var transactions: [[Transaction]] = []
  /// What must always hold and did not.
  private(set) var failures: [String] = []

  init(_ conformanceCase: borrowing ConformanceCase) {
    controller = ScriptedController(configuration: conformanceCase.configuration)
    for (index, step) in conformanceCase.steps.enumerated() {
      take(step, index)
      failures += state.checkInvariants().map { "event \(index): \($0)" }
    }
  }

  var state: ControllerState {
    _read { yield controller.state }
  }

  private mutating func take(_ step: ScriptStep, _ index: Int) {
    let numberBefore = state.transactionLog.lastNumber
    let before = state.save()
    transactions.append(controller.take(step))
    if case .event(let event) = step {
      let transaction = transactions[index][0]
      if transaction.event != event { failures.append("event \(index): the transaction is of another event") }
      if transaction.outcome != .applied { expectNothingChanged(since: before, by: transaction, index) }
    }
    let numbers = transactions[index].map(\.number)
    if numbers != (0..<numbers.count).map({ numberBefore + 1 + UInt64($0) }) {
      failures.append("event \(index): transaction numbers \(numbers) after \(numberBefore)")
    }
  }

  /// A rejected event does nothing but make its transaction; an ignored one may still say why.
  private mutating func expectNothingChanged(since before: SavedState, by transaction: Transaction, _ index: Int) {
    var after = state.save()
    after.nowMs = before.nowMs
    after.lastTransactionNumber = before.lastTransactionNumber
    if after != before { failures.append("event \(index): \(transaction.outcome) and yet something changed") }
    if case .rejected = transaction.outcome, !transaction.actions.isEmpty || !transaction.tasksToKill.isEmpty {
      failures.append("event \(index): rejected with \(transaction.actions.count) actions")
    }
  }
}
