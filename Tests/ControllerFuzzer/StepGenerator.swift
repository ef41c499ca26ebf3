import Controller
import EventJSON
import EventModel
import SeededRandom

/// Makes one step after another, most of them meaningful for the state they meet: it asks the state what there is, and
/// remembers what there was.
///
/// Every step can be written as a line of NDJSON and read again. The same seed and the same states give the same steps.
public struct StepGenerator: Sendable {
  /// How many of the things of the past it can come back to.
  private static let memory = 24
  /// Milliseconds that pass between two steps, at most.
  private static let stepMs = 400
  static let startMs: Int64 = 1000

  let profile: FuzzProfile
  private let totalWeight: Int
  var random: SeededGenerator
  var nowMs = StepGenerator.startMs
  var submissions = 0
  /// Places all that it can at once, and not as much as it may in a call, of which only a part may be committed.
  private let placesAll: Bool
  private var policy: any SchedulingPolicy = FirstFit()
  private var pass: ProposedPass?
  /// Decided and not handed out yet, the next one last.
  private var upcoming: [ScriptStep] = []
  private var recentSteps: [ScriptStep] = []
  private var recentWorkers: [WorkerHandle] = []
  private var recentJobs: [JobHandle] = []
  private var recentTasks: [TaskHandle] = []

  public init(seed: UInt64, profile: FuzzProfile) {
    self.profile = profile
    totalWeight = profile.weights.reduce(0) { $0 + $1.weight }
    random = SeededGenerator(seed: seed)
    placesAll = random.chance(50)
  }

  /// The next step. The state is only asked, but asking its scheduler moves that on.
  public mutating func next(_ state: inout ControllerState) -> ScriptStep {
    if let step = upcoming.popLast() { return remembered(step) }
    if random.chance(profile.repetitions), let step = random.element(of: recentSteps) { return step }
    nowMs += Int64(random.below(Self.stepMs))
    return remembered(step(of: nextKind(), &state))
  }

  /// What the scheduler was found to propose on the way to the last step.
  mutating func takePass() -> ProposedPass? {
    defer { pass = nil }
    return pass
  }

  private mutating func nextKind() -> StepKind {
    var left = random.below(totalWeight)
    for (kind, weight) in profile.weights {
      if left < weight { return kind }
      left -= weight
    }
    preconditionFailure("the weights do not add up to \(totalWeight)")
  }

  private mutating func step(of kind: StepKind, _ state: inout ControllerState) -> ScriptStep {
    switch kind {
    case .registration: return .event(registration())
    case .heartbeat: return .event(.workerHeartbeat(worker(state), timestampMs: requiredTime()))
    case .heartbeatFailure:
      return .event(.workerHeartbeatFailed(worker(state), error: text("unreachable"), timestampMs: time()))
    case .workerFailure: return .event(.workerFailed(worker(state), error: text("gone"), timestampMs: time()))
    case .reconciliation: return .event(reconciliation(state))
    case .submission:
      // A state that grows without end would be slow to check, and hardly anything in it would meet.
      return state.totals.tasks.total < profile.maxTasks ? .event(submission(state)) : .event(ending(state))
    case .cancellation: return .event(cancellation(state))
    case .placement:
      if placesAll { return .place }
      let limit = 1 + random.below(4)
      let placements = state.proposePlacements(using: &policy, limit: limit)
      pass = ProposedPass(proposals: placements, limit: limit)
      upcoming = placements.reversed().map { .event($0) }
      return upcoming.popLast() ?? .event(report(state))
    case .assignment: return .event(.taskAssigned(task(state), worker: worker(state), timestampMs: time()))
    case .report: return .event(report(state))
    case .preemption: return .event(.taskPreempted(runningTask(state), reason: text("reclaimed"), timestampMs: time()))
    case .endpoint:
      return .event(
        .endpointRegistered(runningTask(state), endpoint: endpoint(), timestampMs: time()))
    case .drain: return .event(drain(state))
    case .resumption: return .event(.workerResumed(drainedWorker(state), reason: text("mended"), timestampMs: time()))
    case .stop: return .event(stop(state))
    case .tick: return tick()
    case .sweep: return silence(state)
    case .stall:
      if random.chance(20) {
        let aheadMs = Int64(random.below(20_000))
        nowMs = max(nowMs - aheadMs, 0)
        return .event(.clockCorrected(aheadMs: aheadMs, timestampMs: requiredTime()))
      }
      nowMs += Int64(random.below(8000))
      return .event(.controllerStalled(stalledMs: Int64(random.below(8000)), timestampMs: requiredTime()))
    case .prune: return .event(.prune(nowMs: requiredTime()))
    case .restart: return .restart(atMs: requiredTime())
    case .brakeOverride:
      return .event(.brakeOverridden(zone: random.chance(50) ? "" : "z0", reason: text("sure"), timestampMs: time()))
    }
  }

  /// Time passes in which some are heard of and others are not, and each time the silent are judged.
  private mutating func silence(_ state: borrowing ControllerState) -> ScriptStep {
    var steps: [ScriptStep] = []
    let talkative = random.below(100)
    for _ in 0..<(1 + random.below(4)) {
      nowMs += Int64(200 + random.below(3000))
      for slot in 0..<state.workerSlots where random.chance(talkative) {
        guard let worker = state.nextWorker(from: slot) else { break }
        steps.append(.event(.workerHeartbeat(reference(to: worker), timestampMs: nowMs)))
      }
      steps.append(.sweep(asOfMs: requiredTime()))
    }
    upcoming = steps.reversed()
    return upcoming.removeLast()
  }

  private mutating func tick() -> ScriptStep {
    switch random.below(20) {
    case 0: nowMs += 40_000
    case 1, 2: nowMs += 6000
    default: break
    }
    return .tick(nowMs: requiredTime())
  }

  /// The time of an event that must say one: nearly always now.
  mutating func requiredTime() -> Int64 {
    switch random.below(40) {
    case 0: nowMs - min(Int64(random.below(20_000)), nowMs)
    case 1: nowMs - min(Int64(random.below(1000)), nowMs)
    case 2: nowMs + Int64(random.below(2000))
    default: nowMs
    }
  }

  mutating func time() -> Int64? {
    random.chance(20) ? nil : requiredTime()
  }

  mutating func text(_ text: String) -> String? {
    random.chance(30) ? nil : "\(text) \(random.below(3))"
  }

  /// One word in two spellings, which are two names.
  mutating func accented() -> String {
    random.chance(50) ? "caf\u{E9}" : "cafe\u{301}"
  }

  mutating func isHostile() -> Bool {
    random.chance(profile.hostility)
  }
}

/// Memory: what was may come again, and a handle may outlive what it was issued for.
extension StepGenerator {
  private mutating func remembered(_ step: ScriptStep) -> ScriptStep {
    Self.remember(step, in: &recentSteps, &random)
    return step
  }

  private static func remember<Element>(
    _ element: Element, in elements: inout [Element], _ random: inout SeededGenerator
  ) {
    if elements.count < memory {
      elements.append(element)
    } else {
      elements[random.below(memory)] = element
    }
  }

  mutating func reference(to view: WorkerView) -> WorkerReference {
    Self.remember(view.handle, in: &recentWorkers, &random)
    return random.chance(50) ? .handle(view.handle) : .name(view.name)
  }

  mutating func reference(to view: JobView) -> JobReference {
    Self.remember(view.handle, in: &recentJobs, &random)
    return random.chance(50) ? .handle(view.handle) : .name(view.name)
  }

  mutating func reference(to view: TaskView) -> TaskReference {
    Self.remember(view.handle, in: &recentTasks, &random)
    return random.chance(50) ? .handle(view.handle) : .name(view.name.description)
  }

  mutating func hostileWorker() -> WorkerReference {
    hostile(recentWorkers, name: "w\(random.below(profile.fleet + 2))")
  }

  mutating func hostileJob() -> JobReference {
    hostile(recentJobs, name: "j\(random.below(submissions + 2))")
  }

  mutating func hostileTask() -> TaskReference {
    hostile(recentTasks, name: "j\(random.below(submissions + 2))/task-\(random.below(5))")
  }

  /// A handle that may be stale, one that was never issued, a name that may be gone, or no name at all.
  private mutating func hostile<Entity>(_ known: [Handle<Entity>], name: String) -> Reference<Entity> {
    switch random.below(10) {
    case 0: return .handle(Handle(index: UInt32(random.below(64)), generation: 1 + UInt32(random.below(4))))
    case 1: return .handle(Handle(index: .max, generation: .max))
    case 2:
      return .name(
        ["nobody", "j0", "j0/task-", "/task-0", "j0/task-00", "j0/task-999999999", accented()][random.below(7)])
    case 3...6: return random.element(of: known).map { .handle($0) } ?? .name(name)
    default: return .name(name)
    }
  }
}
