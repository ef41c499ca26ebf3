/// An entity in an account that people read: its handle and its name, valid even after the entity is gone.
public enum Subject: Hashable, Sendable, CustomStringConvertible {
  case worker(WorkerHandle, name: String)
  case job(JobHandle, name: String)
  case task(TaskHandle, job: String, index: Int32)

  public var description: String {
    switch self {
    case .worker(_, let name), .job(_, let name): name
    // A worker may report what no task can be called.
    case .task(_, let job, let index): index < 0 ? job : "\(job)/task-\(index)"
    }
  }

  public var rawHandle: UInt64 {
    switch self {
    case .worker(let handle, _): handle.rawValue
    case .job(let handle, _): handle.rawValue
    case .task(let handle, _, _): handle.rawValue
    }
  }
}

/// A worker as the counterpart of a task's action.
public struct WorkerIdentity: Hashable, Sendable {
  public let handle: WorkerHandle
  public let name: String

  public init(handle: WorkerHandle, name: String) {
    self.handle = handle
    self.name = name
  }
}

/// What led to an action: the event itself, or an earlier action of the same transaction.
@frozen
public enum Cause: Hashable, Sendable, BitwiseCopyable {
  case event
  case action(Int32)
}

/// One thing that a transaction did.
///
/// 64 bytes: a cascade through a large fleet lists hundreds of thousands.
public struct Action: Hashable, Sendable {
  public let subject: Subject
  public let kind: ActionKind
  /// The task's state before and after, where the action moved one.
  public let from: TaskState?
  public let to: TaskState?
  /// `noAttempt` where there is none.
  private let attemptNumber: UInt32
  /// `eventAsCause` where it is the event.
  private let causeIndex: Int32
  private let counterpart: Counterpart?

  /// No action has both.
  private enum Counterpart: Hashable, Sendable {
    case worker(WorkerHandle, name: String)
    case endpoint(String)
  }

  /// The worker a task was assigned to or taken from.
  public var worker: WorkerIdentity? {
    if case .worker(let handle, let name) = counterpart { WorkerIdentity(handle: handle, name: name) } else { nil }
  }

  /// Of an action about an endpoint, its name.
  public var endpoint: String? {
    if case .endpoint(let name) = counterpart { name } else { nil }
  }

  private static var noAttempt: UInt32 { .max }
  private static var eventAsCause: Int32 { -1 }

  /// The attempt the action concerns, where it concerns one. The highest number stands for none.
  public var attempt: UInt32? {
    attemptNumber == Self.noAttempt ? nil : attemptNumber
  }

  public var cause: Cause {
    causeIndex == Self.eventAsCause ? .event : .action(causeIndex)
  }

  public init(
    _ kind: ActionKind,
    _ subject: Subject,
    from: TaskState? = nil,
    to: TaskState? = nil,
    attempt: UInt32? = nil,
    worker: WorkerIdentity? = nil,
    endpoint: String? = nil,
    cause: Cause = .event
  ) {
    self.kind = kind
    self.subject = subject
    self.from = from
    self.to = to
    self.attemptNumber = attempt ?? Self.noAttempt
    precondition(worker == nil || endpoint == nil, "an action about an endpoint names no worker")
    counterpart = endpoint.map { .endpoint($0) } ?? worker.map { .worker($0.handle, name: $0.name) }
    switch cause {
    case .event: causeIndex = Self.eventAsCause
    case .action(let index):
      precondition(index >= 0, "actions are counted from 0")
      causeIndex = index
    }
  }
}
