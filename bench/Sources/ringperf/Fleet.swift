import Controller
import EventModel

/// A state machine with workers and tasks for a benchmark to act on.
struct Fleet: ~Copyable {
  var state: ControllerState
  private(set) var workers: [WorkerHandle] = []
  /// Those that `runTasks` made.
  private(set) var tasks: [TaskHandle] = []
  private var jobCount = 0

  static let startMs: Int64 = 1_700_000_000_000

  init(workers count: Int, milliCPU: Int64, configuration: ControllerConfiguration = ControllerConfiguration()) {
    let metadata = WorkerMetadata(capacity: Resources(milliCPU: milliCPU))
    self.init(repeatElement(metadata, count: count), configuration: configuration)
  }

  init(_ fleet: some Collection<WorkerMetadata>, configuration: ControllerConfiguration = ControllerConfiguration()) {
    state = ControllerState(configuration: configuration)
    workers.reserveCapacity(fleet.count)
    for (index, metadata) in fleet.enumerated() {
      let transaction = state.handle(
        .workerRegistered("w\(index)", address: "10.0.0.1:1", metadata: metadata, timestampMs: Self.startMs))
      guard case .worker(let handle, _)? = transaction.subject else { preconditionFailure("a worker was refused") }
      workers.append(handle)
    }
  }

  /// Submits jobs of `perJob` tasks until there are `count` more tasks.
  ///
  /// - Parameter belowFirst: the others are children of the first.
  /// - Returns: the first job.
  @discardableResult
  mutating func submit(_ count: Int, perJob: Int, milliCPU: Int64 = 1000, belowFirst: Bool = false) -> JobHandle {
    var first: JobHandle?
    var left = count
    while left > 0 {
      var request = JobRequest()
      request.replicas = Int32(min(left, perJob))
      request.resources.milliCPU = milliCPU
      if belowFirst { request.parent = first.map { .handle($0) } }
      let job = submit(request)
      first = first ?? job
      left -= Int(request.replicas)
    }
    guard let first else { preconditionFailure("a job has at least one task") }
    return first
  }

  @discardableResult
  mutating func submit(_ request: JobRequest) -> JobHandle {
    let transaction = state.handle(.jobSubmitted("j\(jobCount)", request: request, timestampMs: Self.startMs))
    guard case .job(let handle, _)? = transaction.subject else { preconditionFailure("a job was refused") }
    jobCount += 1
    return handle
  }

  /// Proposes and commits placements until nothing more can be placed.
  ///
  /// - Parameter placed: is given every task as it is placed.
  mutating func placeAll(limit: Int, placed: (TaskHandle) -> Void = { _ in }) {
    var policy: any SchedulingPolicy = FirstFit()
    while state.hasSchedulableWork {
      for event in state.proposePlacements(using: &policy, limit: limit) {
        if case .taskAssigned(.handle(let task), _) = event.body { placed(task) }
        _ = state.handle(event)
      }
    }
  }

  /// Submits tasks, places them and has all of them RUNNING.
  @discardableResult
  mutating func runTasks(_ count: Int, perJob: Int, milliCPU: Int64 = 10, belowFirst: Bool = false) -> JobHandle {
    let first = submit(count, perJob: perJob, milliCPU: milliCPU, belowFirst: belowFirst)
    var placed: [TaskHandle] = []
    placed.reserveCapacity(count)
    placeAll(limit: 1024) { placed.append($0) }
    for task in placed {
      _ = state.handle(.taskStateChanged(.handle(task), attempt: 0, state: .running, timestampMs: Self.startMs))
    }
    precondition(placed.count == count, "every task found a worker")
    tasks += placed
    return first
  }
}
