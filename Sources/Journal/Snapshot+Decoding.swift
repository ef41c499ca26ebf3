import CRingmaster
import Controller
import EventModel

/// The mirror of `Snapshot+Encoding.swift`.
extension ByteSource {
  typealias Parts = (configuration: ControllerConfiguration, ledger: PeerLedger, state: SavedState)

  mutating func snapshotParts() throws(Fault) -> Parts {
    let raw = try raw(MemoryLayout<rm_journal_configuration>.size).loadUnaligned(as: rm_journal_configuration.self)
    guard let configuration = ControllerConfiguration(raw) else {
      throw fault("settings within their ranges", "others")
    }
    let ledger = try ledger()
    let state = try state()
    guard isAtEnd else { throw fault("the end of the payload", "more bytes") }
    return (configuration, ledger, state)
  }

  private mutating func ledger() throws(Fault) -> PeerLedger {
    let ownEvents = try number()
    let lastPeerID: UInt32 = try unsigned()
    let peers = try array { source throws(Fault) in try source.peer() }
    return PeerLedger(peers: peers, ownEvents: ownEvents, lastPeerID: lastPeerID)
  }

  private mutating func peer() throws(Fault) -> PeerLedger.Peer {
    let peer = JournaledPeer(
      id: try unsigned(), lane: try unsigned(), name: try text(), role: try unsigned(), uid: try unsigned(),
      pid: try signed(), submissionCapacity: try unsigned(), resultCapacity: try unsigned(),
      tokenHash: ChainHash(try raw(Int(RM_JOURNAL_HASH_BYTES))))
    return PeerLedger.Peer(peer: peer, nextPosition: try number(), subscription: try unsigned())
  }

  private mutating func state() throws(Fault) -> SavedState {
    var state = SavedState()
    state.nowMs = try signed()
    state.lastTransactionNumber = try number()
    state.lastInsertionNumber = try number()
    state.brakes = try array { source throws(Fault) in try source.brake() }
    state.workerGenerations = try numbers()
    state.freeWorkerSlots = try numbers()
    state.workers = try array { source throws(Fault) in try source.worker() }
    state.jobGenerations = try numbers()
    state.freeJobSlots = try numbers()
    state.jobs = try array { source throws(Fault) in try source.job() }
    state.taskGenerations = try numbers()
    state.freeTaskRuns = try array { source throws(Fault) in
      SavedTaskRun(firstSlot: try source.unsigned(), slots: try source.unsigned())
    }
    state.endpoints = try array { source throws(Fault) in
      SavedEndpoint(name: try source.text(), taskSlot: try source.unsigned())
    }
    return state
  }

  private mutating func numbers() throws(Fault) -> [UInt32] {
    try array { source throws(Fault) in try source.unsigned() }
  }

  private mutating func brake() throws(Fault) -> ZoneBrake {
    ZoneBrake(
      zone: try text(), engagedMs: try signed(), silentWorkers: try signed(), workers: try signed(),
      expiredWorkers: try signed(), isOverridden: try flag())
  }

  private mutating func worker() throws(Fault) -> SavedWorker {
    let slot: UInt32 = try unsigned()
    let name = try text()
    let address = try text()
    let milliCPU: Int64 = try signed()
    let attributes = try array { source throws(Fault) in
      WorkerMetadata.Attribute(key: try source.text(), value: try source.text())
    }
    return SavedWorker(
      slot: slot, name: name, address: address, metadata: WorkerMetadata(milliCPU: milliCPU, attributes: attributes),
      incarnation: try optionalText(), consecutiveFailures: try signed())
  }

  private mutating func job() throws(Fault) -> SavedJob {
    SavedJob(
      slot: try unsigned(), name: try text(), request: try request(), parentName: try optionalText(),
      children: try numbers(), depth: try signed(), state: try jobState(), error: try optionalText(),
      submittedMs: try signed(), rootSubmittedMs: try signed(), endedMs: try optionalSigned(),
      insertionNumber: try number(), firstTaskSlot: try unsigned(),
      tasks: try array { source throws(Fault) in try source.task() })
  }

  private mutating func request() throws(Fault) -> JobRequest {
    var request = JobRequest()
    request.replicas = try signed()
    request.maxRetriesFailure = try signed()
    request.maxRetriesPreemption = try signed()
    request.maxTaskFailures = try signed()
    request.coscheduled = try flag()
    request.milliCPU = try signed()
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

  private mutating func task() throws(Fault) -> SavedTask {
    SavedTask(
      state: try taskState(), error: try optionalText(), exitCode: try optionalSigned(), failures: try signed(),
      preemptions: try signed(), deliveries: try signed(),
      attempts: try array { source throws(Fault) in try source.attempt() })
  }

  private mutating func attempt() throws(Fault) -> AttemptView {
    let number: UInt32 = try unsigned()
    let state = try taskState()
    let worker = WorkerIdentity(handle: WorkerHandle(rawValue: try self.number()), name: try text())
    return AttemptView(
      number: number, state: state, worker: worker, startedMs: try signed(), endedMs: try optionalSigned(),
      exitCode: try optionalSigned(), error: try optionalText())
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
