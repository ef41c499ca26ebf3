import CRingmaster
import Dispatcher
import EventCodec
import EventModel

/// What peers say.
extension DispatcherSimulation {
  /// Heartbeats or registrations in one step, of a large fleet.
  private var stepOfFleet: Int { max(400, workers.count / 8) }

  /// A peer that may send what changes the cluster.
  func sender(mayBeIngest: Bool = false) -> SimulatedPeer? {
    random.element(
      of: order.filter { $0.stage == .attached && ($0.role == .control || mayBeIngest && $0.role == .ingest) })
  }

  private var wantsResult: Bool { random.chance(60) }

  /// - Returns: false when the ring is full.
  @discardableResult
  func publish(_ event: Event, by peer: SimulatedPeer, wantsResult: Bool? = nil) throws -> Bool {
    let wants = wantsResult ?? self.wantsResult
    guard try peer.publish(event, wantsResult: wants) else { return false }
    if random.chance(80) { peer.submission?.flush() }
    return true
  }

  private var longText: String? {
    guard random.chance(scenario.longRecords) else { return nil }
    let limit = scenario.submissionSlots / 4 * Int(RM_SLOT_PAYLOAD) - 300
    return String(repeating: "x", count: max(1, random.below(min(Limits.errorBytes, limit))))
  }

  func publishHeartbeats() throws {
    guard let peer = sender(mayBeIngest: true), !workers.isEmpty else { return }
    // Each worker is carried by one of those who may carry it.
    var index = random.below(workers.count)
    let count = 1 + random.below(stepOfFleet)
    for _ in 0..<count {
      index = index + 1 < workers.count ? index + 1 : 0
      guard let handle = workers[index].handle, !workers[index].isSilent else { continue }
      guard let sent = peer.submission?.publishHeartbeat(handle, timestampNs: time.bootNs), sent else { break }
      workers[index].lastBeatNs = time.bootNs
      workers[index].lastBeatLife = life
      workers[index].lastBeatPeer = peer.id
    }
    peer.submission?.flush()
  }

  func publishRegistrations() throws {
    guard let peer = sender(mayBeIngest: true) else { return }
    let count = scenario.fleet > 1000 ? stepOfFleet : 8
    let first = workers.firstIndex { $0.handle == nil } ?? random.below(workers.count)
    for offset in 0..<count {
      let index = (first + offset) % workers.count
      if workers[index].handle != nil, random.chance(80) { continue }
      if random.chance(10) { workers[index].incarnation += 1 }
      var attributes = [WorkerMetadata.Attribute(key: "zone", value: workers[index].zone)]
      if let text = longText {
        for part in 0..<min(31, text.count / 200 + 1) {
          attributes.append(.init(key: "k\(part)", value: String(text.prefix(200))))
        }
      }
      let metadata = WorkerMetadata(capacity: capacity(ofWorker: index), attributes: attributes)
      let event = Event.workerRegistered(
        workers[index].name, address: "10.0.0.1", metadata: metadata, incarnation: "i\(workers[index].incarnation)")
      guard try publish(event, by: peer, wantsResult: scenario.fleet > 1000 ? false : nil) else { return }
      workers[index].isSilent = false
    }
  }

  private func capacity(ofWorker index: Int) -> Resources {
    var capacity = Resources(milliCPU: scenario.workerCPU)
    guard scenario.hasDevices else { return capacity }
    capacity.memoryBytes = Int64(index % 4) << 32
    capacity.devices = index % 3 == 0 ? ["gpu": 4, "nic": 1] : index % 3 == 1 ? ["gpu": 1] : [:]
    return capacity
  }

  func publishSubmissions() throws {
    guard let peer = sender(), let dispatcher else { return }
    let unfinished = dispatcher.read { Int($0.totals.tasks[.pending]) + Int($0.totals.tasks[.assigned]) }
    guard unfinished < scenario.maximumTasks else { return }
    for _ in 0..<(1 + random.below(scenario.jobsPerStep)) {
      var request = JobRequest()
      request.replicas = Int32(1 + random.below(scenario.maximumReplicas))
      if random.chance(scenario.largeJobs) { request.replicas = Int32(scenario.maximumReplicas) }
      request.coscheduled = random.chance(scenario.gangs)
      request.resources.milliCPU = [500, 1000, 1000, 4000][random.below(4)]
      if scenario.maximumReplicas == 1 { request.resources.milliCPU = 1000 }
      if request.replicas > 1000 { request.resources.milliCPU = 1000 }
      request.maxRetriesFailure = Int32(random.below(3))
      if random.chance(30) { request.maxRetriesPreemption = Int32(random.below(4)) }
      if random.chance(5) { request.schedulingTimeoutMs = Int64(random.below(20_000)) }
      if random.chance(5), let parent = random.element(of: jobs) { request.parent = .name(parent) }
      request.reason = longText
      if scenario.hasDevices, random.chance(30) {
        request.resources.memoryBytes = Int64(random.below(8)) << 30
        request.resources.devices = ["gpu": Int64(random.below(3)), "nic": Int64(random.below(2))]
      }
      jobCount += 1
      let name = "j\(jobCount)"
      guard try publish(.jobSubmitted(name, request: request), by: peer) else { return }
      jobs.append(name)
      if jobs.count > 400 { jobs.removeFirst(200) }
    }
  }

  /// Workers say how their tasks go on.
  func publishReports() throws {
    guard let peer = sender(mayBeIngest: true) else { return }
    for _ in 0..<(1 + random.below(16)) {
      guard !running.isEmpty else { return }
      let index = random.below(running.count)
      let task = running[index]
      let state: TaskState
      if task.hasStarted || random.chance(10) {
        state = random.chance(85) ? .succeeded : random.chance(60) ? .failed : .killed
      } else {
        state = random.chance(30) ? .building : .running
      }
      let event = Event.taskStateChanged(
        .handle(task.task), attempt: task.attempt, state: state, error: state == .failed ? longText ?? "no" : nil)
      guard try publish(event, by: peer, wantsResult: random.chance(20)) else { return }
      if state == .building || state == .running {
        running[index].hasStarted = true
      } else {
        running[index] = running[running.count - 1]
        running.removeLast()
      }
    }
  }

  /// What operators and workers do besides.
  func publishOperations() throws {
    guard let peer = order.isEmpty ? nil : random.element(of: order.filter { $0.stage == .attached }) else { return }
    for _ in 0..<(1 + random.below(3)) {
      guard let event = operation() else { continue }
      guard try publish(event, by: peer) else { return }
    }
  }

  private func operation() -> Event? {
    let worker = workers[random.below(workers.count)]
    switch random.below(10) {
    case 0: return random.element(of: jobs).map { .jobCancelled(.name($0), reason: longText ?? "not wanted") }
    case 1: return random.element(of: running).map { .taskPreempted(.handle($0.task), reason: longText) }
    case 2:
      return random.element(of: running).map {
        .endpointRegistered(.handle($0.task), endpoint: "e\(random.below(40))")
      }
    case 3: return .workerHeartbeatFailed(.name(worker.name), error: longText)
    case 4:
      let reported = running.prefix(random.below(200)).filter { $0.worker == worker.handle }
        .map { ReportedTask(task: .handle($0.task), attempt: $0.attempt) }
      return .workerReconciled(.name(worker.name), reported: reported)
    case 5: return .brakeOverridden(zone: worker.zone, reason: longText)
    case 6: return .workerHeartbeat(.name(worker.name))
    case 7: return .prune(nowMs: 0)
    case 8:
      return random.element(of: running).map {
        .taskStateChanged(.handle($0.task), attempt: $0.attempt, state: .running, error: longText)
      }
    default: return .workerHeartbeatFailed(.name(worker.name), error: longText ?? "refused")
    }
  }

  /// Somebody says that workers are lost.
  func publishLosses() throws {
    guard let peer = sender(mayBeIngest: true) else { return }
    let first = random.below(workers.count)
    for offset in 0..<(scenario.fleet > 1000 ? 200 : 1) {
      let worker = workers[(first + offset) % workers.count]
      guard try publish(.workerFailed(.name(worker.name), error: longText ?? "gone"), by: peer, wantsResult: false)
      else { return }
    }
  }

  /// A zone, or the whole fleet, is not heard of any more; or is again.
  func fallSilent() {
    let zone = random.chance(50) ? nil : workers[random.below(workers.count)].zone
    let isSilent = random.chance(70)
    for index in workers.indices where zone == nil || workers[index].zone == zone { workers[index].isSilent = isSilent }
    if isSilent { time.advance(ns: UInt64(random.below(900)) * 1_000_000) }
  }

  func publishQueries() throws {
    guard let peer = random.element(of: order.filter { $0.stage == .attached && $0.queries.count < 50 }) else { return }
    let entities: [QueryEntity] = [.workers, .jobs, .tasks, .counters, .peers, .brakes, .deadLetters]
    if let request = peer.submission?.query(
      entities[random.below(entities.count)], cursor: UInt64(random.below(4)), limit: 1 + random.below(50))
    {
      peer.queries.insert(request)
    }
    if let job = random.element(of: jobs), random.chance(40),
      let request = try peer.submission?.explain(.job(.name(job)))
    {
      peer.queries.insert(request)
    }
    // More than may wait with the dispatcher.
    if random.chance(10) {
      for _ in 0..<80 {
        guard let request = peer.submission?.query(.counters, cursor: 0, limit: 1) else { break }
        peer.queries.insert(request)
      }
    }
    peer.submission?.flush()
  }

  func publishLetterRequests() throws {
    guard let peer = sender(), peer.queries.count < 50, let number = random.element(of: dispatcher?.deadLetters ?? [])
    else { return }
    if random.chance(50) {
      if let id = try peer.submission?.retryDeadLetter(number, reason: "again") {
        peer.awaited[id.position] = SimulatedPeer.Awaited(kind: "RETRY", isJournaled: false)
        peer.retries.insert(id.position)
      }
    } else if let request = try peer.submission?.dropDeadLetter(number, reason: "enough") {
      peer.queries.insert(request)
    }
    peer.submission?.flush()
  }

  func publishGarbage() throws {
    guard let peer = random.element(of: order.filter { $0.stage == .attached && $0.role != .control }) else { return }
    var head = rm_event_head()
    head.kind = UInt8(1 + random.below(18))
    head.slots = 1
    head.subject = random.next()
    head.object = random.next()
    head.extra = Int64(truncatingIfNeeded: random.next())
    if random.chance(20) { head.kind = UInt8(random.below(256)) }
    if random.chance(20) { head.slots = UInt16(truncatingIfNeeded: random.below(600)) }
    if random.chance(30) { head.text_bytes = UInt16(truncatingIfNeeded: random.below(70_000)) }
    // What becomes of it is not foreseen here.
    peer.isHostile = true
    peer.isComplete = false
    if let position = peer.submission?.publish(raw: head) { peer.unsure.insert(position) }
    peer.submission?.flush()
  }
}
