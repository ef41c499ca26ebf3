import CRingmaster
import ControllerFuzzer
import Dispatcher
import EventCodec
import EventJSON
import EventModel
import Ingest

/// Inputs to begin with: something of every kind that there is, and what a cluster says in the course of its life.
enum FuzzSeeds {
  /// A fuzzed input is not longer.
  static let inputBytes = 16 << 10

  // MARK: Events

  /// All that can be said by a kind of event, of the cluster of a `DispatcherProbe`.
  static func events(of kind: EventKind) -> [Event] {
    let worker = WorkerReference.name("w1")
    let task = TaskReference.name("j1/task-0")
    let census = ZoneCensus(zone: "z", silentWorkers: 1, workers: 2)
    switch kind {
    case .workerRegistered:
      let metadata = WorkerMetadata(capacity: Resources(milliCPU: 1000), attributes: [.init(key: "zone", value: "z")])
      return [.workerRegistered("w3", address: "a", metadata: metadata, incarnation: "i")]
    case .workerHeartbeat: return [.workerHeartbeat(worker), .workerHeartbeat(.handle(first()))]
    case .workerHeartbeatFailed: return [.workerHeartbeatFailed(worker, error: "e")]
    case .workerFailed:
      return [
        .workerFailed(worker, error: "e"),
        .workerTimedOut(worker, lastHeartbeatMs: 1, timeoutMs: 2, timestampMs: 3),
      ]
    case .workerReconciled:
      let reported = [ReportedTask(task: task, attempt: 0), ReportedTask(task: .handle(first()), attempt: 1)]
      return [.workerReconciled(worker, reported: reported)]
    case .jobSubmitted:
      var request = JobRequest()
      (request.replicas, request.coscheduled, request.schedulingTimeoutMs) = (2, true, 5)
      (request.parent, request.owner, request.reason) = (.name("j1"), "o", "r")
      (request.priority, request.ifExists) = (1, .keep)
      request.constraints = Constraints(require: ["zone": ["a", "b"]], forbid: ["disk": ["slow"]])
      request.specification.command = ["true", "-v"]
      request.specification.environment = [.init(name: "A", value: "b")]
      request.specification.whenCutOff = .stop
      return [.jobSubmitted("j2", request: request)]
    case .jobCancelled: return [.jobCancelled(.name("j1"), reason: "r"), .jobCancelled(.name("none"), reason: "r")]
    case .taskAssigned: return [.taskAssigned(task, worker: worker)]
    case .taskStateChanged:
      return TaskState.allCases.map { .taskStateChanged(task, attempt: 0, state: $0, error: "e", exitCode: 1) }
    case .taskPreempted: return [.taskPreempted(task, reason: "r")]
    case .endpointRegistered: return [.endpointRegistered(task, endpoint: "e")]
    case .tick: return [.tick(nowMs: 1)]
    case .prune: return [.prune(nowMs: 1)]
    case .schedulingDeadlinePassed: return [.schedulingDeadlinePassed(task, timestampMs: 1)]
    case .controllerStalled: return [.controllerStalled(stalledMs: 1, timestampMs: 1)]
    case .brakeEngaged: return [.brakeEngaged(census, timestampMs: 1)]
    case .brakeReleased: return [.brakeReleased(census, timestampMs: 1)]
    case .brakeOverridden: return [.brakeOverridden(zone: "z", reason: "r")]
    case .workerDrain: return [.workerDrain(worker, reason: "r", graceMs: 1)]
    case .workerResumed: return [.workerResumed(worker, reason: "r")]
    case .workerDrainPassed: return [.workerDrainPassed(worker, timestampMs: 1)]
    case .taskStopped: return [.taskStopped(task, attempt: 0, error: "e", exitCode: 1, endReason: .signal)]
    case .taskTimedOut: return [.taskTimedOut(task, attempt: 0, timestampMs: 1)]
    case .assignmentTimedOut: return [.assignmentTimedOut(task, attempt: 0, timestampMs: 1)]
    case .clockCorrected: return [.clockCorrected(aheadMs: 1, timestampMs: 1)]
    }
  }

  /// Of the entity that is first in its table.
  private static func first<Entity>() -> Handle<Entity> { Handle(index: 0, generation: 1) }

  /// Runs of simulated clusters.
  private static func stories() -> [[ScriptStep]] {
    let fuzzer = Fuzzer { LenientJudge() }
    return FuzzProfile.allCases.map { fuzzer.run(seed: 7, profile: $0, steps: 50).steps }
  }

  // MARK: Inputs

  static func records() throws -> [[UInt8]] {
    let all = try EventKind.allCases.flatMap(events).flatMap { event in
      try [true, false].map { try record(event, wantsResult: $0) }
    }
    // What comes of a story is asked for at its end, and so behind a silence.
    let stories = try stories().map { steps in
      try steps.compactMap { step in if case .event(let event) = step { try record(event) } else { nil } } + queries()
    }
    let several =
      Role.allCases.map { Circumstances($0) }
      + Circumstances.Circumstance.allCases.map { Circumstances(.control, [$0]) }
    return all.map { [Circumstances(.control).byte] + $0 }
      + ([all] + stories).flatMap { records in several.map { [$0.byte] + joined(records) } }
  }

  private static func record(_ event: Event, wantsResult: Bool = true) throws -> [UInt8] {
    var writer = RecordWriter()
    return [UInt8](try writer.encode(event, wantsResult: wantsResult))
  }

  /// As many as an input holds.
  private static func joined(_ records: [[UInt8]]) -> [UInt8] {
    var whole: [UInt8] = []
    for record in records where whole.count + record.count < inputBytes { whole += record }
    return whole
  }

  static func requests() throws -> [[UInt8]] {
    // Also those that there are not: such a request ends the peer.
    let kinds = (UInt8(RM_KIND_QUERY)...UInt8.max).map { kind in
      var head = rm_event_head()
      (head.kind, head.subject, head.extra) = (kind, 1, 100)
      return head
    }
    let queries = try queries()
    return try (kinds.flatMap(request) + queries).map { [Circumstances(.control).byte] + $0 }
      + Circumstances.Circumstance.allCases.map { [Circumstances(.control, [$0]).byte] + joined(queries) }
  }

  private static func queries() throws -> [[UInt8]] {
    var heads: [rm_event_head] = []
    for entity in QueryEntity.allCases {
      // Of what entity it is asked, by its name or its handle.
      for type in RM_ENTITY_NONE...RM_ENTITY_TASK {
        var head = rm_event_head()
        (head.kind, head.state) = (UInt8(RM_KIND_QUERY), UInt8(type))
        (head.subject, head.extra) = (UInt64(entity.rawValue), 100)
        heads.append(head)
        head.value = Int64(bitPattern: WorkerHandle(index: 0, generation: 1).rawValue)
        heads.append(head)
      }
    }
    return try heads.flatMap(request)
  }

  /// With each name that it may be about.
  private static func request(_ head: rm_event_head) throws -> [[UInt8]] {
    try names(of: UInt32(head.state)).map { name in
      var writer = RecordWriter()
      writer.begin(head)
      writer.append(RM_TAG_SUBJECT_NAME, name)
      writer.append(RM_TAG_REASON, "r")
      return [UInt8](try writer.finish())
    }
  }

  private static func names(of entity: UInt32) -> [String] {
    switch entity {
    case RM_ENTITY_JOB: ["j1", "big"]
    case RM_ENTITY_TASK: ["j1/task-0", "big/task-0"]
    default: ["w1"]
    }
  }

  static func handshakes() -> [[UInt8]] {
    var messages: [rm_attach_request] = []
    for role in Role.allCases {
      for resultCapacity in [0, RM_RESULT_MIN_CAPACITY] {
        var request = rm_attach_request()
        (request.magic, request.abi_version, request.type) = (RM_CONTROL_MAGIC, RM_ABI_VERSION, RM_CONTROL_ATTACH)
        (request.role, request.submission_capacity) = (role.rawValue, RM_RING_MIN_CAPACITY)
        request.result_capacity = resultCapacity
        request.subscription = resultCapacity == 0 ? 0 : RM_SUBSCRIBE_TRANSACTIONS | RM_SUBSCRIBE_ASSIGNMENTS
        messages.append(request)
      }
    }
    // The second peer of all, which has a token of zeros, and comes back after the dispatcher was killed.
    return messages.map(bytes)
      + messages.flatMap { message in
        [0, 1, UInt64.max].map { transaction in
          var again = message
          (again.resumed_peer, again.last_transaction, again.epoch) = (2, transaction, 1)
          return bytes(message) + bytes(rm_attach_request()) + bytes(again)
        }
      }
  }

  private static func bytes(_ message: rm_attach_request) -> [UInt8] { withUnsafeBytes(of: message) { [UInt8]($0) } }

  static func datagrams() -> [[UInt8]] {
    let registration = Datagram.Registration(
      request: 1, name: "w3", address: "10.0.0.1:1", incarnation: "i",
      capacity: Resources(milliCPU: 4000, memoryBytes: 1 << 30, devices: ["gpu": 2]),
      attributes: [.init(key: "zone", value: "z")])
    let worker = WorkerHandle(index: 0, generation: 1)
    return [
      Datagram.register(registration).encoded,
      Datagram.registered(Datagram.Acknowledgement(request: 1, worker: worker)).encoded,
      Datagram.registered(Datagram.Acknowledgement(request: 1, refused: .malformed)).encoded,
      Datagram.bytes { Datagram.encodeHeartbeats([worker, worker], into: $0) },
      Datagram.bytes { Datagram.encodeUnknown([worker], into: $0) },
    ]
  }

  static func lines() -> [[UInt8]] {
    let events = EventKind.allCases.flatMap(events)
    let scripts: [ScriptStep] =
      [
        .configured(Dictionary(uniqueKeysWithValues: ControllerSetting.allCases.map { ($0, $0.range.lowerBound) })),
        .tick(nowMs: 1), .sweep(asOfMs: 1), .restart(atMs: 1), .place,
      ]
    let told = events.map { $0.stamped(id: EventID(peer: 0, position: 0), timestampMs: 1) }
    let lines = (events.map(\.json) + told.map(\.json) + scripts.map(\.json)).map(line)
    return lines + [joined(lines)] + stories().map { joined($0.map { line($0.json) }) }
  }

  private static func line(_ value: JSONValue) -> [UInt8] { [UInt8]((value.text + "\n").utf8) }
}

/// The first byte of an input of records: who sends them, and what happens meanwhile.
struct Circumstances {
  enum Circumstance: UInt8, CaseIterable {
    /// The dispatcher is killed before it has read any, and the peers come back for the second half.
    case death = 4
    /// Nothing comes for a while after the first half.
    case silence = 8
    /// The peers read their results at the end only.
    case slowReaders = 16
    /// The last dispatcher begins with a snapshot.
    case snapshot = 32
  }

  let byte: UInt8

  init(_ byte: UInt8) { self.byte = byte }

  init(_ role: Role, _ circumstances: [Circumstance] = []) {
    byte = circumstances.reduce(UInt8(role.rawValue)) { $0 | $1.rawValue }
  }

  var role: Role { Role(rawValue: UInt32(byte & 3)) ?? .control }

  func has(_ circumstance: Circumstance) -> Bool { byte & circumstance.rawValue != 0 }
}

extension Datagram {
  static func bytes(_ encode: (UnsafeMutableRawBufferPointer) -> Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: maxBytes) { buffer, count in
      count = encode(UnsafeMutableRawBufferPointer(buffer))
    }
  }

  var encoded: [UInt8] {
    Self.bytes { buffer in
      switch self {
      case .heartbeats(let workers): Self.encodeHeartbeats(workers, into: buffer)
      case .unknown(let workers): Self.encodeUnknown(workers, into: buffer)
      case .register(let registration): Self.encode(registration, into: buffer)
      case .registered(let answer): Self.encode(answer, into: buffer)
      }
    }
  }
}
