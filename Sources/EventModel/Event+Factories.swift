/// One factory per kind, so that a wrong or missing field does not compile.
extension Event {
  public static func workerRegistered(
    _ name: String,
    address: String,
    metadata: WorkerMetadata,
    incarnation: String? = nil,
    timestampMs: Int64? = nil
  ) -> Event {
    let registration = WorkerRegistration(
      name: name, address: address, metadata: metadata, incarnation: incarnation)
    return Event(timestampMs: timestampMs, body: .workerRegistered(registration))
  }

  public static func workerHeartbeat(_ worker: WorkerReference, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .workerHeartbeat(worker))
  }

  public static func workerHeartbeatFailed(
    _ worker: WorkerReference, error: String? = nil, timestampMs: Int64? = nil
  ) -> Event {
    Event(timestampMs: timestampMs, body: .workerHeartbeatFailed(worker, error: error))
  }

  public static func workerFailed(
    _ worker: WorkerReference, error: String? = nil, timestampMs: Int64? = nil
  ) -> Event {
    Event(timestampMs: timestampMs, body: .workerFailed(worker, cause: .reported(error: error)))
  }

  /// The worker's last heartbeat is older than the timeout: made by the liveness sweep.
  public static func workerTimedOut(
    _ worker: WorkerReference, lastHeartbeatMs: Int64, timeoutMs: Int64, timestampMs: Int64
  ) -> Event {
    let cause = WorkerFailureCause.timedOut(lastHeartbeatMs: lastHeartbeatMs, timeoutMs: timeoutMs)
    return Event(timestampMs: timestampMs, body: .workerFailed(worker, cause: cause))
  }

  public static func workerReconciled(
    _ worker: WorkerReference, reported: [ReportedTask], timestampMs: Int64? = nil
  ) -> Event {
    Event(timestampMs: timestampMs, body: .workerReconciled(worker, reported: reported))
  }

  public static func jobSubmitted(_ name: String, request: JobRequest, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .jobSubmitted(name: name, request: request))
  }

  public static func jobCancelled(_ job: JobReference, reason: String, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .jobCancelled(job, reason: reason))
  }

  public static func taskAssigned(
    _ task: TaskReference, worker: WorkerReference, timestampMs: Int64? = nil
  ) -> Event {
    Event(timestampMs: timestampMs, body: .taskAssigned(task, worker: worker))
  }

  public static func taskStateChanged(
    _ task: TaskReference,
    attempt: UInt32,
    state: TaskState,
    error: String? = nil,
    exitCode: Int32? = nil,
    timestampMs: Int64? = nil
  ) -> Event {
    let report = TaskReport(task: task, attempt: attempt, state: state, error: error, exitCode: exitCode)
    return Event(timestampMs: timestampMs, body: .taskStateChanged(report))
  }

  public static func taskPreempted(
    _ task: TaskReference, reason: String? = nil, timestampMs: Int64? = nil
  ) -> Event {
    Event(timestampMs: timestampMs, body: .taskPreempted(task, reason: reason))
  }

  public static func endpointRegistered(
    _ task: TaskReference, endpoint: String, timestampMs: Int64? = nil
  ) -> Event {
    Event(timestampMs: timestampMs, body: .endpointRegistered(task, endpoint: endpoint))
  }

  public static func tick(nowMs: Int64) -> Event {
    Event(timestampMs: nowMs, body: .tick)
  }

  public static func prune(nowMs: Int64) -> Event {
    Event(timestampMs: nowMs, body: .prune)
  }

  /// A task still PENDING when its job's scheduling deadline passed: made by the clock.
  public static func schedulingDeadlinePassed(_ task: TaskReference, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .schedulingDeadlinePassed(task))
  }

  /// The controller did not run for `stalledMs`, up to the event's time: made by the dispatcher. All liveness deadlines
  /// shift by that; nothing else changes, and no action is listed.
  public static func controllerStalled(stalledMs: Int64, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .controllerStalled(stalledMs: stalledMs))
  }

  /// Too large a share of a zone is silent at once to be dead machines: made by the liveness sweep. From here on the
  /// zone's workers expire slowly, or not at all while all of them are silent. No action is listed; ignored when the
  /// brake is engaged already.
  public static func brakeEngaged(_ census: ZoneCensus, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .brakeEngaged(census))
  }

  /// Enough of a zone has been heard of again, or nobody of it is left to be waited for: made by the liveness sweep. No
  /// action is listed; ignored when the brake is not engaged.
  public static func brakeReleased(_ census: ZoneCensus, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .brakeReleased(census))
  }

  /// An operator says that a zone's silent workers are lost indeed: they expire as fast as ever until the brake is
  /// released. No action is listed; ignored when the brake is not engaged, or overridden already.
  public static func brakeOverridden(zone: String, reason: String? = nil, timestampMs: Int64? = nil) -> Event {
    Event(timestampMs: timestampMs, body: .brakeOverridden(zone: zone, reason: reason))
  }

  /// The controller's clock was ahead of the machine's by `aheadMs`, and goes back to the event's time: made by the
  /// dispatcher once the machine's clock is synchronized. What was noted later than that counts as noted then,
  /// and every worker's clock starts afresh; no action is listed.
  public static func clockCorrected(aheadMs: Int64, timestampMs: Int64) -> Event {
    Event(timestampMs: timestampMs, body: .clockCorrected(aheadMs: aheadMs))
  }
}
