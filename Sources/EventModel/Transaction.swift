/// What became of an event. Nothing is ever dropped without one of these.
@frozen
public enum Outcome: Hashable, Sendable, BitwiseCopyable {
  case applied
  /// Accepted, and nothing changed: a stale attempt, a second cancel.
  case ignored
  case rejected(RejectionReason)

  public var name: String {
    switch self {
    case .applied: "applied"
    case .ignored: "ignored"
    case .rejected: "rejected"
    }
  }

  public var reason: RejectionReason? {
    if case .rejected(let reason) = self { reason } else { nil }
  }
}

/// A process that a worker must now stop.
public struct TaskToKill: Hashable, Sendable {
  public let task: Subject
  public let attempt: UInt32
  public let worker: WorkerIdentity

  public init(task: Subject, attempt: UInt32, worker: WorkerIdentity) {
    self.task = task
    self.attempt = attempt
    self.worker = worker
  }
}

/// What one external event did, with all its cascades.
///
/// A reference to an account that never changes: the log, the results and the observers share one, and a copy costs no
/// more than its count.
@frozen
public struct Transaction: Sendable {
  @usableFromInline
  final class Account: Sendable {
    @usableFromInline let number: UInt64
    @usableFromInline let timestampMs: Int64
    @usableFromInline let event: Event
    @usableFromInline let outcome: Outcome
    @usableFromInline let missing: Shortage?
    @usableFromInline let subject: Subject?
    /// The only action: without a list, which would take memory of its own.
    @usableFromInline let only: Action?
    /// The actions, where there are more or none.
    @usableFromInline let listed: [Action]
    @usableFromInline let tasksToKill: [TaskToKill]

    init(
      number: UInt64, timestampMs: Int64, event: consuming Event, outcome: Outcome, missing: Shortage?,
      subject: Subject?, only: Action?, listed: [Action], tasksToKill: [TaskToKill]
    ) {
      self.number = number
      self.timestampMs = timestampMs
      self.event = event
      self.outcome = outcome
      self.missing = missing
      self.subject = subject
      self.only = only
      self.listed = listed
      self.tasksToKill = tasksToKill
    }
  }

  @usableFromInline let account: Account

  public init(
    number: UInt64,
    timestampMs: Int64,
    event: consuming Event,
    outcome: Outcome,
    missing: Shortage? = nil,
    subject: Subject?,
    actions: [Action],
    tasksToKill: [TaskToKill]
  ) {
    account = Account(
      number: number, timestampMs: timestampMs, event: event, outcome: outcome, missing: missing, subject: subject,
      only: nil, listed: actions, tasksToKill: tasksToKill)
  }

  /// With one action, as most have.
  public init(
    number: UInt64,
    timestampMs: Int64,
    event: consuming Event,
    outcome: Outcome,
    subject: Subject?,
    action: Action
  ) {
    account = Account(
      number: number, timestampMs: timestampMs, event: event, outcome: outcome, missing: nil, subject: subject,
      only: action, listed: [], tasksToKill: [])
  }

  /// Counts from 1, without gaps.
  @inlinable public var number: UInt64 { account.number }
  /// The controller's clock when it was made, in milliseconds.
  @inlinable public var timestampMs: Int64 { account.timestampMs }
  @inlinable public var event: Event { account.event }
  /// Of its event, without a copy of it.
  @inlinable public var id: EventID { account.event.id }
  @inlinable public var kind: EventKind { account.event.kind }
  @inlinable public var outcome: Outcome { account.outcome }
  /// Of `insufficient_capacity`: the first resource that the worker has too little of.
  @inlinable public var missing: Shortage? { account.missing }
  /// The entity that the event was about; nil when it named none that exists.
  @inlinable public var subject: Subject? { account.subject }
  /// What it did, in order. A list of a single action is made for each call: `withAction` needs none.
  @inlinable public var actions: [Action] {
    if let only = account.only { [only] } else { account.listed }
  }
  @inlinable public var actionCount: Int {
    if case .some = account.only { 1 } else { account.listed.count }
  }
  @inlinable public var tasksToKill: [TaskToKill] { account.tasksToKill }
}

extension Transaction {
  /// Calls `body` with an action in its place, without a copy or a list.
  @inlinable
  @inline(__always)
  public func withAction<Value, Failure: Error>(
    at index: Int, _ body: (_ action: borrowing Action) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    guard case .some = account.only else { return try body(account.listed[index]) }
    precondition(index == 0, "a transaction has no action at this index")
    return try body(account.only!)
  }
}

extension Transaction: Hashable {
  public static func == (left: Transaction, right: Transaction) -> Bool {
    left.account === right.account
      || left.number == right.number && left.timestampMs == right.timestampMs && left.event == right.event
        && left.outcome == right.outcome && left.missing == right.missing && left.subject == right.subject
        && left.actions == right.actions
        && left.tasksToKill == right.tasksToKill
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(number)
    hasher.combine(timestampMs)
    hasher.combine(event)
    hasher.combine(outcome)
    hasher.combine(missing)
    hasher.combine(subject)
    hasher.combine(actions)
    hasher.combine(tasksToKill)
  }
}
