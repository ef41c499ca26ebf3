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

  var longText: String? {
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
      if let disk = disk(ofWorker: index) { attributes.append(.init(key: "disk", value: disk)) }
      if let text = longText {
        for part in 0..<min(30, text.count / 200 + 1) {
          attributes.append(.init(key: "k\(part)", value: String(text.prefix(200))))
        }
      }
      let metadata = WorkerMetadata(
        capacity: capacity(ofWorker: index), confirmsStops: confirmsStops(worker: index), attributes: attributes)
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

  /// Mostly what it had before.
  private func disk(ofWorker index: Int) -> String? {
    let disk = rules.chance(5) ? rules.below(3) : index % 3
    return disk < Self.disks.count ? Self.disks[disk] : nil
  }

  /// Likewise.
  private func confirmsStops(worker index: Int) -> Bool {
    (rules.chance(5) ? rules.below(100) : index * 37 % 100) < scenario.confirmingWorkers
  }

  /// What operators and workers do besides.
  func publishOperations() throws {
    guard
      let peer = order.isEmpty ? nil : random.element(of: order.filter { $0.stage == .attached && $0.role != .worker })
    else { return }
    for _ in 0..<(1 + random.below(3)) {
      guard let event = operation() else { continue }
      guard try publish(event, by: peer) else { return }
    }
    if rules.chance(5) { try publishEndpoints(by: peer) }
    if rules.chance(20), let event = assignment() { _ = try publish(event, by: peer) }
  }

  /// One more than a task may have.
  private func publishEndpoints(by peer: SimulatedPeer) throws {
    guard let task = rules.element(of: running) else { return }
    for number in 0...Limits.endpoints {
      let event = Event.endpointRegistered(.handle(task.task), endpoint: "many-\(number)")
      guard try publish(event, by: peer, wantsResult: false) else { return }
    }
  }

  /// Somebody places a task, without a look at who may have it.
  private func assignment() -> Event? {
    guard let worker = workers[rules.below(workers.count)].handle, let job = rules.element(of: jobs) else { return nil }
    return .taskAssigned(.name("\(job)/task-\(rules.below(3))"), worker: .handle(worker))
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
      let reported =
        running.prefix(random.below(200)).filter { $0.worker == worker.handle }
        + ordered.prefix(rules.below(200)).filter { $0.worker == worker.handle }
      let known = reported.map { ReportedTask(task: .handle($0.task), attempt: $0.attempt) }
      return .workerReconciled(.name(worker.name), reported: known + strangers())
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

  /// What a worker runs that the controller does not want there, or has never heard of.
  private func strangers() -> [ReportedTask] {
    guard rules.chance(20) else { return [] }
    var names = ["ghost/task-0", "ghost", "ghost/task-99999999999"]
    if let job = rules.element(of: jobs) { names += ["\(job)/task-0", "\(job)/task-9999"] }
    return names.map { ReportedTask(task: .name($0), attempt: UInt32(rules.below(2))) }
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
    guard
      let peer = random.element(
        of: order.filter { $0.stage == .attached && $0.queries.count < 50 && $0.role != .worker })
    else { return }
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
    guard
      let peer = random.element(of: order.filter { $0.stage == .attached && $0.role != .control && $0.role != .worker })
    else { return }
    var head = rm_event_head()
    head.kind = UInt8(1 + random.below(18))
    if rules.chance(30), let kind = rules.element(of: EventKind.allCases) { head.kind = kind.rawValue }
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
