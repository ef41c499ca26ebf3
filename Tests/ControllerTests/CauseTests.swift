import Controller
import EventModel
import Testing

/// Every action leads back, step by step, to the event of its transaction.
@Suite struct CauseTests {
  /// The kinds of action that may lead to an action of this kind; nil where only the event may. An event is allowed beside
  /// them, unless the kind follows from others alone.
  private static func kinds(leadingTo kind: ActionKind) -> (kinds: Set<ActionKind>, mayBeEvent: Bool) {
    let ends: Set<ActionKind> = [
      .taskStateChanged, .taskKilled, .coscheduledSiblingKilled, .coscheduledSiblingRequeued,
    ]
    return switch kind {
    case .workerRegistered, .workerHeartbeat, .heartbeat, .heartbeatFailed, .taskCreated, .jobSubmitted,
      .jobValidationFailed, .jobPruned, .taskAssigned, .staleAttemptIgnored, .duplicateTerminalIgnored,
      .endpointRegistered, .endpointTaken, .workerDraining, .workerDrainPassed, .workerResumed:
      ([], true)
    case .taskStopped: ([.workerFailed], true)
    case .workerFailed: ([.heartbeatFailed], true)
    case .workerPruned: ([.workerFailed], false)
    case .taskUnassigned, .taskRequeued, .endpointRemoved: (ends, false)
    case .coscheduledSiblingKilled, .coscheduledSiblingRequeued: ([.taskStateChanged], false)
    case .taskKilled: (ends, false)
    case .taskStateChanged: (ends.union([.workerFailed, .jobCancelled, .workerDraining, .workerDrainPassed]), true)
    case .jobCancelled: (ends.union([.jobCancelled]), true)
    }
  }

  private static func fault(_ transaction: Transaction) -> String? {
    for (index, action) in transaction.actions.enumerated() {
      let allowed = kinds(leadingTo: action.kind)
      switch action.cause {
      case .event where !allowed.mayBeEvent: return "\(index): \(action.kind) follows from the event itself"
      case .event: break
      case .action(let cause):
        // An earlier one, whose own cause is earlier still: so the chain ends, and only an event ends it.
        guard cause >= 0, cause < index else { return "\(index): \(action.kind) is caused by \(cause)" }
        let leading = transaction.actions[Int(cause)]
        guard allowed.kinds.contains(leading.kind) else { return "\(index): \(leading.kind) led to \(action.kind)" }
        let isSameTask = leading.subject.rawHandle == action.subject.rawHandle
        if action.kind == .taskUnassigned || action.kind == .taskRequeued, !isSameTask {
          return "\(index): the end of \(leading.subject) led to \(action.kind) of \(action.subject)"
        }
      }
    }
    return nil
  }

  @Test func everyActionOfEveryRandomHistoryLeadsBackToItsEvent() {
    var seen: [ActionKind: Int] = [:]
    for seed in UInt64(1)...300 {
      var events = RandomEvents(seed: seed)
      var configuration = ControllerConfiguration()
      configuration.workerTimeoutMs = 5000
      configuration.heartbeatFailureThreshold = 2
      configuration.jobRetentionMs = 3000
      let state = TestController(configuration: configuration)
      for step in 0..<150 {
        var transactions = [state.handle(events.next(state))]
        if step % 20 == 19 { transactions += state.tick(nowMs: events.nowMs) }
        for transaction in transactions {
          for action in transaction.actions { seen[action.kind, default: 0] += 1 }
          let fault = Self.fault(transaction)
          #expect(fault == nil, "seed \(seed), event \(step), \(transaction.event)")
        }
      }
    }
    let missing = ActionKind.allCases.filter { seen[$0] == nil }
    #expect(missing.isEmpty, "the histories lack \(missing)")
  }
}
