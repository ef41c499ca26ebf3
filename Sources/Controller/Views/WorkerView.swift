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
  public let consecutiveFailures: Int16
  /// What its tasks hold.
  public let committed: Resources
  public let runningCount: Int
  /// Its active tasks, by job and then by index; empty when nobody asked for them.
  public let runningTasks: [TaskHandle]
}

extension ControllerState {
  /// A registered worker; nil when the handle is stale. O(1), and O(running tasks) to list these in order.
  public func view(of worker: WorkerHandle, listsTasks: Bool = true) -> WorkerView? {
    cluster.slot(of: worker).map { workerView($0, listsTasks: listsTasks) }
  }

  /// The first worker at or after `slot`, in table order; nil at the end. A view's slot is its handle's index.
  public func nextWorker(from slot: Int, listsTasks: Bool = true) -> WorkerView? {
    firstOccupied(slot..<Int.max, of: .workers).map { workerView($0, listsTasks: listsTasks) }
  }

  /// Active tasks of a worker, without a view of them; nil when the handle is stale.
  public func runningCount(of worker: WorkerHandle) -> Int? {
    cluster.runningCount(of: worker)
  }

  /// Amounts with the names of the devices.
  public func resources(_ amounts: Amounts) -> Resources {
    cluster.kinds.resources(amounts)
  }

  private func workerView(_ slot: Int, listsTasks: Bool) -> WorkerView {
    let detail = cluster.details[slot]
    return WorkerView(
      handle: cluster.handle(slot),
      name: cluster.name(slot),
      address: detail.address,
      metadata: detail.metadata,
      incarnation: detail.incarnation,
      lastHeartbeatMs: cluster.liveness[slot].lastHeartbeatMs,
      consecutiveFailures: cluster.liveness[slot].consecutiveFailures,
      committed: cluster.kinds.resources(cluster.committed[slot]),
      runningCount: Int(cluster.rows[slot].runningCount),
      runningTasks: listsTasks ? runningTasks(of: slot).map { tasks.handle($0) } : [])
  }
}
