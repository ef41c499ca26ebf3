// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file

extension Event {
  /// What is rare and large is behind a reference, so that every other event is small to copy.
  public enum Body: Hashable, Sendable {
    /// A worker joins, or joins again. With another incarnation than before, the tasks of its old life are lost first.
    indirect case workerRegistered(WorkerRegistration)
    /// A worker lives. It makes no transaction unless it changes more than the time it was last heard of.
    case workerHeartbeat(WorkerReference)
    /// A check of a worker failed. Enough in a row and the worker is lost.
    case workerHeartbeatFailed(WorkerReference, error: String?)
    /// A worker is lost, and its tasks with it. The dispatcher says so itself of one that was silent too long, with the
    /// times that it went by.
    case workerFailed(WorkerReference, cause: WorkerFailureCause)
    /// A worker's account of all that it runs. What it does not list is lost; what it should not run is to be stopped.
    case workerReconciled(WorkerReference, reported: [ReportedTask])
    /// A job is to be run. Its tasks are JOB/task-0, JOB/task-1 and so on.
    indirect case jobSubmitted(name: String, request: JobRequest)
    /// A job is to end, with its tasks and with the jobs that belong to it.
    case jobCancelled(JobReference, reason: String)
    /// A waiting task gets a worker. The dispatcher's scheduler says it too.
    case taskAssigned(TaskReference, worker: WorkerReference)
    /// A worker says what became of an attempt of a task.
    case taskStateChanged(TaskReport)
    /// A task gives up its worker, and waits again while its budget lasts.
    case taskPreempted(TaskReference, reason: String?)
    /// A running task can be reached.
    case endpointRegistered(TaskReference, endpoint: String)
    /// The clock moves.
    case tick
    /// Forget the jobs that finished and the workers that were lost long enough ago.
    case prune
    /// A task still waits when its job's scheduling deadline has passed.
    case schedulingDeadlinePassed(TaskReference)
    /// The controller did not run for a while, up to the event's time: all liveness deadlines shift by that.
    case controllerStalled(stalledMs: Int64)
    /// Too large a share of a zone is silent at once to be dead machines: its workers are lost slowly, or not at all.
    case brakeEngaged(ZoneCensus)
    /// Enough of a zone has been heard of again, or none of it is left to wait for.
    case brakeReleased(ZoneCensus)
    /// An operator says that a zone's silent workers are lost indeed: they expire at once until the brake is released.
    case brakeOverridden(zone: String, reason: String?)
    /// The controller's clock was ahead of the machine's and goes back to the event's time. What was noted later counts
    /// as noted then.
    case clockCorrected(aheadMs: Int64)
    /// A worker gets no more tasks, until it is resumed; it may be away meanwhile. What it runs may run on, or for a
    /// while.
    case workerDrain(WorkerReference, reason: String?, submitter: String?, graceMs: Int64?)
    /// A worker that was drained gets tasks again.
    case workerResumed(WorkerReference, reason: String?)
    /// The grace of a draining worker is over: its tasks are cut off, at no charge to them.
    case workerDrainPassed(WorkerReference)
    /// A worker says that the process of an attempt that was over has ended.
    case taskStopped(TaskStop)
    /// An attempt has run for longer than its job allows.
    case taskTimedOut(TaskReference, attempt: UInt32)
    /// Nothing was heard of an attempt since it was assigned: it is taken back.
    case assignmentTimedOut(TaskReference, attempt: UInt32)
  }

  @inlinable public var kind: EventKind {
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
    case .workerDrain: .workerDrain
    case .workerResumed: .workerResumed
    case .workerDrainPassed: .workerDrainPassed
    case .taskStopped: .taskStopped
    case .taskTimedOut: .taskTimedOut
    case .assignmentTimedOut: .assignmentTimedOut
    }
  }
}

/// One factory for each kind, so that a wrong or missing field does not compile.
extension Event {
  /// A worker joins, or joins again. With another incarnation than before, the tasks of its old life are lost first.
  public static func workerRegistered(_ name: String, address: String, metadata: WorkerMetadata, incarnation: String? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .workerRegistered(WorkerRegistration(name: name, address: address, metadata: metadata, incarnation: incarnation)))
  }

  /// A worker lives. It makes no transaction unless it changes more than the time it was last heard of.
  public static func workerHeartbeat(_ worker: WorkerReference, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .workerHeartbeat(worker))
  }

  /// A check of a worker failed. Enough in a row and the worker is lost.
  public static func workerHeartbeatFailed(_ worker: WorkerReference, error: String? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .workerHeartbeatFailed(worker, error: error))
  }

  /// A worker's account of all that it runs. What it does not list is lost; what it should not run is to be stopped.
  public static func workerReconciled(_ worker: WorkerReference, reported: [ReportedTask], timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .workerReconciled(worker, reported: reported))
  }

  /// A job is to be run. Its tasks are JOB/task-0, JOB/task-1 and so on.
  public static func jobSubmitted(_ name: String, request: JobRequest, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .jobSubmitted(name: name, request: request))
  }

  /// A job is to end, with its tasks and with the jobs that belong to it.
  public static func jobCancelled(_ job: JobReference, reason: String, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .jobCancelled(job, reason: reason))
  }

  /// A waiting task gets a worker. The dispatcher's scheduler says it too.
  public static func taskAssigned(_ task: TaskReference, worker: WorkerReference, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .taskAssigned(task, worker: worker))
  }

  /// A worker says what became of an attempt of a task.
  public static func taskStateChanged(_ task: TaskReference, attempt: UInt32, state: TaskState, error: String? = nil, exitCode: Int32? = nil, endReason: EndReason? = nil, cpuMs: Int64? = nil, peakMemoryBytes: Int64? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .taskStateChanged(TaskReport(task: task, attempt: attempt, state: state, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes)))
  }

  /// A task gives up its worker, and waits again while its budget lasts.
  public static func taskPreempted(_ task: TaskReference, reason: String? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .taskPreempted(task, reason: reason))
  }

  /// A running task can be reached.
  public static func endpointRegistered(_ task: TaskReference, endpoint: String, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .endpointRegistered(task, endpoint: endpoint))
  }

  /// The clock moves.
  public static func tick(nowMs: Int64) -> Event {
    Event(timestampMs: nowMs, body: .tick)
  }

  /// Forget the jobs that finished and the workers that were lost long enough ago.
  public static func prune(nowMs: Int64) -> Event {
    Event(timestampMs: nowMs, body: .prune)
  }

  /// A task still waits when its job's scheduling deadline has passed.
  public static func schedulingDeadlinePassed(_ task: TaskReference, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .schedulingDeadlinePassed(task))
  }

  /// The controller did not run for a while, up to the event's time: all liveness deadlines shift by that.
  public static func controllerStalled(stalledMs: Int64, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .controllerStalled(stalledMs: stalledMs))
  }

  /// Too large a share of a zone is silent at once to be dead machines: its workers are lost slowly, or not at all.
  public static func brakeEngaged(_ zoneCensus: ZoneCensus, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .brakeEngaged(zoneCensus))
  }

  /// Enough of a zone has been heard of again, or none of it is left to wait for.
  public static func brakeReleased(_ zoneCensus: ZoneCensus, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .brakeReleased(zoneCensus))
  }

  /// An operator says that a zone's silent workers are lost indeed: they expire at once until the brake is released.
  public static func brakeOverridden(zone: String, reason: String? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .brakeOverridden(zone: zone, reason: reason))
  }

  /// The controller's clock was ahead of the machine's and goes back to the event's time. What was noted later counts
  /// as noted then.
  public static func clockCorrected(aheadMs: Int64, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .clockCorrected(aheadMs: aheadMs))
  }

  /// A worker gets no more tasks, until it is resumed; it may be away meanwhile. What it runs may run on, or for a
  /// while.
  public static func workerDrain(_ worker: WorkerReference, reason: String? = nil, submitter: String? = nil, graceMs: Int64? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .workerDrain(worker, reason: reason, submitter: submitter, graceMs: graceMs))
  }

  /// A worker that was drained gets tasks again.
  public static func workerResumed(_ worker: WorkerReference, reason: String? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .workerResumed(worker, reason: reason))
  }

  /// The grace of a draining worker is over: its tasks are cut off, at no charge to them.
  public static func workerDrainPassed(_ worker: WorkerReference, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .workerDrainPassed(worker))
  }

  /// A worker says that the process of an attempt that was over has ended.
  public static func taskStopped(_ task: TaskReference, attempt: UInt32, error: String? = nil, exitCode: Int32? = nil, endReason: EndReason? = nil, cpuMs: Int64? = nil, peakMemoryBytes: Int64? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .taskStopped(TaskStop(task: task, attempt: attempt, error: error, exitCode: exitCode, endReason: endReason, cpuMs: cpuMs, peakMemoryBytes: peakMemoryBytes)))
  }

  /// An attempt has run for longer than its job allows.
  public static func taskTimedOut(_ task: TaskReference, attempt: UInt32, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .taskTimedOut(task, attempt: attempt))
  }

  /// Nothing was heard of an attempt since it was assigned: it is taken back.
  public static func assignmentTimedOut(_ task: TaskReference, attempt: UInt32, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .assignmentTimedOut(task, attempt: attempt))
  }

}
