// Made by `swift run ringschema` from Sources/Schema/vocabulary.toml: edit that.
// swift-format-ignore-file
import CRingmaster
import EventModel

/// A request of a peer on its submission ring.
public enum Request {
  case query(entity: UInt8, cursor: UInt64, rows: Int64, about: EntityReference?)
  case subscribe(results: UInt32)
  case retryLetter(letter: UInt64, reason: String)
  case dropLetter(letter: UInt64, reason: String)

  /// Reads one from the copies of its head and of its other payloads.
  public init(_ head: rm_event_head, text: UnsafeRawBufferPointer) throws(CodecError) {
    let fields = try RecordFields(text, bytes: head.text_bytes)
    switch UInt32(head.kind) {
    case RM_KIND_QUERY:
      let entity: UInt8 = UInt8(truncatingIfNeeded: head.subject)
      let cursor: UInt64 = UInt64(truncatingIfNeeded: head.object)
      let rows: Int64 = Int64(truncatingIfNeeded: head.extra)
      let about: EntityReference? = try fields.part(head, ())
      self = .query(entity: entity, cursor: cursor, rows: rows, about: about)
    case RM_KIND_SUBSCRIBE:
      let results: UInt32 = UInt32(truncatingIfNeeded: head.subject)
      self = .subscribe(results: results)
    case RM_KIND_RETRY_LETTER:
      let letter: UInt64 = UInt64(truncatingIfNeeded: head.subject)
      let reason: String = try fields.required(RM_TAG_REASON, "reason", limit: Limits.errorBytes)
      self = .retryLetter(letter: letter, reason: reason)
    case RM_KIND_DROP_LETTER:
      let letter: UInt64 = UInt64(truncatingIfNeeded: head.subject)
      let reason: String = try fields.required(RM_TAG_REASON, "reason", limit: Limits.errorBytes)
      self = .dropLetter(letter: letter, reason: reason)
    default: throw .unknownKind(head.kind)
    }
  }
}

/// A record of a result ring.
enum ResultRecord {
  case transaction(ResultHead)
  case action(ActionRecord)
  case kill(KillRecord)
  case observation(ObservationRecord)
  case overrun(first: UInt64, last: UInt64, settledBefore: UInt64)
  case row(request: UInt64, row: Row)
  case queryDone(request: UInt64, next: UInt64?)
  case heartbeatRefused(worker: WorkerHandle)

  /// Reads one from the copies of its head and of its other payloads.
  init(_ head: rm_result_head, text: UnsafeRawBufferPointer) throws(CodecError) {
    let fields = try RecordFields(text, bytes: head.text_bytes)
    switch UInt32(head.kind) {
    case RM_KIND_TRANSACTION, RM_KIND_UNHANDLED:
      let head = unsafeBitCast(head, to: rm_transaction_head.self)
      let eventKind: UInt8 = UInt8(truncatingIfNeeded: head.event_kind)
      let event: Event.Body? = try fields.part(head, ())
      let isAbridged: Bool = head.abridged != 0
      let id: EventID = try fields.part(head, ())
      let promise: Promise = try known("promise", head.promise)
      let number: UInt64 = UInt64(truncatingIfNeeded: head.number)
      let epoch: UInt64? = try fields.number(RM_TAG_EPOCH, "epoch")
      let repeated: UInt32? = try fields.number(RM_TAG_REPEATED, "repeated")
      let timestampMs: Int64 = Int64(truncatingIfNeeded: head.timestamp_ms)
      let ending: Ending = try fields.part(head, ())
      let missing: Shortage? = try fields.part(head, ())
      let subject: Subject? = try fields.part(head, ())
      let actions: Int = Int(head.action_count)
      let kills: Int = Int(head.kill_count)
      let observers: [String] = try fields.part(head, ())
      let observations: UInt32? = try fields.number(RM_TAG_OBSERVATIONS, "observations")
      let stage: String? = try fields.text(RM_TAG_STAGE, "stage", limit: Limits.nameBytes)
      let error: String? = try fields.text(RM_TAG_ERROR, "error", limit: Limits.errorBytes)
      self = .transaction(ResultHead(eventKind: eventKind, event: event, isAbridged: isAbridged, id: id, promise: promise, number: number, epoch: epoch, repeated: repeated, timestampMs: timestampMs, ending: ending, missing: missing, subject: subject, actions: actions, kills: kills, observers: observers, observations: observations, stage: stage, error: error))
    case RM_KIND_ACTION:
      let transaction: UInt64 = UInt64(truncatingIfNeeded: head.number)
      let index: Int = Int(head.index)
      let kind: ActionKind = try known("action", head.code)
      let subject: Subject = try fields.part(head, ())
      let from: TaskState? = try head.from_state != RM_NO_STATE ? known("from_state", head.from_state) : nil
      let to: TaskState? = try head.to_state != RM_NO_STATE ? known("to_state", head.to_state) : nil
      let attempt: UInt32? = head.attempt != RM_NO_ATTEMPT ? UInt32(truncatingIfNeeded: head.attempt) : nil
      let worker: WorkerIdentity? = try fields.part(head, ())
      let endpoint: String? = try fields.text(RM_TAG_ENDPOINT, "endpoint", limit: Limits.nameBytes)
      let cause: Cause = try fields.part(head, ())
      self = .action(ActionRecord(transaction: transaction, index: index, kind: kind, subject: subject, from: from, to: to, attempt: attempt, worker: worker, endpoint: endpoint, cause: cause))
    case RM_KIND_KILL:
      let transaction: UInt64 = UInt64(truncatingIfNeeded: head.number)
      let index: Int = Int(head.index)
      let task: Subject = try fields.part(head, ())
      let attempt: UInt32 = UInt32(truncatingIfNeeded: head.attempt)
      let worker: WorkerIdentity = try fields.part(head, ())
      self = .kill(KillRecord(transaction: transaction, index: index, task: task, attempt: attempt, worker: worker))
    case RM_KIND_OBSERVATION:
      let transaction: UInt64 = UInt64(truncatingIfNeeded: head.number)
      let index: Int = Int(head.index)
      let observer: String = try fields.text(RM_TAG_OBSERVER, "observer", limit: Limits.nameBytes) ?? ""
      let value: String? = try fields.text(RM_TAG_VALUE, "value", limit: Limits.observationBytes)
      let error: String? = try fields.text(RM_TAG_ERROR, "error", limit: Limits.errorBytes)
      self = .observation(ObservationRecord(transaction: transaction, index: index, observer: observer, value: value, error: error))
    case RM_KIND_OVERRUN:
      let first: UInt64 = UInt64(truncatingIfNeeded: head.subject)
      let last: UInt64 = UInt64(truncatingIfNeeded: head.object)
      let settledBefore: UInt64 = UInt64(truncatingIfNeeded: head.number)
      self = .overrun(first: first, last: last, settledBefore: settledBefore)
    case RM_KIND_ROW:
      let request: UInt64 = UInt64(truncatingIfNeeded: head.number)
      let row: Row = try fields.part(head, ())
      self = .row(request: request, row: row)
    case RM_KIND_QUERY_DONE:
      let request: UInt64 = UInt64(truncatingIfNeeded: head.number)
      let next: UInt64? = head.object != RM_NO_CURSOR ? UInt64(truncatingIfNeeded: head.object) : nil
      self = .queryDone(request: request, next: next)
    case RM_KIND_HEARTBEAT_REFUSED:
      let worker: WorkerHandle = WorkerHandle(rawValue: head.subject)
      self = .heartbeatRefused(worker: worker)
    default: throw .unknownKind(head.kind)
    }
  }
}

/// What an event did. Its actions, its kills and what its observers had to say follow, each a record of its own.
struct ResultHead {
  let eventKind: UInt8
  let event: Event.Body?
  let isAbridged: Bool
  let id: EventID
  let promise: Promise
  let number: UInt64
  let epoch: UInt64?
  let repeated: UInt32?
  let timestampMs: Int64
  let ending: Ending
  let missing: Shortage?
  let subject: Subject?
  let actions: Int
  let kills: Int
  let observers: [String]
  let observations: UInt32?
  let stage: String?
  let error: String?
}

/// One thing that a transaction did.
struct ActionRecord {
  let transaction: UInt64
  let index: Int
  let kind: ActionKind
  let subject: Subject
  let from: TaskState?
  let to: TaskState?
  let attempt: UInt32?
  let worker: WorkerIdentity?
  let endpoint: String?
  let cause: Cause
}

/// A process that a worker has to stop.
struct KillRecord {
  let transaction: UInt64
  let index: Int
  let task: Subject
  let attempt: UInt32
  let worker: WorkerIdentity
}

/// What an observer returned or threw, or the middleware that threw on the event.
struct ObservationRecord {
  let transaction: UInt64
  let index: Int
  let observer: String
  let value: String?
  let error: String?
}

extension rm_event_head {
  /// Asks for rows. ROW records are the answer, and QUERY_DONE ends it; both name the request by its position. The
  /// whole record.
  @inline(__always)
  public static func query(entity: UInt8, cursor: UInt64, rows: Int64, about: EntityReference?) -> rm_event_head {
    var head = rm_event_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_QUERY), 1)
    head.subject = .init(truncatingIfNeeded: entity)
    head.object = .init(truncatingIfNeeded: cursor)
    head.extra = .init(truncatingIfNeeded: rows)
    head.fill(about)
    return head
  }

  /// Asks for the results of other peers' events from now on. QUERY_DONE confirms it. The whole record.
  @inline(__always)
  public static func subscribe(results: UInt32) -> rm_event_head {
    var head = rm_event_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_SUBSCRIBE), 1)
    head.subject = .init(truncatingIfNeeded: results)
    return head
  }

  /// Of a control peer: the event of a dead letter is to be handled once more, in the name of this peer. Its result is
  /// that of an event with the request's id. Its text follows.
  @inline(__always)
  static func retryLetter(letter: UInt64) -> rm_event_head {
    var head = rm_event_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_RETRY_LETTER), 1)
    head.subject = .init(truncatingIfNeeded: letter)
    return head
  }

  /// Of a control peer: a dead letter is to be forgotten. Its row is the answer, and QUERY_DONE ends it. Its text
  /// follows.
  @inline(__always)
  static func dropLetter(letter: UInt64) -> rm_event_head {
    var head = rm_event_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_DROP_LETTER), 1)
    head.subject = .init(truncatingIfNeeded: letter)
    return head
  }
}

extension rm_transaction_head {
  /// What an event did. Its actions, its kills and what its observers had to say follow, each a record of its own. Its
  /// text follows.
  @inline(__always)
  static func transaction(eventKind: UInt8, isAbridged: Bool, id: EventID, promise: Promise, number: UInt64, timestampMs: Int64, ending: Ending, subject: Subject?, actions: Int, kills: Int) -> rm_transaction_head {
    var head = rm_transaction_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_TRANSACTION), 1)
    head.event_kind = .init(truncatingIfNeeded: eventKind)
    head.abridged = isAbridged ? 1 : 0
    head.fill(id)
    head.promise = promise.rawValue
    head.number = .init(truncatingIfNeeded: number)
    head.timestamp_ms = .init(truncatingIfNeeded: timestampMs)
    head.fill(ending)
    head.fill(subject)
    head.action_count = UInt32(clamping: actions)
    head.kill_count = UInt32(clamping: kills)
    return head
  }

  /// Of an event that made no transaction, or a record that could not be read as one; its observations follow. It has
  /// no number: after attaching again it may come once more, with the same id. Its text follows.
  @inline(__always)
  static func unhandled(eventKind: UInt8, isAbridged: Bool, id: EventID, promise: Promise, timestampMs: Int64, ending: Ending) -> rm_transaction_head {
    var head = rm_transaction_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_UNHANDLED), 1)
    head.event_kind = .init(truncatingIfNeeded: eventKind)
    head.abridged = isAbridged ? 1 : 0
    head.fill(id)
    head.promise = promise.rawValue
    head.timestamp_ms = .init(truncatingIfNeeded: timestampMs)
    head.fill(ending)
    return head
  }
}

extension rm_result_head {
  /// One thing that a transaction did. Its text follows.
  @inline(__always)
  static func action(transaction: UInt64, index: Int, kind: ActionKind, subject: Subject, from: TaskState?, to: TaskState?, attempt: UInt32?, worker: WorkerIdentity?, cause: Cause) -> rm_result_head {
    var head = rm_result_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_ACTION), 1)
    head.from_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.to_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.attempt = .init(truncatingIfNeeded: RM_NO_ATTEMPT)
    head.number = .init(truncatingIfNeeded: transaction)
    head.index = UInt32(clamping: index)
    head.code = kind.rawValue
    head.fill(subject)
    if let from { head.from_state = from.rawValue }
    if let to { head.to_state = to.rawValue }
    if let attempt { head.attempt = .init(truncatingIfNeeded: attempt) }
    head.fill(worker)
    head.fill(cause)
    return head
  }

  /// A process that a worker has to stop. Its text follows.
  @inline(__always)
  static func kill(transaction: UInt64, index: Int, task: Subject, attempt: UInt32, worker: WorkerIdentity) -> rm_result_head {
    var head = rm_result_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_KILL), 1)
    head.from_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.to_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.cause = .init(truncatingIfNeeded: -1)
    head.number = .init(truncatingIfNeeded: transaction)
    head.index = UInt32(clamping: index)
    head.fill(task)
    head.attempt = .init(truncatingIfNeeded: attempt)
    head.fill(worker)
    return head
  }

  /// What an observer returned or threw, or the middleware that threw on the event. Its text follows.
  @inline(__always)
  static func observation(transaction: UInt64, index: Int) -> rm_result_head {
    var head = rm_result_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_OBSERVATION), 1)
    head.from_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.to_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.task_index = .init(truncatingIfNeeded: -1)
    head.attempt = .init(truncatingIfNeeded: RM_NO_ATTEMPT)
    head.cause = .init(truncatingIfNeeded: -1)
    head.number = .init(truncatingIfNeeded: transaction)
    head.index = UInt32(clamping: index)
    return head
  }

  /// Results that the ring had no room for. The whole record.
  @inline(__always)
  public static func overrun(first: UInt64, last: UInt64, settledBefore: UInt64) -> rm_result_head {
    var head = rm_result_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_OVERRUN), 1)
    head.from_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.to_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.task_index = .init(truncatingIfNeeded: -1)
    head.attempt = .init(truncatingIfNeeded: RM_NO_ATTEMPT)
    head.cause = .init(truncatingIfNeeded: -1)
    head.subject = .init(truncatingIfNeeded: first)
    head.object = .init(truncatingIfNeeded: last)
    head.number = .init(truncatingIfNeeded: settledBefore)
    return head
  }

  /// One row of a query's answer: see the rows. Its text follows.
  @inline(__always)
  static func row(request: UInt64) -> rm_result_head {
    var head = rm_result_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_ROW), 1)
    head.from_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.to_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.task_index = .init(truncatingIfNeeded: -1)
    head.attempt = .init(truncatingIfNeeded: RM_NO_ATTEMPT)
    head.cause = .init(truncatingIfNeeded: -1)
    head.number = .init(truncatingIfNeeded: request)
    return head
  }

  /// Ends the answer to a request. The whole record.
  @inline(__always)
  public static func queryDone(request: UInt64, next: UInt64?) -> rm_result_head {
    var head = rm_result_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_QUERY_DONE), 1)
    head.from_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.to_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.object = .init(truncatingIfNeeded: RM_NO_CURSOR)
    head.task_index = .init(truncatingIfNeeded: -1)
    head.attempt = .init(truncatingIfNeeded: RM_NO_ATTEMPT)
    head.cause = .init(truncatingIfNeeded: -1)
    head.number = .init(truncatingIfNeeded: request)
    if let next { head.object = .init(truncatingIfNeeded: next) }
    return head
  }

  /// A heartbeat named a worker that is not registered any more: it has to register again. The whole record.
  @inline(__always)
  public static func heartbeatRefused(worker: WorkerHandle) -> rm_result_head {
    var head = rm_result_head()
    (head.kind, head.slots) = (UInt8(RM_KIND_HEARTBEAT_REFUSED), 1)
    head.from_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.to_state = .init(truncatingIfNeeded: RM_NO_STATE)
    head.task_index = .init(truncatingIfNeeded: -1)
    head.attempt = .init(truncatingIfNeeded: RM_NO_ATTEMPT)
    head.cause = .init(truncatingIfNeeded: -1)
    head.subject = worker.rawValue
    return head
  }
}

extension RecordWriter {
  /// Writes a request. Valid until the next record.
  public mutating func encode(_ request: Request) throws(CodecError) -> UnsafeRawBufferPointer {
    switch request {
    case .query(let entity, let cursor, let rows, let about):
      begin(rm_event_head.query(entity: entity, cursor: cursor, rows: rows, about: about))
      append(about)
    case .subscribe(let results):
      begin(rm_event_head.subscribe(results: results))
    case .retryLetter(let letter, let reason):
      begin(rm_event_head.retryLetter(letter: letter))
      append(RM_TAG_REASON, reason)
    case .dropLetter(let letter, let reason):
      begin(rm_event_head.dropLetter(letter: letter))
      append(RM_TAG_REASON, reason)
    }
    return try finish()
  }
}
