import EventModel

/// One call for each kind of event that a peer may send, with the fields that it must have. Each sends the event, as
/// `dispatch` does, and returns what its caller wants to know.
///
/// All of them throw what `dispatch` throws, and `EventRefusal` when the event was rejected, dropped or became a dead letter.
/// Where there was nothing to do, as in a second cancel, the transaction's outcome is `ignored`, and that is no error.
extension RingmasterClient {
  /// Registers a worker, or one that is registered already anew.
  ///
  /// - Parameter incarnation: of its process: another one than before means that what ran there is lost.
  /// - Returns: the handle under which it heartbeats.
  public func registerWorker(
    _ name: String, address: String, metadata: WorkerMetadata, incarnation: String? = nil,
    timeout: Duration = .seconds(30)
  ) async throws -> WorkerHandle {
    let event = Event.workerRegistered(name, address: address, metadata: metadata, incarnation: incarnation)
    guard case .worker(let handle, _)? = try await apply(event, timeout: timeout).subject else {
      throw ClientError.unexpectedReply("a registration without its worker")
    }
    return handle
  }

  /// Says that a worker is alive, and returns at once. A worker that is not registered any more is named on `results` by
  /// `heartbeatRefused`: it has to register again.
  ///
  /// - Throws: `ClientError.ringFull`, `ClientError.closed`.
  public func heartbeat(_ worker: WorkerHandle) throws {
    guard try shared.publishHeartbeat(worker) else { throw ClientError.ringFull }
  }

  /// Says that a worker did not answer; after so many times as the settings have it, it is lost.
  @discardableResult
  public func reportHeartbeatFailure(
    _ worker: WorkerReference, error: String? = nil, timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(.workerHeartbeatFailed(worker, error: error), timeout: timeout)
  }

  /// Says that a worker is lost: its tasks are requeued in the same transaction.
  @discardableResult
  public func failWorker(
    _ worker: WorkerReference, error: String? = nil, timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(.workerFailed(worker, error: error), timeout: timeout)
  }

  /// Says what a worker runs: what it does not is taken for lost.
  ///
  /// - Returns: the processes that it must stop.
  public func reconcile(
    _ worker: WorkerReference, reported: [ReportedTask], timeout: Duration = .seconds(30)
  ) async throws -> [TaskToKill] {
    try await apply(.workerReconciled(worker, reported: reported), timeout: timeout).tasksToKill
  }

  /// Submits a job. One that asks for what no job may have is accepted and fails at once: its row says why.
  ///
  /// - Returns: the job's handle.
  @discardableResult
  public func submit(
    _ name: String, _ request: JobRequest = JobRequest(), timeout: Duration = .seconds(30)
  ) async throws -> JobHandle {
    guard case .job(let handle, _)? = try await apply(.jobSubmitted(name, request: request), timeout: timeout).subject
    else { throw ClientError.unexpectedReply("a submission without its job") }
    return handle
  }

  /// Ends a job with its descendants.
  ///
  /// - Parameter reason: becomes the job's error.
  @discardableResult
  public func cancel(
    _ job: JobReference, reason: String, timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(.jobCancelled(job, reason: reason), timeout: timeout)
  }

  /// Places a task on a worker, in the scheduler's stead.
  @discardableResult
  public func assign(
    _ task: TaskReference, to worker: WorkerReference, timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(.taskAssigned(task, worker: worker), timeout: timeout)
  }

  /// Reports the state of a task. A report of an attempt that is over is `ignored`.
  @discardableResult
  public func reportTask(
    _ task: TaskReference, attempt: UInt32, state: TaskState, error: String? = nil, exitCode: Int32? = nil,
    timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(
      .taskStateChanged(task, attempt: attempt, state: state, error: error, exitCode: exitCode), timeout: timeout)
  }

  /// Takes a task off its worker, to be placed again if its job's budget allows.
  @discardableResult
  public func preempt(
    _ task: TaskReference, reason: String? = nil, timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(.taskPreempted(task, reason: reason), timeout: timeout)
  }

  /// Says where a task is reached.
  @discardableResult
  public func registerEndpoint(
    _ endpoint: String, of task: TaskReference, timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(.endpointRegistered(task, endpoint: endpoint), timeout: timeout)
  }

  /// Says that a zone's silent workers are lost indeed: they expire as fast as ever until its brake is released.
  ///
  /// - Parameter zone: empty for the workers of no zone.
  @discardableResult
  public func overrideBrake(
    ofZone zone: String, reason: String? = nil, timeout: Duration = .seconds(30)
  ) async throws -> Transaction {
    try await apply(.brakeOverridden(zone: zone, reason: reason), timeout: timeout)
  }

  /// Sends an event and awaits its transaction, for what has no call of its own.
  public func apply(_ event: Event, timeout: Duration = .seconds(30)) async throws -> Transaction {
    let result = try await dispatch(event, timeout: timeout)
    if let refusal = EventRefusal(result) { throw refusal }
    guard let transaction = result.transaction else {
      preconditionFailure("what was not handled was refused")
    }
    return transaction
  }
}
