/// Where an event came from: the peer that published it and the position in its submission ring.
///
/// The pair is unique for the life of the peer, so it is also the event's id. Peer 0 is the dispatcher itself, whose
/// events (expiries, placements) are numbered in the order it made them.
@frozen
public struct EventID: Hashable, Sendable, BitwiseCopyable, CustomStringConvertible {
  public let peer: UInt32
  public let position: UInt64

  @inlinable
  public init(peer: UInt32, position: UInt64) {
    self.peer = peer
    self.position = position
  }

  public var description: String {
    "\(peer):\(position)"
  }
}

/// An immutable statement that something happened or is asked for: the only way in.
///
/// Built by the typed factories of `Event+Factories.swift`. Middleware that wants a different event makes a new one.
public struct Event: Hashable, Sendable {
  public let id: EventID
  /// When it was received, in milliseconds of the controller's clock; nil when it has not been stamped. The controller
  /// takes time from nothing else.
  public let timestampMs: Int64?
  public let body: Body

  /// What is rare and large lies behind a reference, so that every other event is small to copy.
  public enum Body: Hashable, Sendable {
    indirect case workerRegistered(WorkerRegistration)
    case workerHeartbeat(WorkerReference)
    case workerHeartbeatFailed(WorkerReference, error: String?)
    case workerFailed(WorkerReference, cause: WorkerFailureCause)
    case workerReconciled(WorkerReference, reported: [ReportedTask])
    indirect case jobSubmitted(name: String, request: JobRequest)
    case jobCancelled(JobReference, reason: String)
    case taskAssigned(TaskReference, worker: WorkerReference)
    case taskStateChanged(TaskReport)
    case taskPreempted(TaskReference, reason: String?)
    case endpointRegistered(TaskReference, endpoint: String)
    case tick
    case prune
    case schedulingDeadlinePassed(TaskReference)
    case controllerStalled(stalledMs: Int64)
    case brakeEngaged(ZoneCensus)
    case brakeReleased(ZoneCensus)
    case brakeOverridden(zone: String, reason: String?)
    case clockCorrected(aheadMs: Int64)
  }

  public init(id: EventID = EventID(peer: 0, position: 0), timestampMs: Int64? = nil, body: Body) {
    self.id = id
    self.timestampMs = timestampMs
    self.body = body
  }

  public var kind: EventKind {
    switch body {
    case .workerRegistered: .workerRegistered
    case .workerHeartbeat: .workerHeartbeat
    case .workerHeartbeatFailed: .workerHeartbeatFailed
    case .workerFailed: .workerFailed
    case .workerReconciled: .workerReconciled
    case .jobSubmitted: .jobSubmitted
    case .jobCancelled: .jobCancelled
    case .taskAssigned: .taskAssigned
    case .taskStateChanged: .taskStateChanged
    case .taskPreempted: .taskPreempted
    case .endpointRegistered: .endpointRegistered
    case .tick: .tick
    case .prune: .prune
    case .schedulingDeadlinePassed: .schedulingDeadlinePassed
    case .controllerStalled: .controllerStalled
    case .brakeEngaged: .brakeEngaged
    case .brakeReleased: .brakeReleased
    case .brakeOverridden: .brakeOverridden
    case .clockCorrected: .clockCorrected
    }
  }

  /// The same statement under another id and time: how a receiver stamps what it was sent.
  public func stamped(id: EventID, timestampMs: Int64) -> Event {
    Event(id: id, timestampMs: timestampMs, body: body)
  }
}

/// What a worker says about itself when it joins.
public struct WorkerRegistration: Hashable, Sendable {
  public let name: String
  public let address: String
  public let metadata: WorkerMetadata
  /// Names one life of the worker's process. Registering again with the same one refreshes; with another, the tasks of
  /// the old life are lost first.
  public let incarnation: String?

  public init(name: String, address: String, metadata: WorkerMetadata, incarnation: String? = nil) {
    self.name = name
    self.address = address
    self.metadata = metadata
    self.incarnation = incarnation
  }
}

/// Why a worker is held to be lost.
public enum WorkerFailureCause: Hashable, Sendable {
  /// Somebody said so.
  case reported(error: String?)
  /// Its last heartbeat is older than the timeout allows. Carries all that the decision rests on, so that a replay needs
  /// no heartbeats.
  case timedOut(lastHeartbeatMs: Int64, timeoutMs: Int64)

  /// The error that the tasks lost with it bear.
  public var error: String? {
    switch self {
    case .reported(let error): error
    case .timedOut(_, let timeoutMs): "no heartbeat for more than \(timeoutMs) ms"
    }
  }
}

/// What a worker says about one attempt of a task.
public struct TaskReport: Hashable, Sendable {
  public let task: TaskReference
  public let attempt: UInt32
  public let state: TaskState
  public let error: String?
  public let exitCode: Int32?

  public init(task: TaskReference, attempt: UInt32, state: TaskState, error: String? = nil, exitCode: Int32? = nil) {
    self.task = task
    self.attempt = attempt
    self.state = state
    self.error = error
    self.exitCode = exitCode
  }
}

/// One line of a worker's account of all that it runs now.
public struct ReportedTask: Hashable, Sendable {
  public let task: TaskReference
  public let attempt: UInt32

  public init(task: TaskReference, attempt: UInt32) {
    self.task = task
    self.attempt = attempt
  }
}
