import CRingmaster
import EventModel

// Values of a record that several members of its head hold, or that its text holds too.

extension rm_event_head {
  /// What a query is about.
  mutating func fill(_ about: EntityReference?) {
    switch about {
    case nil: break
    case .worker(let worker): (state, value) = (UInt8(RM_ENTITY_WORKER), worker.wireHandle)
    case .job(let job): (state, value) = (UInt8(RM_ENTITY_JOB), job.wireHandle)
    case .task(let task): (state, value) = (UInt8(RM_ENTITY_TASK), task.wireHandle)
    }
  }
}

extension Reference {
  fileprivate var wireHandle: Int64 {
    if case .handle(let handle) = self { Int64(bitPattern: handle.rawValue) } else { 0 }
  }

  fileprivate var wireName: String? {
    if case .name(let name) = self { name } else { nil }
  }
}

extension RecordWriter {
  mutating func append(_ about: EntityReference?) {
    switch about {
    case nil: break
    case .worker(let worker): append(RM_TAG_SUBJECT_NAME, worker.wireName)
    case .job(let job): append(RM_TAG_SUBJECT_NAME, job.wireName)
    case .task(let task): append(RM_TAG_SUBJECT_NAME, task.wireName)
    }
  }
}

/// How far an event came, as the head of its result says.
enum Ending {
  case handled(Outcome)
  case dropped
  case deadLettered(DeadLetterReason)
}

extension rm_transaction_head {
  mutating func fill(_ id: EventID) { (origin_peer, origin_position) = (id.peer, id.position) }

  mutating func fill(_ subject: Subject?) {
    if let subject { (subject_type, self.subject) = (subject.wireType, subject.rawHandle) }
  }

  mutating func fill(_ ending: Ending) {
    switch ending {
    case .handled(.applied): (disposition, outcome) = (UInt8(RM_DISPOSITION_HANDLED), UInt8(RM_OUTCOME_APPLIED))
    case .handled(.ignored): (disposition, outcome) = (UInt8(RM_DISPOSITION_HANDLED), UInt8(RM_OUTCOME_IGNORED))
    case .handled(.rejected(let reason)):
      (disposition, outcome) = (UInt8(RM_DISPOSITION_HANDLED), UInt8(RM_OUTCOME_REJECTED))
      self.reason = reason.rawValue
    case .dropped: disposition = UInt8(RM_DISPOSITION_DROPPED)
    case .deadLettered(let reason): (disposition, self.reason) = (UInt8(RM_DISPOSITION_DEAD_LETTERED), reason.rawValue)
    }
  }
}

extension rm_result_head {
  mutating func fill(_ subject: Subject) {
    subject_type = subject.wireType
    self.subject = subject.rawHandle
    task_index = subject.wireTaskIndex
  }

  mutating func fill(_ worker: WorkerIdentity?) { object = worker?.handle.rawValue ?? 0 }

  mutating func fill(_ cause: Cause) {
    self.cause = if case .action(let index) = cause { index } else { -1 }
  }
}

extension RecordFields {
  func part(_ head: rm_event_head, _: Void) throws(CodecError) -> EntityReference? {
    if head.state == 0 { return nil }
    let name = try field(RM_TAG_SUBJECT_NAME)?.name("name", limit: Limits.taskNameBytes)
    let handle = UInt64(bitPattern: head.value)
    guard handle != 0 || name != nil else {
      throw .malformed(field: "name", expected: "a handle or a name", actual: "neither")
    }
    func reference<Entity>() -> Reference<Entity> {
      if handle == 0, let name { .name(name) } else { .handle(Handle(rawValue: handle)) }
    }
    switch UInt32(head.state) {
    case RM_ENTITY_WORKER: return .worker(reference())
    case RM_ENTITY_JOB: return .job(reference())
    case RM_ENTITY_TASK: return .task(reference())
    default: throw .malformed(field: "entity", expected: "a worker, job or task", actual: "type \(head.state)")
    }
  }

  func part(_ head: rm_transaction_head, _: Void) throws(CodecError) -> EventID {
    EventID(peer: head.origin_peer, position: head.origin_position)
  }

  func part(_ head: rm_transaction_head, _: Void) throws(CodecError) -> Event.Body? { try event() }

  func part(_ head: rm_transaction_head, _: Void) throws(CodecError) -> Shortage? {
    try field(RM_TAG_MISSING)?.shortage()
  }

  func part(_ head: rm_transaction_head, _: Void) throws(CodecError) -> [String] {
    try texts(RM_TAG_OBSERVER, "observer")
  }

  func part(_ head: rm_transaction_head, _: Void) throws(CodecError) -> Subject? {
    guard let name = try field(RM_TAG_SUBJECT_NAME)?.name("name") else { return nil }
    let index: UInt32? = try number(RM_TAG_TASK_INDEX, "task index")
    return Subject(
      type: head.subject_type, handle: head.subject, name: name, taskIndex: index.map { Int32(bitPattern: $0) } ?? -1)
  }

  func part(_ head: rm_transaction_head, _: Void) throws(CodecError) -> Ending {
    switch (UInt32(head.disposition), UInt32(head.outcome)) {
    case (RM_DISPOSITION_DROPPED, _): .dropped
    case (RM_DISPOSITION_DEAD_LETTERED, _): .deadLettered(try known("reason", head.reason))
    case (RM_DISPOSITION_HANDLED, RM_OUTCOME_APPLIED): .handled(.applied)
    case (RM_DISPOSITION_HANDLED, RM_OUTCOME_IGNORED): .handled(.ignored)
    case (RM_DISPOSITION_HANDLED, RM_OUTCOME_REJECTED): .handled(.rejected(try known("reason", head.reason)))
    case (RM_DISPOSITION_HANDLED, let outcome):
      throw .malformed(field: "outcome", expected: "a known one", actual: "\(outcome)")
    case (let disposition, _):
      throw .malformed(field: "disposition", expected: "a known one", actual: "\(disposition)")
    }
  }

  func part<Numbers>(_ head: rm_result_head, _: Numbers) throws(CodecError) -> Subject {
    // What no task can be called may be as long as a task's whole name.
    let name = try text(RM_TAG_SUBJECT_NAME, "name", limit: Limits.taskNameBytes) ?? ""
    guard
      let subject = Subject(type: head.subject_type, handle: head.subject, name: name, taskIndex: head.task_index)
    else { throw .malformed(field: "subject", expected: "a worker, job or task", actual: "type \(head.subject_type)") }
    return subject
  }

  func part<Numbers>(_ head: rm_result_head, _: Numbers) throws(CodecError) -> WorkerIdentity? {
    try text(RM_TAG_WORKER_NAME, "worker").map {
      WorkerIdentity(handle: WorkerHandle(rawValue: head.object), name: $0)
    }
  }

  func part<Numbers>(_ head: rm_result_head, _ numbers: Numbers) throws(CodecError) -> WorkerIdentity {
    let worker: WorkerIdentity? = try part(head, numbers)
    guard let worker else { throw .malformed(field: "worker", expected: "a worker", actual: "none") }
    return worker
  }

  func part(_ head: rm_result_head, _: Void) throws(CodecError) -> Cause {
    head.cause < 0 ? .event : .action(head.cause)
  }

  func part(_ head: rm_result_head, _: Void) throws(CodecError) -> Row { try Row(head, self) }
}
