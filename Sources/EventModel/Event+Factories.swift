extension Event {
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
}
