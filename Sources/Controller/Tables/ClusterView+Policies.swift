import EventModel

/// What a scheduling policy may ask.
extension ClusterView {
  /// Size of the table of workers: every slot is below it.
  public var workerSlots: Int { rows.count }

  /// The worker in a slot; nil when the slot is empty.
  public func worker(atSlot slot: Int) -> WorkerHandle? {
    slot >= 0 && slot < rows.count && isOccupied(slot) ? handle(slot) : nil
  }

  /// The first worker at or after `slot`, in table order, that has enough free of all that is asked for. O(log workers)
  /// where it is one resource that is short.
  public func firstWorker(withFree needed: Amounts, from slot: Int = 0) -> WorkerHandle? {
    let numbers = needed.values.span.extracting(0..<needed.width)
    guard slot >= 0, let found = capacity.first(withFree: numbers, from: slot) else { return nil }
    return handle(found)
  }

  /// The same for a task: of those that its job's constraints allow and that are not reserved for others.
  public func firstWorker(for task: TaskToPlace, from slot: Int = 0) -> WorkerHandle? {
    guard slot >= 0, let found = first(withFree: task.ask, task.rule, from: slot) else { return nil }
    return handle(found)
  }

  /// The worker with the most cpu free for a task.
  public func leastLoadedWorker(for task: TaskToPlace) -> WorkerHandle? {
    first(withMostOf: Amounts.cpu, free: task.ask, task.rule).map { handle($0) }
  }

  /// May a worker have a task: has it room, the attributes, and is it not reserved for others? Not when the handle is stale.
  public func mayHave(_ task: TaskToPlace, _ worker: WorkerHandle) -> Bool {
    slot(of: worker).map { isAllowed(task.rule, $0) && hasRoom(for: task.ask, on: worker) } ?? false
  }

  /// What the job of a task asks of the attributes of workers.
  public func constraints(of task: TaskToPlace) -> Constraints { rules.constraints(task.rule) }

  /// What a task asks for, with the names of the devices.
  public func resources(of task: TaskToPlace) -> Resources { kinds.resources(task.ask) }

  /// The worker with the most cpu free, of those that have enough of all that is asked for, the first of them in table
  /// order. O(log workers) where it is one resource that is short.
  public func leastLoadedWorker(withFree needed: Amounts) -> WorkerHandle? {
    let numbers = needed.values.span.extracting(0..<needed.width)
    return capacity.first(withMostOf: Amounts.cpu, free: numbers).map { handle($0) }
  }

  /// Does a worker have enough free of all that is asked for? Not when the handle is stale, nor when the worker is silent
  /// and gets no tasks for that.
  public func hasRoom(for needed: Amounts, on worker: WorkerHandle) -> Bool {
    guard let slot = slot(of: worker) else { return false }
    return capacity.hasRoom(for: needed.values.span.extracting(0..<needed.width), at: slot)
  }

  /// What is free on a worker; nil when the handle is stale, and when the worker is silent and gets no tasks for that.
  /// Negative where the worker registered again with less than its tasks hold.
  public func free(of worker: WorkerHandle) -> Amounts? {
    slot(of: worker).flatMap { capacity.free(at: $0) }
  }

  /// What a worker has; nil when the handle is stale.
  public func capacity(of worker: WorkerHandle) -> Amounts? {
    slot(of: worker).map { totals[$0] }
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
