import Controller
import EventModel
import Platform
import SeededRandom

/// Workers and jobs that differ: in three resources, in attributes and constraints, in priorities.
enum ControllerMix {
  static let shapes = 20
  private static let gib: Int64 = 1 << 30

  static func metadata(ofWorkers count: Int) -> [WorkerMetadata] {
    var generator = SeededGenerator(seed: 3)
    return (0..<count).map { _ in
      var capacity = Resources(milliCPU: 32_000, memoryBytes: 96 * gib)
      if generator.next() & 1 == 0 { capacity.devices = ["gpu": 8] }
      return WorkerMetadata(
        capacity: capacity,
        attributes: [
          .init(key: "zone", value: "z\(generator.next() & 7)"),
          .init(key: "class", value: generator.next() & 3 == 0 ? "spot" : "standard"),
          .init(key: "disk", value: generator.next() & 1 == 0 ? "ssd" : "hdd"),
        ])
    }
  }

  /// What the jobs of a shape ask for: about 20 cpus, 40 GiB and 3 gpus for ten tasks, one of each shape's.
  static func request(shape: Int, replicas: Int) -> JobRequest {
    var request = JobRequest()
    request.replicas = Int32(replicas)
    request.priority = Int32(shape % 4) * 10 - 10
    request.resources = Resources(milliCPU: 1000 + Int64(shape % 3) * 1000, memoryBytes: (2 + Int64(shape % 5)) * gib)
    if shape % 5 == 4 { request.resources.devices = ["gpu": 1 + Int64(shape / 5 % 2)] }
    if shape % 2 == 0 { (0..<4).forEach { request.constraints.require.add("z\((shape + $0) % 8)", of: "zone") } }
    if shape % 3 == 0 { request.constraints.forbid.add("spot", of: "class") }
    if shape % 5 == 1 { request.constraints.require.add("ssd", of: "disk") }
    return request
  }
}

extension ControllerBenchmark {
  /// Placements a second, proposals and commits together, of tasks of 20 shapes by the policy first-fit.
  static func mixedPlacements(tasks: Int, workers: Int) throws -> Double {
    var fleet = Fleet(ControllerMix.metadata(ofWorkers: workers))
    submitMix(tasks, perJob: 100, shapes: ControllerMix.shapes, to: &fleet)
    let startNs = Clock.monotonicNs()
    fleet.placeAll(limit: placementsPerTurn)
    let ns = Clock.monotonicNs() - startNs
    try expect(fleet.state.totals.tasks[.assigned], tasks, "tasks placed")
    return Double(tasks) / (Double(ns) / 1e9)
  }

  /// Nanoseconds of a change while tasks wait of which none can be placed, with the pass of placement after it: the p50 or
  /// the mean of the dearest kind of change, whichever is more, before the first of them reserves and after.
  static func change(waiting tasks: Int, workers: Int, shapes: Int) throws -> Double {
    var fleet = Fleet(ControllerMix.metadata(ofWorkers: workers))
    let small = fleet.fill()
    submitMix(tasks, perJob: 100, shapes: shapes, to: &fleet)
    let waitMs = 2 * fleet.state.configuration.reservationAfterMs
    var dearest = 0.0
    for (phase, nowMs) in [Fleet.startMs, Fleet.startMs + waitMs].enumerated() {
      fleet.settle(atMs: nowMs)
      var nsByKind: [[Double]] = []
      for index in (phase * changesPerPhase)..<((phase + 1) * changesPerPhase) {
        let changes = changes(index, worker: fleet.workers[index], ending: small[index], atMs: nowMs)
        if nsByKind.isEmpty { nsByKind = changes.map { _ in [] } }
        for (kind, change) in changes.enumerated() {
          let startNs = Clock.monotonicNs()
          _ = fleet.state.handle(change)
          fleet.settle(atMs: nowMs)
          nsByKind[kind].append(Double(Clock.monotonicNs() - startNs))
        }
      }
      for ns in nsByKind { dearest = max(dearest, Summary(ns).median, ns.reduce(0, +) / Double(ns.count)) }
    }
    try expect(fleet.state.totals.tasks[.pending], tasks, "tasks wait")
    return dearest
  }

  private static let changesPerPhase = 200

  private static func changes(_ index: Int, worker: WorkerHandle, ending task: TaskHandle, atMs: Int64) -> [Event] {
    let late = "late\(index)"
    let metadata = WorkerMetadata(capacity: Resources(milliCPU: 900, memoryBytes: 1 << 30))
    return [
      .taskStateChanged(.handle(task), attempt: 0, state: .succeeded, exitCode: 0, timestampMs: atMs),
      .workerRegistered(late, address: "10.0.0.1:1", metadata: metadata, timestampMs: atMs),
      .workerDrain(.handle(worker), timestampMs: atMs),
      .workerResumed(.handle(worker), timestampMs: atMs),
      .workerFailed(.name(late), error: "gone", timestampMs: atMs),
    ]
  }

  private static func submitMix(_ tasks: Int, perJob: Int, shapes: Int, to fleet: inout Fleet) {
    for job in 0..<(tasks / perJob) {
      fleet.submit(ControllerMix.request(shape: job % shapes, replicas: perJob))
    }
  }
}

extension Fleet {
  /// Places as the dispatcher does, as of a time.
  fileprivate mutating func settle(atMs timeMs: Int64) {
    var policy: any SchedulingPolicy = FirstFit()
    while let proposals = state.proposePlacementsIfCalledFor(
      using: &policy, limit: ControllerBenchmark.placementsPerTurn, atMs: timeMs)
    {
      for event in proposals { _ = state.handle(event) }
    }
  }

  /// Leaves nearly no memory on every other worker and nearly no cpu on the others, and puts a small task on each; returns
  /// the small ones.
  fileprivate mutating func fill() -> [TaskHandle] {
    let gib: Int64 = 1 << 30
    let asks = [
      Resources(milliCPU: 8000, memoryBytes: 95 * gib), Resources(milliCPU: 31_500, memoryBytes: 4 * gib),
    ]
    for (half, ask) in asks.enumerated() {
      _ = assign(ask, to: stride(from: half, to: workers.count, by: asks.count).map { workers[$0] })
    }
    return assign(Resources(milliCPU: 100), to: workers)
  }

  private mutating func assign(_ ask: Resources, to workers: [WorkerHandle]) -> [TaskHandle] {
    var request = JobRequest()
    request.replicas = Int32(workers.count)
    request.resources = ask
    let job = submit(request)
    return workers.indices.map { index in
      guard let task = state.task(at: index, of: job) else { preconditionFailure("a job has tasks") }
      _ = state.handle(.taskAssigned(.handle(task), worker: .handle(workers[index]), timestampMs: Self.startMs))
      return task
    }
  }
}
