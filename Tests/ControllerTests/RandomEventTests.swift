import Controller
import EventModel
import SeededRandom
import Testing

/// Random events, most of them plausible, on a cluster small enough that they keep meeting each other.
struct RandomEvents {
  var random: SeededGenerator
  var nowMs: Int64 = 1000
  private var submitted = 0

  init(seed: UInt64) {
    random = SeededGenerator(seed: seed)
  }

  private mutating func pick(_ count: Int) -> Int {
    Int.random(in: 0..<count, using: &random)
  }

  private mutating func worker() -> WorkerReference { .name("w\(pick(5))") }

  private mutating func jobName() -> String { "j\(max(0, submitted - 1 - pick(8)))" }

  private mutating func task() -> TaskReference { .name("\(jobName())/task-\(pick(4))") }

  mutating func next(_ state: TestController) -> Event {
    nowMs += Int64(pick(400))
    let queue = state.queue
    switch pick(24) {
    case 0, 1:
      let zones: [WorkerMetadata.Attribute] = pick(2) == 0 ? [.init(key: "zone", value: zone())] : []
      let metadata = WorkerMetadata(
        capacity: Resources(milliCPU: Int64(pick(5)) * 1000), confirmsStops: pick(2) == 0, attributes: zones)
      let incarnation = pick(4) == 0 ? "again" : nil
      return .workerRegistered(
        "w\(pick(5))", address: "a", metadata: metadata, incarnation: incarnation, timestampMs: nowMs)
    case 2: return .workerHeartbeat(worker(), timestampMs: nowMs)
    case 3: return .workerHeartbeatFailed(worker(), error: "unreachable")
    case 4: return .workerFailed(worker(), error: "gone", timestampMs: nowMs)
    case 5:
      let reported = (0..<pick(4)).map { _ in ReportedTask(task: task(), attempt: UInt32(pick(2))) }
      return .workerReconciled(worker(), reported: reported)
    case 6, 7: return submission()
    case 8: return .jobCancelled(.name(jobName()), reason: "stop", timestampMs: nowMs)
    case 9: return .taskPreempted(task(), reason: "reclaim")
    case 10:
      if pick(3) == 0 { return brakeEvent() }
      let running = state.nextWorker(from: pick(5))?.runningTasks.randomElement(using: &random)
      return .endpointRegistered(running.map { .handle($0) } ?? task(), endpoint: "e\(pick(2))")
    case 11: return .prune(nowMs: nowMs)
    case 12...15:
      guard !queue.isEmpty else { return submission() }
      return .taskAssigned(.handle(queue[pick(queue.count)]), worker: worker(), timestampMs: nowMs)
    case 16: return drain(state)
    case 17, 18: return stop(state)
    default: return report(state)
    }
  }

  private mutating func drain(_ state: TestController) -> Event {
    switch pick(8) {
    case 0...2:
      return .workerDrain(
        worker(), reason: pick(2) == 0 ? "disk" : nil, graceMs: [nil, 0, Int64(pick(3000))][pick(3)], timestampMs: nowMs
      )
    case 3: return .workerDrainPassed(worker(), timestampMs: nowMs)
    case 4: return .taskTimedOut(task(), attempt: UInt32(pick(2)), timestampMs: nowMs)
    case 5: return .assignmentTimedOut(task(), attempt: UInt32(pick(2)), timestampMs: nowMs)
    default: return .workerResumed(worker(), timestampMs: nowMs)
    }
  }

  /// A worker says that a task has stopped, most of the time one that stops.
  private mutating func stop(_ state: TestController) -> Event {
    let stopping = state.nextWorker(from: pick(5))?.stoppingTasks.randomElement(using: &random)
    guard let stopping, pick(6) > 0, let current = state.view(of: stopping)?.currentAttempt else {
      return .taskStopped(task(), attempt: UInt32(pick(2)), timestampMs: nowMs)
    }
    if pick(4) == 0 { return .taskStateChanged(.handle(stopping), attempt: current, state: .killed, exitCode: 137) }
    let exitCode: Int32? = pick(2) == 0 ? 143 : nil
    return .taskStopped(
      .handle(stopping), attempt: current, error: pick(2) == 0 ? "killed" : nil, exitCode: exitCode,
      endReason: pick(2) == 0 ? .stopped : nil, timestampMs: nowMs)
  }

  private mutating func zone() -> String { ["", "a", "b"][pick(3)] }

  private mutating func brakeEvent() -> Event {
    let census = ZoneCensus(zone: zone(), silentWorkers: Int32(pick(4)), workers: 3)
    switch pick(5) {
    case 0: return .brakeEngaged(census, timestampMs: nowMs)
    case 1: return .brakeReleased(census, timestampMs: nowMs)
    case 2: return .brakeOverridden(zone: census.zone, timestampMs: nowMs)
    case 3: return .clockCorrected(aheadMs: Int64(pick(3000)), timestampMs: max(nowMs - Int64(pick(3000)), 0))
    default: return .controllerStalled(stalledMs: Int64(pick(3000)), timestampMs: nowMs)
    }
  }

  private mutating func submission() -> Event {
    var request = JobRequest()
    request.replicas = Int32(1 + pick(4)) * (pick(12) == 0 ? 0 : 1)
    request.maxRetriesFailure = Int32(pick(3))
    request.maxRetriesPreemption = Int32(pick(3))
    request.maxTaskFailures = Int32(pick(3))
    request.coscheduled = pick(3) == 0
    request.resources.milliCPU = Int64(pick(3)) * 500
    request.schedulingTimeoutMs = pick(3) == 0 ? Int64(pick(4000)) : nil
    request.parent = pick(2) == 0 ? .name(jobName()) : nil
    request.priority = pick(3) == 0 ? Int32(pick(5)) - 2 : 0
    request.runTimeoutMs = pick(3) == 0 ? Int64(pick(2000)) : 0
    request.retryDelayMs = pick(2) == 0 ? Int64(pick(800)) : 0
    request.retryDelayMaxMs = Int64(pick(2000))
    request.ifExists = [.reject, .replaceFinished, .keep][pick(3)]
    if pick(4) == 0 { request.constraints.require.add(zone(), of: "zone") }
    if pick(4) == 0 { request.constraints.forbid.add(zone(), of: "zone") }
    let name = pick(6) == 0 ? jobName() : "j\(submitted)"
    submitted += 1
    return .jobSubmitted(name, request: request, timestampMs: nowMs)
  }

  private mutating func report(_ state: TestController) -> Event {
    guard let worker = state.nextWorker(from: pick(5)), let task = worker.runningTasks.randomElement(using: &random)
    else { return .taskStateChanged(task(), attempt: 0, state: .failed) }
    let current = state.view(of: task)?.currentAttempt ?? 0
    let attempt = pick(8) == 0 ? UInt32(pick(3)) : current
    let states: [TaskState] = [
      .building, .running, .running, .running, .succeeded, .succeeded, .failed, .failed, .workerFailed, .pending,
      .killed,
    ]
    return .taskStateChanged(
      .handle(task), attempt: attempt, state: states[pick(states.count)], error: "reported", timestampMs: nowMs)
  }
}

@Suite struct RandomEventTests {
  private static let eventsPerSeed = 150

  private static var configuration: ControllerConfiguration {
    var configuration = ControllerConfiguration()
    configuration.workerTimeoutMs = 5000
    configuration.heartbeatFailureThreshold = 2
    configuration.jobRetentionMs = 3000
    configuration.transactionLogCapacity = 50
    configuration.deliveryRetries = 2
    configuration.assignmentTimeoutMs = 3000
    configuration.reservationAfterMs = 1500
    return configuration
  }

  private static func finishedTasks(_ state: TestController) -> [TaskHandle: TaskState] {
    var finished: [TaskHandle: TaskState] = [:]
    var slot = 0
    while let task = state.nextTask(from: slot) {
      if task.state.isTerminal { finished[task.handle] = task.state }
      slot = Int(task.handle.index) + 1
    }
    return finished
  }

  @Test func invariantsHoldAfterEveryEvent() {
    var outcomes: [String: Int] = [:]
    for seed in UInt64(1)...100 {
      var events = RandomEvents(seed: seed)
      let state = TestController(configuration: Self.configuration)
      var finished: [TaskHandle: TaskState] = [:]
      for step in 0..<Self.eventsPerSeed {
        let before = state.save()
        let transaction = state.handle(events.next(state))
        outcomes[transaction.outcome.name, default: 0] += 1
        #expect(transaction.number == UInt64(before.lastTransactionNumber + 1))
        #expect(state.transactionLog.last == transaction)
        if case .rejected = transaction.outcome {
          var after = state.save()
          after.lastTransactionNumber = before.lastTransactionNumber
          #expect(after == before && transaction.actions.isEmpty, "seed \(seed), event \(step)")
        }
        if step % 20 == 19 {
          // Whatever is due makes transactions of its own; none of them can be refused.
          #expect(state.tick(nowMs: events.nowMs).allSatisfy { $0.outcome == .applied }, "seed \(seed)")
        }
        if step % 15 == 14 {
          // By a clock that may be ahead; what is proposed is not refused unless a gang stands in another's way.
          var policy: any SchedulingPolicy = [FirstFit(), LeastLoaded(), BestFit()][step % 3]
          for event in state.proposePlacements(using: &policy, limit: 6, atMs: events.nowMs) {
            _ = state.handle(Event(timestampMs: events.nowMs, body: event.body))
          }
        }
        let violations = state.checkInvariants()
        #expect(violations.isEmpty, "seed \(seed), event \(step), \(transaction.event): \(violations)")
        for (task, ended) in finished {
          if let view = state.view(of: task) {
            #expect(view.state == ended, "seed \(seed), event \(step): \(view.name) left \(ended)")
          }
        }
        finished = Self.finishedTasks(state)
        if !violations.isEmpty { return }
      }
    }
    #expect(outcomes["applied", default: 0] > 4000, "\(outcomes)")
    #expect(outcomes["ignored", default: 0] > 500 && outcomes["rejected", default: 0] > 500, "\(outcomes)")
  }

  @Test func aRestoredControllerGoesOnAsTheOldOneWould() {
    for seed in UInt64(1)...100 {
      var events = RandomEvents(seed: seed)
      let original = TestController(configuration: Self.configuration)
      for _ in 0..<60 { _ = original.handle(events.next(original)) }
      let saved = original.save()
      let restored = TestController(restoring: saved, configuration: Self.configuration, atMs: saved.nowMs)
      original.restartLiveness(atMs: saved.nowMs)
      #expect(restored.save() == saved, "seed \(seed)")
      #expect(restored.checkInvariants().isEmpty, "seed \(seed)")
      #expect(restored.transactionLog.isEmpty && restored.totals == original.totals)
      for step in 0..<60 {
        let event = events.next(original)
        #expect(original.handle(event) == restored.handle(event), "seed \(seed), event \(step): \(event)")
        if step % 20 == 19 {
          #expect(original.tick(nowMs: events.nowMs) == restored.tick(nowMs: events.nowMs), "seed \(seed)")
        }
      }
      #expect(restored.save() == original.save(), "seed \(seed)")
    }
  }
}
