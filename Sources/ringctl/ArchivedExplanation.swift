import Archive
import Controller
import EventJSON
import EventModel
import Platform
import RingmasterClient

/// What the archive adds to an explanation, where the dispatcher's memory ends.
struct ArchivedExplanation {
  /// With the steps of both.
  let explanation: EntityExplanation
  /// The first step that is from the archive; the number of steps when none is.
  let firstStep: Int
  let database: String
  /// How far the archive's steps go back, and the oldest transaction it has; nil when it could not be read.
  let reach: ExplanationReach?
  let firstTransaction: UInt64?
  /// Why the archive did not help, or not with everything.
  let problem: String?

  /// Goes on with an explanation that ends where the dispatcher's transaction log begins.
  static func continuing(_ told: EntityExplanation, _ location: DatabaseLocation) -> ArchivedExplanation {
    do {
      var history = try location.open { try ArchiveHistory.open($0) }
      let account = try history.account(told.focus, before: told.summary.firstTransaction)
      let steps = account.chain.steps.map { $0.behind(told.steps.count) }
      let lacks = told.summary.firstTransaction.map { $0 > account.lastTransaction &+ 1 } ?? false
      return ArchivedExplanation(
        explanation: told.with(told.steps + steps), firstStep: told.steps.count, database: location.database,
        reach: account.reach, firstTransaction: account.firstTransaction,
        problem: lacks ? "it has only come to #\(account.lastTransaction)" : nil)
    } catch {
      let text = CommandFailure(error)?.message ?? "\(error)"
      return ArchivedExplanation(
        explanation: told, firstStep: told.steps.count, database: location.database, reach: nil, firstTransaction: nil,
        problem: text)
    }
  }

  /// Of something that the dispatcher knows nothing of.
  ///
  /// - Returns: nil when the archive does not know it either.
  static func ofGone(_ target: EntityReference, _ location: DatabaseLocation) throws -> ArchivedExplanation? {
    var history = try location.open { try ArchiveHistory.open($0) }
    guard let focus = try history.focus(of: target) else { return nil }
    let account = try history.account(focus)
    guard let subject = account.chain.subject else { return nil }
    let summary = ExplanationView(
      subject: subject, isPresent: false, reach: account.reach, nowMs: Clock.wallMs(), firstTransaction: nil,
      attempts: 0, budgets: nil, obstacle: nil)
    return ArchivedExplanation(
      explanation: EntityExplanation(summary: summary, present: nil, attempts: [], steps: account.chain.steps),
      firstStep: 0,
      database: location.database, reach: account.reach, firstTransaction: account.firstTransaction, problem: nil)
  }

  /// Members of the explanation's JSON object.
  var json: JSONValue {
    .object([
      JSONValue.Member("database", .string(database)),
      JSONValue.Member("first_step", firstStep < explanation.steps.count ? .integer(firstStep) : .null),
      JSONValue.Member("reach", .text(reach?.name)),
      JSONValue.Member("first_txn", firstTransaction.map { .integer($0) } ?? .null),
      JSONValue.Member("problem", .text(problem)),
    ])
  }
}

extension EntityExplanation {
  fileprivate func with(_ steps: [StepView]) -> EntityExplanation {
    EntityExplanation(summary: summary, present: present, attempts: attempts, steps: steps)
  }

  fileprivate var focus: ExplanationChain.Focus {
    switch summary.subject {
    case .worker(let handle, _): return .worker(handle)
    case .task(let handle, _, _): return .task(handle)
    case .job(let handle, let name):
      guard case .job(let row)? = present else { return .job(handle, name: name, state: nil) }
      return .job(handle, name: name, state: row.state)
    }
  }
}

extension StepView {
  /// As it is behind so many other steps.
  fileprivate func behind(_ count: Int) -> StepView {
    var step = self
    step.cause = cause.map { $0 + count }
    return step
  }
}
