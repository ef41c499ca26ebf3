import Controller
import EventModel

/// States in a line each: what most tests begin with.
extension TestCluster {
  /// Registers a worker.
  ///
  /// - Parameter cpus: whole ones.
  /// - Returns: its handle; nil when some middleware or the controller refused it.
  @discardableResult
  public func addWorker(_ name: String, cpus: Int64 = 8, zone: String? = nil) -> WorkerHandle? {
    let attributes = zone.map { [WorkerMetadata.Attribute(key: "zone", value: $0)] } ?? []
    let metadata = WorkerMetadata(capacity: Resources(milliCPU: cpus * 1000), attributes: attributes)
    send(.workerRegistered(name, address: "\(name):8080", metadata: metadata))
    return state.worker(named: name)
  }

  /// Submits a job.
  ///
  /// - Parameters:
  ///   - cpus: whole ones, for each task.
  ///   - adjust: everything else of the request.
  @discardableResult
  public func submit(
    _ job: String, replicas: Int32 = 1, cpus: Int64 = 1, owner: String? = nil,
    _ adjust: (inout JobRequest) -> Void = { _ in }
  ) -> DispatchResult {
    var request = JobRequest()
    request.replicas = replicas
    request.resources.milliCPU = cpus * 1000
    request.owner = owner
    adjust(&request)
    return send(.jobSubmitted(job, request: request))
  }

  /// Reports a state of a task's newest attempt.
  @discardableResult
  public func report(
    _ task: TaskReference, _ newState: TaskState, error: String? = nil, exitCode: Int32? = nil
  ) -> DispatchResult {
    let attempt = view(of: task)?.currentAttempt ?? 0
    return send(.taskStateChanged(task, attempt: attempt, state: newState, error: error, exitCode: exitCode))
  }

  public func worker(_ name: String) -> WorkerView? {
    state.worker(named: name).flatMap { state.view(of: $0) }
  }

  public func job(_ name: String) -> JobView? {
    state.job(named: name).flatMap { state.view(of: $0) }
  }

  public func task(_ index: Int, of job: String) -> TaskView? {
    state.job(named: job).flatMap { state.task(at: index, of: $0) }.flatMap { state.view(of: $0) }
  }

  /// The tasks of a job, in order.
  public func tasks(of job: String) -> [TaskView] {
    (0..<(self.job(job)?.taskCount ?? 0)).compactMap { task($0, of: job) }
  }

  private func view(of task: TaskReference) -> TaskView? {
    let handle: TaskHandle? =
      switch task {
      case .handle(let handle): handle
      case .name(let name): TaskName(name).flatMap { state.task(named: $0) }
      }
    return handle.flatMap { state.view(of: $0) }
  }
}
