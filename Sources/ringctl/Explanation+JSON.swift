import EventJSON
import EventModel
import RingmasterClient

// Causes and obstacles as data: a kind and its fields.

extension EntityExplanation {
  /// - Parameter archived: nil when the archive was not needed.
  func json(_ archived: ArchivedExplanation?) -> JSONValue {
    let subject = summary.subject
    return .object([
      JSONValue.Member("kind", .string(subject.kindName)),
      JSONValue.Member("entity", .string(subject.description)),
      JSONValue.Member("handle", .string(WorkerHandle(rawValue: subject.rawHandle).description)),
      JSONValue.Member("now_ms", .integer(summary.nowMs)),
      JSONValue.Member("present", present?.json ?? .null),
      JSONValue.Member("obstacle", summary.obstacle?.json ?? .null),
      JSONValue.Member("budgets", summary.budgets?.json ?? .null),
      JSONValue.Member("attempts_total", .integer(summary.attempts)),
      JSONValue.Member("attempts", .array(attempts.map(\.json))),
      JSONValue.Member("reach", .string((archived?.reach ?? summary.reach).name)),
      JSONValue.Member("log_first_txn", summary.firstTransaction.map { .integer($0) } ?? .null),
      JSONValue.Member("steps", .array(steps.map(\.json))),
      JSONValue.Member("archive", archived?.json ?? .null),
    ])
  }
}

extension EntityExplanation.Present {
  fileprivate var json: JSONValue {
    switch self {
    case .worker(let row): row.json
    case .job(let row): row.json
    case .task(let row): row.json
    }
  }
}

extension TaskBudgets {
  var json: JSONValue {
    .object([
      JSONValue.Member("failures", failures.json), JSONValue.Member("preemptions", preemptions.json),
      JSONValue.Member("deliveries", deliveries.json),
      JSONValue.Member("scheduling_deadline_ms", schedulingDeadlineMs.map { .integer($0) } ?? .null),
    ])
  }
}

extension TaskBudgets.Budget {
  fileprivate var json: JSONValue {
    .object([
      JSONValue.Member("used", .integer(used)), JSONValue.Member("limit", .integer(limit)),
      JSONValue.Member("left", .integer(left)),
    ])
  }
}

extension PlacementObstacle {
  var json: JSONValue {
    switch self {
    case .noWorkers: .object([JSONValue.Member("kind", .string("no_workers"))])
    case .noCapacity(let missing, let worker, let considered):
      .object(
        [JSONValue.Member("kind", .string("no_capacity"))] + missing.members + [
          JSONValue.Member("best_worker", .text(worker?.name)),
          JSONValue.Member("workers_considered", .integer(considered)),
        ])
    case .tooLarge(let missing, let worker, let considered):
      .object(
        [JSONValue.Member("kind", .string("too_large"))] + missing.members + [
          JSONValue.Member("largest_worker", .string(worker.name)),
          JSONValue.Member("workers_considered", .integer(considered)),
        ])
    case .heldByGang(let missing):
      .object([
        JSONValue.Member("kind", .string("held_by_gang")), JSONValue.Member("missing_members", .integer(missing)),
      ])
    case .gangTooLarge(let missing):
      .object([
        JSONValue.Member("kind", .string("gang_too_large")), JSONValue.Member("missing_members", .integer(missing)),
      ])
    case .brakeEngaged(let zone):
      .object([JSONValue.Member("kind", .string("brake_engaged")), JSONValue.Member("zone", .string(zone))])
    case .backsOff(let untilMs, let failures):
      .object([
        JSONValue.Member("kind", .string("backs_off")), JSONValue.Member("until_ms", .integer(untilMs)),
        JSONValue.Member("failures", .integer(failures)),
      ])
    case .stopping(let worker):
      .object([JSONValue.Member("kind", .string("stopping")), JSONValue.Member("worker", .string(worker.name))])
    case .requirementNotMet(let considered):
      .object([
        JSONValue.Member("kind", .string("requirement_not_met")),
        JSONValue.Member("workers_considered", .integer(considered)),
      ])
    case .draining(let worker, let submitter, let reason):
      .object([
        JSONValue.Member("kind", .string("draining")), JSONValue.Member("worker", .string(worker.name)),
        JSONValue.Member("drained_by", submitter.map { .string($0) } ?? .null),
        JSONValue.Member("reason", reason.map { .string($0) } ?? .null),
      ])
    case .reserved(let job):
      .object([JSONValue.Member("kind", .string("reserved")), JSONValue.Member("job", .string(job))])
    case .notYetConsidered: .object([JSONValue.Member("kind", .string("not_yet_considered"))])
    case .refusedByPolicy: .object([JSONValue.Member("kind", .string("refused_by_policy"))])
    }
  }
}
