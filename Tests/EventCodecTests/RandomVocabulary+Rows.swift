import EventCodec
import EventModel

/// Rows of explanations, dead letters and brakes.
extension RandomVocabulary {
  mutating func brakeRow() -> ZoneBrake {
    ZoneBrake(
      zone: text(0, Limits.metadataBytes), engagedMs: integer(.min ... .max), silentWorkers: integer(.min ... .max),
      workers: integer(.min ... .max), expiredWorkers: integer(.min ... .max), isOverridden: chance(2))
  }

  /// With an event, or with a record that was none.
  mutating func deadLetterRow() -> DeadLetterView {
    let event = shortEvent()
    let hasEvent = chance(2)
    let record: [UInt8] = hasEvent ? [] : (0..<number(0...1024)).map { _ in integer(0 ... .max) }
    return DeadLetterView(
      number: integer(0 ... .max), timestampMs: event.timestampMs ?? 0,
      reason: DeadLetterReason.allCases.randomElement(using: &random)!, detail: error(), origin: event.id,
      peerName: text(0, Limits.nameBytes), role: integer(0 ... .max), retries: integer(0 ... .max),
      event: hasEvent ? event : nil, record: record, recordBytes: integer(0 ... .max))
  }

  mutating func explanationRow() -> ExplanationView {
    ExplanationView(
      subject: subject(), isPresent: chance(2), reach: ExplanationReach.allCases.randomElement(using: &random)!,
      nowMs: integer(.min ... .max), firstTransaction: optional { $0.integer(1 ... .max) },
      attempts: integer(0 ... .max), budgets: optional { $0.budgets() }, obstacle: optional { $0.obstacle() })
  }

  private mutating func budgets() -> TaskBudgets {
    func budget(_ vocabulary: inout RandomVocabulary) -> TaskBudgets.Budget {
      TaskBudgets.Budget(used: vocabulary.integer(0 ... .max), limit: vocabulary.integer(0 ... .max))
    }
    return TaskBudgets(
      failures: budget(&self), preemptions: budget(&self), deliveries: budget(&self),
      schedulingDeadlineMs: optional { $0.integer(0 ... .max) })
  }

  private mutating func obstacle() -> PlacementObstacle {
    let count = number(0...Int(UInt32.max))
    return switch number(0...12) {
    case 0: .noWorkers
    case 1:
      .noCapacity(
        shortage(), bestWorker: optional { $0.worker() }, workersConsidered: count)
    case 2: .heldByGang(missingMembers: count)
    case 3: .brakeEngaged(zone: text(0, Limits.metadataBytes))
    case 4: .refusedByPolicy
    case 5: .backsOff(untilMs: integer(Limits.timeMs), failures: integer(0 ... .max))
    case 6: .stopping(worker())
    case 7: .requirementNotMet(workersConsidered: count)
    case 8: .draining(worker(), by: optional { $0.name() }, reason: optional { $0.error() })
    case 9: .reserved(job: name())
    case 10: .tooLarge(shortage(), largestWorker: worker(), workersConsidered: count)
    case 11: .gangTooLarge(missingMembers: count)
    default: .notYetConsidered
    }
  }

  mutating func attempt() -> AttemptView {
    AttemptView(
      number: integer(0 ... .max), state: taskState(), worker: worker(), startedMs: integer(.min ... .max),
      endedMs: optional { $0.integer(0 ... .max) }, exitCode: optional { $0.integer(.min ... .max) },
      error: optional { $0.error() }, endReason: optional { $0.code() }, isStopping: chance(2))
  }

  mutating func stepRow() -> StepView {
    if chance(2) {
      let event = shortEvent()
      return StepView(
        transaction: integer(0 ... .max), timestampMs: event.timestampMs ?? 0,
        content: .event(event, subject: optional { $0.subject() }), cause: nil)
    }
    var step = action()
    if step.cause == .action(.max) { step = Action(step.kind, step.subject, cause: .event) }
    return StepView(
      transaction: integer(0 ... .max), timestampMs: integer(.min ... .max), content: .action(step),
      cause: Int(integer(0...Int32.max)))
  }
}
