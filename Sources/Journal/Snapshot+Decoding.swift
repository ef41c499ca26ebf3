import CRingmaster
import Controller
import EventModel

/// The mirror of `Snapshot+Encoding.swift`.
extension ByteSource {
  typealias Parts = (
    configuration: ControllerConfiguration, ledger: PeerLedger, letters: SavedDeadLetters, state: SavedState
  )

  mutating func snapshotParts() throws(Fault) -> Parts {
    let raw = try raw(MemoryLayout<rm_journal_configuration>.size).loadUnaligned(as: rm_journal_configuration.self)
    guard let configuration = ControllerConfiguration(raw) else {
      throw fault("settings within their ranges", "others")
    }
    let ledger = try ledger()
    let state = try state()
    let letters = try letters()
    guard isAtEnd else { throw fault("the end of the payload", "more bytes") }
    return (configuration, ledger, letters, state)
  }

  private mutating func ledger() throws(Fault) -> PeerLedger {
    let epochs = try array { source throws(Fault) in
      PeerLedger.Epoch(number: try source.number(), after: try source.number())
    }
    let ownEvents = try number()
    let lastPeerID: UInt32 = try unsigned()
    let peers = try array { source throws(Fault) in try source.peer() }
    return PeerLedger(peers: peers, ownEvents: ownEvents, lastPeerID: lastPeerID, epochs: epochs)
  }

  private mutating func peer() throws(Fault) -> PeerLedger.Peer {
    let peer = JournaledPeer(
      id: try unsigned(), epoch: try number(), lane: try unsigned(), name: try text(), role: try unsigned(),
      uid: try unsigned(), pid: try signed(), submissionCapacity: try unsigned(), resultCapacity: try unsigned(),
      tokenHash: ChainHash(try raw(Int(RM_JOURNAL_HASH_BYTES))))
    return PeerLedger.Peer(
      peer: peer, nextPosition: try number(),
      lastResult: PeerLedger.LastResult(asOf: try number(), isOfTransaction: try flag()))
  }

  private mutating func state() throws(Fault) -> SavedState {
    var state = SavedState()
    state.nowMs = try signed()
    state.lastTransactionNumber = try number()
    state.lastInsertionNumber = try number()
    state.brakes = try array { source throws(Fault) in try source.brake() }
    state.workerGenerations = try numbers()
    state.freeWorkerSlots = try numbers()
    state.workerNames = try array { source throws(Fault) in try source.plainText() }
    let names = state.workerNames.count
    try workers(names, into: &state)
    state.jobGenerations = try numbers()
    state.freeJobSlots = try numbers()
    state.jobs = try array { source throws(Fault) in try source.job() }
    state.errors = try array { source throws(Fault) in try source.plainText() }
    let errors = state.errors.count
    state.tasks = try array { source throws(Fault) in try source.task(errors) }
    state.attempts = try array { source throws(Fault) in try source.attempt(names, errors) }
    try check("tasks", state.tasks.count, saidToBe: state.jobs.reduce(0) { $0 + UInt64($1.taskCount) })
    try check("attempts", state.attempts.count, saidToBe: state.tasks.reduce(0) { $0 + UInt64($1.attemptCount) })
    state.taskGenerations = try numbers()
    state.freeTaskRuns = try array { source throws(Fault) in
      SavedTaskRun(firstSlot: try source.unsigned(), slots: try source.unsigned())
    }
    state.endpoints = try array { source throws(Fault) in
      SavedEndpoint(name: try source.plainText(), taskSlot: try source.unsigned())
    }
    return state
  }

  private func check(_ what: String, _ count: Int, saidToBe sum: UInt64) throws(Fault) {
    guard UInt64(count) == sum else { throw fault("\(sum) \(what)", "\(count)") }
  }

  private mutating func numbers() throws(Fault) -> [UInt32] {
    try array { source throws(Fault) in try source.unsigned() }
  }

  private mutating func brake() throws(Fault) -> ZoneBrake {
    ZoneBrake(
      zone: try text(), engagedMs: try signed(), silentWorkers: try signed(), workers: try signed(),
      expiredWorkers: try signed(), isOverridden: try flag())
  }

  private mutating func workers(_ names: Int, into state: inout SavedState) throws(Fault) {
    let count = try count()
    state.workers.reserveCapacity(count)
    state.workerDetails.reserveCapacity(count)
    var shared = SharedAttributes()
    for _ in 0..<count {
      let slot: UInt32 = try unsigned()
      let name: UInt32 = try unsigned()
      guard Int(name) < names else { throw fault("one of \(names) names", "number \(name)") }
      let address = try plainText()
      let capacity = try resources()
      let detail = WorkerDetail(
        address: address, metadata: WorkerMetadata(capacity: capacity, attributes: try shared.read(&self)),
        incarnation: try flag() ? try plainText() : nil)
      state.workers.append(SavedWorker(slot: slot, name: name, consecutiveFailures: try signed()))
      state.workerDetails.append(detail)
    }
  }

  private mutating func resources() throws(Fault) -> Resources {
    var resources = Resources(milliCPU: try signed(), memoryBytes: try signed())
    for _ in 0..<(try count()) {
      let name = try plainText()
      resources.devices[name] = try signed()
    }
    return resources
  }

  private mutating func job() throws(Fault) -> SavedJob {
    SavedJob(
      slot: try unsigned(), name: try plainText(), request: try request(), parentName: try optionalText(),
      children: try numbers(), depth: try signed(), state: try jobState(), error: try optionalText(),
      submittedMs: try signed(), rootSubmittedMs: try signed(), endedMs: try optionalSigned(),
      insertionNumber: try number(), firstTaskSlot: try unsigned(), taskCount: try unsigned())
  }

  private mutating func request() throws(Fault) -> JobRequest {
    var request = JobRequest()
    request.replicas = try signed()
    request.maxRetriesFailure = try signed()
    request.maxRetriesPreemption = try signed()
    request.maxTaskFailures = try signed()
    request.coscheduled = try flag()
    request.resources = try resources()
    request.schedulingTimeoutMs = try optionalSigned()
    switch try number() {
    case 0: request.parent = nil
    case 1: request.parent = .handle(JobHandle(rawValue: try number()))
    case 2: request.parent = .name(try text())
    case let other: throw fault("how a parent is named", "\(other)")
    }
    request.owner = try optionalText()
    request.reason = try optionalText()
    return request
  }

  private mutating func task(_ errors: Int) throws(Fault) -> SavedTask {
    SavedTask(
      state: try taskState(), error: try textNumber(below: errors), exitCode: try optionalSigned(),
      failures: try signed(), preemptions: try signed(), deliveries: try signed(), attemptCount: try unsigned())
  }

  private mutating func attempt(_ names: Int, _ errors: Int) throws(Fault) -> SavedAttempt {
    let number: UInt32 = try unsigned()
    let state = try taskState()
    let worker = WorkerHandle(rawValue: try self.number())
    let name = try textNumber(below: names)
    guard name != SavedState.noText else { throw fault("the name of a worker", "none") }
    return SavedAttempt(
      number: number, state: state, worker: worker, workerName: name, startedMs: try signed(),
      endedMs: try optionalSigned(), exitCode: try optionalSigned(), error: try textNumber(below: errors))
  }

  /// Counted from 1; 0 for none.
  private mutating func textNumber(below count: Int) throws(Fault) -> UInt32 {
    let number = try number()
    guard number <= UInt64(count) else { throw fault("one of \(count) texts", "number \(number)") }
    return number == 0 ? SavedState.noText : UInt32(number - 1)
  }

  private mutating func jobState() throws(Fault) -> JobState {
    let raw: UInt8 = try unsigned()
    guard let state = JobState(rawValue: raw) else { throw fault("a job's state", "\(raw)") }
    return state
  }

  private mutating func taskState() throws(Fault) -> TaskState {
    let raw: UInt8 = try unsigned()
    guard let state = TaskState(rawValue: raw) else { throw fault("a task's state", "\(raw)") }
    return state
  }
}
