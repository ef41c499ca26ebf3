import EventModel

/// What became of a heartbeat on the fast path.
@frozen
public enum HeartbeatOutcome: UInt8, Sendable, BitwiseCopyable {
  case applied
  /// The worker has failed heartbeats to forget, which is a change of state: pass the event to `handle`.
  case needsTransaction
  case unknownWorker
}

/// That a worker was heard of at a time.
@frozen
public struct Heartbeat: BitwiseCopyable, Sendable {
  public let worker: WorkerHandle
  public let timeMs: Int64

  @inlinable
  public init(worker: WorkerHandle, timeMs: Int64) {
    self.worker = worker
    self.timeMs = timeMs
  }
}

extension ControllerState {
  /// Does for each heartbeat what `recordHeartbeat` does, or, unless all of them are `applied`, nothing.
  ///
  /// All rows are looked at before the first is written: the looks do not depend on each other, so the processor waits
  /// for the cache misses of a batch at once instead of one after the other.
  ///
  /// - Parameter carrier: through whom they came, for a `LivenessJudge` to excuse their silence by; 0 for none.
  /// - Returns: whether all were applied.
  @inlinable
  public mutating func recordHeartbeats(_ heartbeats: Span<Heartbeat>, carrier: UInt16 = 0) -> Bool {
    var rows = cluster.liveness.mutableSpan
    var areApplicable = true
    for index in heartbeats.indices {
      let worker = heartbeats[index].worker
      let slot = Int(worker.index)
      guard slot < rows.count else { return false }
      let row = rows[slot]
      areApplicable = areApplicable && row.generation == worker.generation && row.consecutiveFailures == 0
    }
    guard areApplicable else { return false }
    for index in heartbeats.indices {
      let slot = Int(heartbeats[index].worker.index)
      rows[slot].lastHeartbeatMs = max(rows[slot].lastHeartbeatMs, heartbeats[index].timeMs)
      rows[slot].carrier = carrier
    }
    return true
  }

  /// Notes that a worker was heard of at `timeMs`, without a transaction: touches neither the log nor the logical clock,
  /// and allocates nothing. The worker's own clock never goes back.
  ///
  /// - Parameter carrier: as of `recordHeartbeats`.
  @inlinable
  public mutating func recordHeartbeat(
    _ worker: WorkerHandle, atMs timeMs: Int64, carrier: UInt16 = 0
  ) -> HeartbeatOutcome {
    let slot = Int(worker.index)
    guard slot < cluster.liveness.count, cluster.liveness[slot].generation == worker.generation else {
      return .unknownWorker
    }
    let failures = cluster.liveness[slot].consecutiveFailures
    guard failures == 0 else { return failures > 0 ? .needsTransaction : .unknownWorker }
    if timeMs > cluster.liveness[slot].lastHeartbeatMs {
      cluster.liveness[slot].lastHeartbeatMs = timeMs
    }
    cluster.liveness[slot].carrier = carrier
    return .applied
  }

  /// Notes through whom a worker was heard of in an event that made a transaction.
  public mutating func noteCarrier(_ carrier: UInt16, of worker: WorkerHandle) {
    guard let slot = cluster.slot(of: worker) else { return }
    cluster.liveness[slot].carrier = carrier
  }

  mutating func heartbeat(_ worker: WorkerReference, atMs timeMs: Int64, _ draft: inout TransactionDraft) -> Outcome {
    guard let slot = workerSlot(worker) else { return .rejected(.unknownWorker) }
    let subject = cluster.subject(slot)
    draft.subject = subject
    if cluster.liveness[slot].consecutiveFailures == 0 {
      cluster.refreshLiveness(slot, atMs: timeMs)
    } else {
      rowSum &-= workerDigest(slot)
      cluster.refreshLiveness(slot, atMs: timeMs)
      rowSum &+= workerDigest(slot)
    }
    draft.add(.heartbeat, subject, cause: .event)
    return .applied
  }

  mutating func heartbeatFailed(
    _ worker: WorkerReference, error: String?, _ draft: inout TransactionDraft
  ) -> Outcome {
    guard let slot = workerSlot(worker) else { return .ignored }
    let subject = cluster.subject(slot)
    draft.subject = subject
    rowSum &-= workerDigest(slot)
    cluster.liveness[slot].consecutiveFailures += 1
    rowSum &+= workerDigest(slot)
    let failed = draft.add(.heartbeatFailed, subject, cause: .event)
    if cluster.liveness[slot].consecutiveFailures >= configuration.heartbeatFailureThreshold {
      loseWorker(slot, error: error, cause: failed, &draft)
    }
    return .applied
  }
}

extension LivenessRow {
  @inline(__always)
  fileprivate mutating func refresh(atMs timeMs: Int64) {
    lastHeartbeatMs = max(lastHeartbeatMs, timeMs)
    consecutiveFailures = 0
  }
}

extension ClusterView {
  mutating func refreshLiveness(_ slot: Int, atMs timeMs: Int64) {
    liveness[slot].refresh(atMs: timeMs)
  }
}
