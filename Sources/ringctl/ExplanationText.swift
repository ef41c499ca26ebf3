import EventJSON
import EventModel
import Presentation
import RingmasterClient
import Terminal

/// An explanation for people: what is, and why.
struct ExplanationText {
  private let explanation: EntityExplanation
  /// Nil when the archive was not needed.
  private let archived: ArchivedExplanation?
  private let paint: Paint
  private var nowMs: Int64 { explanation.summary.nowMs }

  init(_ explanation: EntityExplanation, _ archived: ArchivedExplanation?, paint: Paint) {
    self.explanation = explanation
    self.archived = archived
    self.paint = paint
  }

  // MARK: what is

  /// The entity as it is: its state, and of a task its attempts, what it may still spend and what it waits for.
  var present: [String] {
    let subject = explanation.summary.subject
    let title = paint("\(subject.kindName) \(subject)".withoutControls, .bold)
    switch explanation.present {
    case nil:
      let source = archived?.firstStep == 0 ? "the archive" : "the transaction log"
      return ["\(title) is gone: only \(source) tells of it"]
    case .worker(let row):
      let heartbeat = Instant(ms: row.lastHeartbeatMs).text(nowMs: nowMs)
      let stopping = row.stoppingCount > 0 ? " and \(row.stoppingCount) that stop" : ""
      return [
        ("\(title) is registered, \(row.committed.text(of: row.metadata.capacity)) committed to "
          + "\(row.runningCount) tasks" + stopping).withoutControls,
        "  last heartbeat \(heartbeat); \(row.consecutiveFailures) failed since",
      ] + drainLines(row)
    case .job(let row):
      let counts = TaskState.allCases.filter { row.taskCounts[$0] > 0 }.map { "\(row.taskCounts[$0]) \($0.name)" }
      let error = row.error.map { ": \($0)" } ?? ""
      let ended = row.endedMs.map { ", ended \(Instant(ms: $0).text(nowMs: nowMs))" } ?? ""
      return [
        "\(title) \(row.state.name)" + error.withoutControls,
        "  submitted \(Instant(ms: row.submittedMs).text(nowMs: nowMs))" + ended,
        "  tasks \(counts.isEmpty ? "none" : counts.joined(separator: ", "))",
      ] + obstacleLines
    case .task(let row):
      let place = row.worker.map { " on \($0.name)" } ?? ""
      let error = row.error.map { ": \($0)" } ?? ""
      return ["\(title) \(row.state.name)" + (place + error).withoutControls] + obstacleLines
        + (row.state == .pending && row.attemptCount == 0 ? deadlineLines : []) + budgetLines + attemptLines
    }
  }

  private func drainLines(_ worker: WorkerView) -> [String] {
    guard worker.isDraining else { return [] }
    let reason = (worker.drainedBy.map { " by \($0)" } ?? "") + (worker.drainReason.map { ": \($0)" } ?? "")
    let end = worker.drainEndsMs.map { ", its tasks end at \(Instant(ms: $0).text(nowMs: nowMs))" } ?? ""
    return ["  " + paint("draining", .yellow) + (reason + end).withoutControls]
  }

  private var obstacleLines: [String] {
    explanation.summary.obstacle.map { ["  " + paint("waits: ", .yellow) + $0.text(nowMs: nowMs).withoutControls] }
      ?? []
  }

  private var deadlineLines: [String] {
    guard let deadlineMs = explanation.summary.budgets?.schedulingDeadlineMs else { return [] }
    return ["  waits until \(Instant(ms: deadlineMs).text(nowMs: nowMs))"]
  }

  private var budgetLines: [String] {
    guard let budgets = explanation.summary.budgets else { return [] }
    func line(_ name: String, _ budget: TaskBudgets.Budget) -> String {
      "  \(name) \(budget.used) used of \(budget.limit), \(budget.left) left"
    }
    return [
      line("failures   ", budgets.failures), line("preemptions", budgets.preemptions),
      line("deliveries ", budgets.deliveries),
    ]
  }

  private var attemptLines: [String] {
    let untold = Int(explanation.summary.attempts) - explanation.attempts.count
    let lines = explanation.attempts.map { attempt in
      let ended = attempt.endedMs.map { ", ended \(Instant(ms: $0).text(nowMs: nowMs))" } ?? ""
      let code =
        (attempt.exitCode.map { ", exit code \($0)" } ?? "") + (attempt.endReason.map { ", \($0.name)" } ?? "")
        + (attempt.isStopping ? ", its process may still run" : "")
      let error = attempt.error.map { ": \($0)" } ?? ""
      let about = "  attempt \(attempt.number) \(attempt.state.name) on \(attempt.worker.name)"
      return (about + ", began \(Instant(ms: attempt.startedMs).text(nowMs: nowMs))" + ended + code + error)
        .withoutControls
    }
    return (untold > 0 ? ["  \(untold) older attempts"] : []) + lines
  }

  // MARK: why

  /// A tree for each transaction, the newest first. What led to a step is the next line that stands further in.
  var tree: [String] {
    let steps = explanation.steps
    var lines: [String] = []
    var start = 0
    for index in steps.indices where steps[index].cause == nil {
      if start == archived?.firstStep { lines.append(archiveTitle) }
      lines += treeLines(start...index)
      start = index + 1
    }
    return lines + [end]
  }

  /// The steps of one transaction, of which the last is its event.
  private func treeLines(_ range: ClosedRange<Int>) -> [String] {
    var effects: [Int: [Int]] = [:]
    var heights: [Int: Int] = [:]
    // Causes come later, so that a step's height is final when it is met.
    for index in range {
      let height = heights[index, default: 0]
      guard let cause = explanation.steps[index].cause else { continue }
      effects[cause, default: []].append(index)
      heights[cause] = max(heights[cause, default: 0], height + 1)
    }
    var lines: [String] = []
    var open = [(index: range.upperBound, isExpanded: false)]
    while let next = open.popLast() {
      guard next.isExpanded else {
        open.append((next.index, true))
        // The highest first: after each comes nothing that stands further in before their common cause.
        let below = effects[next.index, default: []].sorted { heights[$0, default: 0] > heights[$1, default: 0] }
        open += below.reversed().map { ($0, false) }
        continue
      }
      let height = heights[next.index, default: 0]
      let margin = height == 0 ? "" : String(repeating: "  ", count: height - 1) + paint("└ ", .dim)
      lines.append(margin + text(explanation.steps[next.index]))
    }
    return lines
  }

  /// Every step with its time, the newest first.
  var list: [String] {
    explanation.steps.enumerated().flatMap { index, step in
      let title = index == archived?.firstStep ? [archiveTitle] : []
      let line = text(step, withTime: false)
      let number = paint("#\(step.transaction)", .bold)
      return title + [
        paint(Instant(ms: step.timestampMs).text(nowMs: nowMs), .dim) + " "
          + (step.cause == nil ? line : "\(number) \(line)")
      ]
    } + [end]
  }

  private func text(_ step: StepView, withTime: Bool = true) -> String {
    switch step.content {
    case .action(let action): return StepText(paint: paint).line(action)
    case .event(let event, let subject):
      let origin = event.id.peer == 0 ? "from the dispatcher" : "from peer \(event.id.peer)"
      let time = withTime ? paint(", " + Instant(ms: step.timestampMs).text(nowMs: nowMs), .dim) : ""
      return StepText(paint: paint).line(event, transaction: step.transaction, subject: subject) + " \(origin)" + time
    }
  }

  private var archiveTitle: String { paint("from the archive:", .dim) }

  private var end: String {
    switch archived?.reach ?? explanation.summary.reach {
    case .creation: return paint("that is how it began", .dim)
    case .log: return paint("what was before is not known: \(boundary)", .yellow)
    case .stepLimit:
      return paint("what was before is left out: an explanation has no more steps", .yellow)
    }
  }

  /// Where what can be told begins.
  private var boundary: String {
    func begins(_ first: UInt64?) -> String { first.map { "begins at #\($0)" } ?? "is empty" }
    let log = "the transaction log in memory \(begins(explanation.summary.firstTransaction))"
    guard let archived else { return log }
    guard archived.reach != nil else { return "\(log), and \((archived.problem ?? "").withoutControls)" }
    let archive = "the archive \(archived.database) \(begins(archived.firstTransaction))"
    return archived.problem.map { "\(archive), and \($0)" } ?? archive
  }
}

extension PlacementObstacle {
  /// What a task waits for, for people.
  func text(nowMs: Int64) -> String {
    switch self {
    case .noWorkers: "no worker is registered"
    case .noCapacity(let shortage, let worker?, let considered):
      "no capacity: no worker\(shortage.resource == .cpu ? "" : " that has the rest") has "
        + "\(shortage.resource.text(shortage.needed)) free: \(worker.name) has "
        + "\(shortage.resource.number(max(shortage.free, 0))), the most of \(considered)"
    case .noCapacity(let shortage, nil, _):
      "no capacity: the workers that it could use are draining or silent, and it needs "
        + shortage.resource.text(shortage.needed)
    case .tooLarge(let shortage, let worker, let considered):
      "too large: no worker that it may use\(shortage.resource == .cpu ? "" : " and that has the rest") has "
        + "\(shortage.resource.text(shortage.needed)): \(worker.name) has \(shortage.resource.number(shortage.free)), "
        + "the most of \(considered)"
    case .heldByGang(let missing): "its gang is placed as a whole, and for \(missing) of its members there is no room"
    case .gangTooLarge(let missing):
      "too large: its gang is placed as a whole, and if all workers were empty, \(missing) of its members would have no room"
    case .brakeEngaged(let zone):
      "there is room on silent workers of \(zone.isEmpty ? "no zone" : "zone \(zone)"), whose brake is engaged"
    case .backsOff(let untilMs, let failures):
      "it is tried again after its failure number \(failures) at \(Instant(ms: untilMs).text(nowMs: nowMs))"
    case .stopping(let worker): "its process may still run on worker \(worker.name), which is to stop it"
    case .requirementNotMet(let considered): "none of \(considered) workers has the attributes that its job asks for"
    case .draining(let worker, let submitter, let reason):
      "worker \(worker.name), which has room, is drained" + (submitter.map { " by \($0)" } ?? "")
        + (reason.map { ": \($0)" } ?? "")
    case .reserved(let job): "the workers with room for it are reserved for job \(job), which has waited for long"
    case .notYetConsidered: "there is room for it; the scheduler has not placed it yet"
    case .refusedByPolicy: "there is room for it; the scheduling policy chose not to place it for now"
    }
  }
}
