import CRingmaster
import Controller
import EventModel

/// The mirror of `Snapshot+Encoding.swift`.
extension ByteSource {
  typealias Parts = (
    configuration: ControllerConfiguration, ledger: PeerLedger, letters: SavedDeadLetters, state: SavedState
  )

  /// - Parameter version: of the payload, one that is supported.
  mutating func snapshotParts(version: UInt32) throws(Fault) -> Parts {
    let raw = try raw(MemoryLayout<rm_journal_configuration>.size).loadUnaligned(as: rm_journal_configuration.self)
    guard let configuration = ControllerConfiguration(raw) else {
      throw fault("settings within their ranges", "others")
    }
    var ledger = try ledger()
    let state = try state(version: version)
    let letters = try letters()
    if version > 3 { ledger.restore(try sources()) }
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

  private mutating func sources() throws(Fault) -> SourceLedger {
    let uses = try number()
    let lives = try array { source throws(Fault) in
      (key: SourceLedger.Key(uid: try source.unsigned(), name: try source.plainText()), life: try source.life())
    }
    return SourceLedger(lives: Dictionary(lives.map { ($0.key, $0.life) }) { _, last in last }, uses: uses)
  }

  private mutating func life() throws(Fault) -> SourceLedger.Life {
    var life = SourceLedger.Life(incarnation: try number())
    life.lastUse = try number()
    life.said = try array { source throws(Fault) in
      SourceLedger.Said(
        sequence: try source.number(), kind: try source.unsigned(), transaction: try source.number(),
        isAccepted: try source.flag())
    }
    return life
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

  private mutating func state(version: UInt32) throws(Fault) -> SavedState {
    var state = SavedState()
    state.nowMs = try signed()
    state.lastTransactionNumber = try number()
    state.lastInsertionNumber = try number()
    var counts = TextCounts()
    state.brakes = try array { source throws(Fault) in try source.zoneBrake(counts) }
    state.workerGenerations = try numbers()
    state.freeWorkerSlots = try numbers()
    state.workerNames = try array { source throws(Fault) in try source.plainText() }
    counts.names = state.workerNames.count
    try workers(counts, into: &state)
    state.jobGenerations = try numbers()
    state.freeJobSlots = try numbers()
    state.jobs = try array { source throws(Fault) in try source.savedJob(counts) }
    state.errors = try array { source throws(Fault) in try source.plainText() }
    counts.errors = state.errors.count
    state.tasks = try array { source throws(Fault) in try source.savedTask(counts) }
    state.attempts = try array { source throws(Fault) in try source.savedAttempt(counts) }
    try check("tasks", state.tasks.count, saidToBe: state.jobs.reduce(0) { $0 + UInt64($1.taskCount) })
    try check("attempts", state.attempts.count, saidToBe: state.tasks.reduce(0) { $0 + UInt64($1.attemptCount) })
    state.taskGenerations = try numbers()
    state.freeTaskRuns = try array { source throws(Fault) in try source.savedTaskRun(counts) }
    state.endpoints = try array { source throws(Fault) in try source.savedEndpoint(counts) }
    state.drains = try array { source throws(Fault) in try source.savedDrain(counts) }
    if version > 2 {
      state.earlierAssignments = try array { source throws(Fault) in try source.savedAssignment(counts) }
      state.formerTimeoutMs = try optionalSigned()
    }
    return state
  }

  private func check(_ what: String, _ count: Int, saidToBe sum: UInt64) throws(Fault) {
    guard UInt64(count) == sum else { throw fault("\(sum) \(what)", "\(count)") }
  }

  mutating func numbers() throws(Fault) -> [UInt32] {
    try array { source throws(Fault) in try source.unsigned() }
  }

  private mutating func workers(_ counts: TextCounts, into state: inout SavedState) throws(Fault) {
    let count = try count()
    state.workers.reserveCapacity(count)
    state.workerDetails.reserveCapacity(count)
    var shared = SharedAttributes()
    for _ in 0..<count {
      state.workers.append(try savedWorker(counts))
      let address = try plainText()
      let capacity = Resources(milliCPU: try signed(), memoryBytes: try signed(), devices: try deviceCounts(counts))
      state.workerDetails.append(
        WorkerDetail(
          address: address,
          metadata: WorkerMetadata(
            capacity: capacity, confirmsStops: try flag(), attributes: try shared.read(&self)),
          incarnation: try optionalPlainText()))
    }
  }

  mutating func constraints(_ counts: TextCounts) throws(Fault) -> Constraints {
    Constraints(require: try attributeValues(), forbid: try attributeValues())
  }

  private mutating func attributeValues() throws(Fault) -> AttributeValues {
    var values = AttributeValues()
    for _ in 0..<(try count()) {
      let attribute = try plainText()
      for _ in 0..<(try count()) { values.add(try plainText(), of: attribute) }
    }
    return values
  }

  mutating func specification(_ counts: TextCounts) throws(Fault) -> Specification {
    guard try flag() else { return Specification() }
    var fields = Specification.Fields()
    fields.command = try array { source throws(Fault) in try source.plainText() }
    fields.script = try optionalPlainText()
    fields.environment = try array { source throws(Fault) in
      Specification.Variable(name: try source.plainText(), value: try source.plainText())
    }
    fields.workingDirectory = try optionalPlainText()
    fields.user = try optionalPlainText()
    fields.stopTimeoutMs = try optionalSigned()
    fields.stopSignal = try optionalPlainText()
    fields.whenCutOff = try optionalCode("whenCutOff")
    fields.tasksMax = try optionalSigned()
    fields.credentials = try array { source throws(Fault) in try source.plainText() }
    fields.sandbox = try optionalCode("sandbox")
    return Specification(fields)
  }

  mutating func deviceCounts(_ counts: TextCounts) throws(Fault) -> DeviceCounts {
    var devices = DeviceCounts()
    for _ in 0..<(try count()) {
      let name = try plainText()
      devices[name] = try signed()
    }
    return devices
  }

  mutating func jobReference() throws(Fault) -> JobReference? {
    switch try number() {
    case 0: return nil
    case 1: return .handle(JobHandle(rawValue: try number()))
    case 2: return .name(try text())
    case let other: throw fault("how a parent is named", "\(other)")
    }
  }

  /// Counted from 1; 0 for none.
  mutating func textNumber(below count: Int, isNeeded: Bool) throws(Fault) -> UInt32 {
    let number = try number()
    guard number <= UInt64(count), number > 0 || !isNeeded else {
      throw fault("one of \(count) texts", "number \(number)")
    }
    return number == 0 ? SavedState.noText : UInt32(number - 1)
  }

  mutating func code<Code: RawRepresentable<UInt8>>(_ what: String) throws(Fault) -> Code {
    let raw: UInt8 = try unsigned()
    guard let code = Code(rawValue: raw) else { throw fault("a known \(what)", "\(raw)") }
    return code
  }

  /// 0 is none.
  mutating func optionalCode<Code: RawRepresentable<UInt8>>(_ what: String) throws(Fault) -> Code? {
    let raw: UInt8 = try unsigned()
    guard raw != 0 else { return nil }
    guard let code = Code(rawValue: raw) else { throw fault("a known \(what)", "\(raw)") }
    return code
  }
}

/// How many texts the lists have that entities number.
struct TextCounts {
  var names = 0
  var errors = 0
}
