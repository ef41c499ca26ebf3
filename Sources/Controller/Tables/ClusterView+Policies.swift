import EventModel

/// What a scheduling policy may ask.
extension ClusterView {
  /// Size of the table of workers: every slot is below it.
  public var workerSlots: Int { rows.count }

  /// The worker in a slot; nil when the slot is empty.
  public func worker(atSlot slot: Int) -> WorkerHandle? {
    slot >= 0 && slot < rows.count && isOccupied(slot) ? handle(slot) : nil
  }

  /// The first worker at or after `slot`, in table order, that has at least `milliCPU` free. O(log workers).
  public func firstWorker(withFreeMilliCPU milliCPU: Int64, from slot: Int = 0) -> WorkerHandle? {
    guard slot >= 0, let found = capacity.first(withFree: milliCPU, from: slot) else { return nil }
    return handle(found)
  }

  /// The worker with the most thousandths of a cpu free, the first of them in table order; nil when not even that one
  /// has `milliCPU`. O(log workers).
  public func leastLoadedWorker(withFreeMilliCPU milliCPU: Int64) -> WorkerHandle? {
    guard let found = capacity.firstWithMostFree(), found.freeMilliCPU >= max(milliCPU, 0) else { return nil }
    return handle(found.slot)
  }

  /// Thousandths of a cpu that are free on a worker; nil when the handle is stale, and when the worker is silent and
  /// gets no tasks for that. Negative when the worker
  /// registered again with less than it runs.
  public func freeMilliCPU(of worker: WorkerHandle) -> Int64? {
    slot(of: worker).flatMap { capacity.free(at: $0) }
  }

  /// Thousandths of a cpu that a worker has; nil when the handle is stale.
  public func totalMilliCPU(of worker: WorkerHandle) -> Int64? {
    slot(of: worker).map { rows[$0].totalMilliCPU }
  }

  /// Active tasks on a worker; nil when the handle is stale.
  public func runningCount(of worker: WorkerHandle) -> Int? {
    slot(of: worker).map { Int(rows[$0].runningCount) }
  }

  /// What a worker said about itself; nil when the handle is stale.
  public func metadata(of worker: WorkerHandle) -> WorkerMetadata? {
    slot(of: worker).map { details[$0].metadata }
  }

  /// A worker's name; nil when the handle is stale.
  public func name(of worker: WorkerHandle) -> String? {
    slot(of: worker).map { name($0) }
  }
}
