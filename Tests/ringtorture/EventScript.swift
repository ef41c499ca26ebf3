import EventModel
import SeededRandom

/// The events of one life of a client: workers, jobs, reports, cancellations, losses, each with its tag. What comes next
/// depends on the seed alone.
struct EventScript {
  private struct Job {
    let name: String
    let replicas: Int32
  }

  private let owner: String
  private var random: SeededGenerator
  private var recentJobs: [Job] = []
  /// Workers to be registered, first or again.
  private var unregistered: [Int]

  /// Of a thousand events, those that take up to 512 slots.
  private let longEvents: Int
  /// The event that submits a job of as many tasks as may be; nil for none.
  private let largeJob: Int?

  private static let workers = 3
  private static let capacity = Resources(milliCPU: 4000, memoryBytes: 1 << 30, devices: ["gpu": 8, "nic": 2])
  private static let jobsRemembered = 48
  /// Their names fill a record of 512 slots.
  private static let mostReportedTasks = 120

  init(owner: String, seed: UInt64, longEvents: Int = 0, largeJob: Int? = nil) {
    self.owner = owner
    (self.longEvents, self.largeJob) = (longEvents, largeJob)
    random = SeededGenerator(seed: seed)
    unregistered = Array((0..<Self.workers).reversed())
  }

  private func workerName(_ worker: Int) -> String { "\(owner)-w\(worker)" }

  mutating func event(_ number: Int) -> Event {
    let name = EventTag(owner: owner, number: number).text
    let isLong = Int.random(in: 0..<1000, using: &random) < longEvents
    let tag = isLong ? name + " " + String(repeating: "x", count: Int.random(in: 0...4000, using: &random)) : name
    if let worker = unregistered.popLast() {
      var metadata = WorkerMetadata(capacity: Self.capacity)
      if isLong { metadata.attributes = attributes() }
      return .workerRegistered(workerName(worker), address: name, metadata: metadata)
    }
    if number == largeJob { return submission(name, reason: nil, replicas: Int32(Limits.replicas.upperBound)) }
    // Of a worker that is not there, so that it is refused and changes nothing.
    if isLong, Bool.random(using: &random) { return .workerReconciled(.name(name), reported: tasks()) }
    guard let job = recentJobs.randomElement(using: &random) else { return submission(name, reason: tag) }
    switch Int.random(in: 0..<1000, using: &random) {
    case ..<340: return submission(name, reason: tag)
    case ..<760: return report(on: job, tag)
    case ..<960: return .jobCancelled(.name(job.name), reason: tag)
    case ..<985: return .taskPreempted(.name(task(of: job)), reason: tag)
    case ..<992:
      let worker = Int.random(in: 0..<Self.workers, using: &random)
      return .workerHeartbeatFailed(.name(workerName(worker)), error: tag)
    default:
      let worker = Int.random(in: 0..<Self.workers, using: &random)
      unregistered.append(worker)
      return .workerFailed(.name(workerName(worker)), error: tag)
    }
  }

  private mutating func attributes() -> [WorkerMetadata.Attribute] {
    (0..<Int.random(in: 1...Limits.metadataEntries, using: &random)).map {
      WorkerMetadata.Attribute(key: "key-\($0)", value: String(repeating: "v", count: Limits.metadataBytes))
    }
  }

  private mutating func tasks() -> [ReportedTask] {
    let name = String(repeating: "t", count: 200)
    return (0..<Int.random(in: 1...Self.mostReportedTasks, using: &random)).map {
      ReportedTask(task: .name(TaskName(job: name, index: $0).description), attempt: 0)
    }
  }

  private mutating func submission(_ name: String, reason: String?, replicas: Int32? = nil) -> Event {
    var request = JobRequest()
    request.reason = reason
    switch Int.random(in: 0..<100, using: &random) {
    case ..<70: request.replicas = Int32.random(in: 1...3, using: &random)
    case ..<98: request.replicas = Int32.random(in: 4...16, using: &random)
    default: request.replicas = Int32.random(in: 100...250, using: &random)
    }
    request.resources.milliCPU = Int64.random(in: 1...20, using: &random)
    if let replicas { (request.replicas, request.resources.milliCPU) = (replicas, 1) }
    request.maxRetriesFailure = Int32.random(in: 0...2, using: &random)
    request.maxTaskFailures = Int32.random(in: 0...3, using: &random)
    request.coscheduled = request.replicas <= 16 && Int.random(in: 0..<10, using: &random) == 0
    if Int.random(in: 0..<8, using: &random) == 0, let parent = recentJobs.last { request.parent = .name(parent.name) }
    if replicas == nil, Int.random(in: 0..<4, using: &random) == 0 {
      request.resources.memoryBytes = Int64.random(in: 1...64, using: &random) << 20
      request.resources.devices["gpu"] = Int64.random(in: 0...2, using: &random)
      if request.replicas == 1 { request.resources.devices["nic"] = Int64.random(in: 0...1, using: &random) }
    }
    recentJobs.append(Job(name: name, replicas: request.replicas))
    if recentJobs.count > Self.jobsRemembered { recentJobs.removeFirst() }
    return .jobSubmitted(name, request: request)
  }

  private mutating func report(on job: Job, _ tag: String) -> Event {
    let states: [TaskState] = [.building, .running, .running, .succeeded, .succeeded, .failed]
    let state = states.randomElement(using: &random) ?? .running
    return .taskStateChanged(
      .name(task(of: job)), attempt: UInt32.random(in: 0...1, using: &random), state: state, error: tag)
  }

  private mutating func task(of job: Job) -> String {
    TaskName(job: job.name, index: Int.random(in: 0..<Int(job.replicas), using: &random)).description
  }
}
