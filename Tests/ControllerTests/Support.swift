import Controller
import EventModel

/// A controller behind a reference: the macros of the test library copy what they look at, and the state cannot be
/// copied.
final class TestController {
  private var state: ControllerState

  init(configuration: ControllerConfiguration = ControllerConfiguration()) {
    state = ControllerState(configuration: configuration)
  }

  init(restoring saved: SavedState, configuration: ControllerConfiguration, atMs: Int64) {
    state = ControllerState(restoring: saved, configuration: configuration, atMs: atMs)
  }

  var nowMs: Int64 { state.nowMs }
  var totals: Totals { state.totals }
  var queue: [TaskHandle] { state.queue }
  var endpoints: [EndpointView] { state.endpoints }
  var transactionLog: TransactionLog { state.transactionLog }
  var hasSchedulableWork: Bool { state.hasSchedulableWork }

  var stateHash: UInt64 { state.stateHash }
  var brakes: [ZoneBrake] { state.brakes }
  var workerSlots: Int { state.workerSlots }

  func handle(_ event: Event) -> Transaction { state.handle(event) }
  func recomputedStateHash() -> UInt64 { state.recomputedStateHash() }
  func explain(worker: WorkerHandle) -> Explanation? { state.explain(worker: worker) }
  func explain(job: JobHandle) -> Explanation? { state.explain(job: job) }
  func explain(task: TaskHandle) -> Explanation? { state.explain(task: task) }
  func explain(_ target: EntityReference) -> Explanation? { state.explain(target) }
  func beginExplanation(_ target: EntityReference) -> ExplanationSearch { ExplanationSearch(target, in: state) }

  func advance(_ search: inout ExplanationSearch, actions limit: Int) -> Int? {
    search.advance(state, actions: limit)
  }

  func explain(_ target: EntityReference, actionsPerSlice limit: Int) -> Explanation? {
    var search = beginExplanation(target)
    while advance(&search, actions: limit) != nil {}
    return search.explanation
  }
  func placementObstacle(of task: TaskHandle) -> PlacementObstacle? { state.placementObstacle(of: task) }
  func stillHolds(_ event: Event) -> Bool { state.stillHolds(event) }
  func hasSchedulableWork(atMs: Int64) -> Bool { state.hasSchedulableWork(atMs: atMs) }

  func advance(_ judge: inout LivenessJudge, slots: Int) -> [Event] {
    var events: [Event] = []
    judge.advance(&state, slots: slots, into: &events)
    return events
  }
  func tick(nowMs: Int64) -> [Transaction] { state.tick(nowMs: nowMs) }
  func save() -> SavedState { state.save() }
  func checkInvariants() -> [String] { state.checkInvariants() }
  func configure(_ configuration: ControllerConfiguration) { state.configure(configuration) }
  func restartLiveness(atMs: Int64) { state.restartLiveness(atMs: atMs) }

  func recordHeartbeat(_ worker: WorkerHandle, atMs: Int64) -> HeartbeatOutcome {
    state.recordHeartbeat(worker, atMs: atMs)
  }

  func recordHeartbeats(_ heartbeats: [Heartbeat]) -> Bool {
    state.recordHeartbeats(heartbeats.span)
  }

  func overdueWorkers(inSlots slots: Range<Int>, nowMs: Int64) -> [Event] {
    var events: [Event] = []
    state.overdueWorkers(inSlots: slots, nowMs: nowMs, into: &events)
    return events
  }

  func passedDeadlines(nowMs: Int64, limit: Int) -> [Event] {
    var events: [Event] = []
    state.passedDeadlines(nowMs: nowMs, limit: limit, into: &events)
    return events
  }

  func proposePlacements(
    using policy: inout any SchedulingPolicy, limit: Int, atMs: Int64? = nil
  ) -> [Event] {
    state.proposePlacements(using: &policy, limit: limit, atMs: atMs)
  }

  func worker(named name: String) -> WorkerHandle? { state.worker(named: name) }
  func job(named name: String) -> JobHandle? { state.job(named: name) }
  func task(named name: TaskName) -> TaskHandle? { state.task(named: name) }
  func task(at index: Int, of job: JobHandle) -> TaskHandle? { state.task(at: index, of: job) }
  func view(of worker: WorkerHandle) -> WorkerView? { state.view(of: worker) }
  func view(of job: JobHandle) -> JobView? { state.view(of: job) }
  func view(of task: TaskHandle) -> TaskView? { state.view(of: task) }
  func nextWorker(from slot: Int) -> WorkerView? { state.nextWorker(from: slot) }
  func nextJob(from slot: Int) -> JobView? { state.nextJob(from: slot) }
  func nextTask(from slot: Int) -> TaskView? { state.nextTask(from: slot) }
}

/// What the tests say in short.
extension TestController {
  @discardableResult
  func register(
    _ name: String, milliCPU: Int64 = 8000, devices: DeviceCounts = [:], confirmsStops: Bool = false,
    incarnation: String? = nil, zone: String? = nil, atMs: Int64? = nil
  ) -> WorkerHandle? {
    let metadata = WorkerMetadata(
      capacity: Resources(milliCPU: milliCPU, devices: devices), confirmsStops: confirmsStops,
      attributes: zone.map { [.init(key: "zone", value: $0)] } ?? [])
    _ = handle(
      .workerRegistered(
        name, address: "\(name):8080", metadata: metadata, incarnation: incarnation, timestampMs: atMs))
    return worker(named: name)
  }

  @discardableResult
  func submit(
    _ name: String, replicas: Int32 = 1, parent: String? = nil, atMs: Int64? = nil,
    _ adjust: (inout JobRequest) -> Void = { _ in }
  ) -> Transaction {
    var request = JobRequest()
    request.replicas = replicas
    request.parent = parent.map { .name($0) }
    adjust(&request)
    return handle(.jobSubmitted(name, request: request, timestampMs: atMs))
  }

  /// Lets a policy place what it can at a time, and returns what was assigned, as `task worker`.
  @discardableResult
  func place(using policy: any SchedulingPolicy = FirstFit(), atMs: Int64? = nil) -> [String] {
    var policy = policy
    var placed: [String] = []
    let timeMs = atMs ?? nowMs
    while hasSchedulableWork(atMs: timeMs) {
      for proposal in proposePlacements(using: &policy, limit: 100, atMs: timeMs) {
        let transaction = handle(Event(timestampMs: timeMs, body: proposal.body))
        for action in transaction.actions where action.kind == .taskAssigned {
          placed.append("\(action.subject) \(action.worker?.name ?? "")")
        }
      }
    }
    return placed
  }

  /// Assigns a task and reports it RUNNING.
  func run(_ task: String, on worker: String) {
    _ = handle(.taskAssigned(.name(task), worker: .name(worker)))
    report(task, .running)
  }

  /// A report of the task's newest attempt.
  @discardableResult
  func report(_ task: String, _ state: TaskState, error: String? = nil) -> Transaction {
    let attempt = taskView(task)?.currentAttempt ?? 0
    return handle(.taskStateChanged(.name(task), attempt: attempt, state: state, error: error))
  }

  func taskView(_ name: String) -> TaskView? {
    TaskName(name).flatMap { task(named: $0) }.flatMap { view(of: $0) }
  }

  func jobView(_ name: String) -> JobView? {
    job(named: name).flatMap { view(of: $0) }
  }

  func workerView(_ name: String) -> WorkerView? {
    worker(named: name).flatMap { view(of: $0) }
  }

  var queueNames: [String] {
    queue.compactMap { view(of: $0)?.name.description }
  }
}

extension Transaction {
  /// Its actions as `name entity`.
  var lines: [String] {
    actions.map { "\($0.kind.name) \($0.subject)" }
  }

  var kills: [String] {
    tasksToKill.map { "\($0.task) on \($0.worker.name)" }
  }
}
