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
    @usableFromInline let actions: [Action]
    @usableFromInline let tasksToKill: [TaskToKill]

    init(
      number: UInt64, timestampMs: Int64, event: Event, outcome: Outcome, missing: Shortage?, subject: Subject?,
      actions: [Action], tasksToKill: [TaskToKill]
    ) {
      self.number = number
      self.timestampMs = timestampMs
      self.event = event
      self.outcome = outcome
      self.missing = missing
      self.subject = subject
      self.actions = actions
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
      actions: actions, tasksToKill: tasksToKill)
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
  @inlinable public var actions: [Action] { account.actions }
  @inlinable public var tasksToKill: [TaskToKill] { account.tasksToKill }
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
