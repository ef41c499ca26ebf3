import EventModel

/// A registered worker, as people read it.
public struct WorkerView: Hashable, Sendable {
  public let handle: WorkerHandle
  public let name: String
  public let address: String
  public let metadata: WorkerMetadata
  public let incarnation: String?
  public let lastHeartbeatMs: Int64
  /// Failed heartbeats in a row.
  public let consecutiveFailures: Int32
  /// Thousandths of a cpu that its tasks hold.
  public let committedMilliCPU: Int64
  /// Its active tasks, by job and then by index.
  public let runningTasks: [TaskHandle]

  public var runningCount: Int { runningTasks.count }

  /// A worker is registered or it is gone.
  public var isHealthy: Bool { true }
}

extension ControllerState {
  /// A registered worker; nil when the handle is stale. O(running tasks).
  public func view(of worker: WorkerHandle) -> WorkerView? {
    cluster.slot(of: worker).map { workerView($0) }
  }

  /// The first worker at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextWorker(from slot: Int) -> WorkerView? {
    var slot = max(slot, 0)
    while slot < cluster.rows.count {
      if cluster.isOccupied(slot) { return workerView(slot) }
      slot += 1
    }
    return nil
  }

  /// Active tasks of a worker, without a view of them; nil when the handle is stale.
  public func runningCount(of worker: WorkerHandle) -> Int? {
    cluster.runningCount(of: worker)
  }

  private func workerView(_ slot: Int) -> WorkerView {
    let detail = cluster.details[slot]
    return WorkerView(
      handle: cluster.handle(slot),
      name: cluster.name(slot),
      address: detail.address,
      metadata: detail.metadata,
      incarnation: detail.incarnation,
      lastHeartbeatMs: cluster.liveness[slot].lastHeartbeatMs,
      consecutiveFailures: cluster.liveness[slot].consecutiveFailures,
      committedMilliCPU: cluster.rows[slot].committedMilliCPU,
      runningTasks: runningTasks(of: slot).map { tasks.handle($0) })
  }
}
