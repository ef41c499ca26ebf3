import CRingmaster
import EventModel

/// What a client finds on its result ring.
public enum ResultMessage: Sendable {
  case result(DispatchResult)
  /// A record of this peer's could not be read as an event.
  case refused(EventID, reason: DeadLetterReason, detail: String)
  /// Results `from...to`, by transaction number, that the ring had no room for and nobody will send again. Of this peer's own
  /// events before a position, results that have not come will not come.
  case overrun(from: UInt64, to: UInt64, settledBefore: UInt64)
  case row(request: UInt64, Row)
  /// The answer to a request is complete; `next` is the cursor of the page after it, nil at the end.
  case queryDone(request: UInt64, next: UInt64?)
  /// A heartbeat named a worker that is not registered (any more): it has to register again.
  case heartbeatRefused(WorkerHandle)
}

/// Puts the records of a result ring together again.
public struct ResultAssembler {
  fileprivate struct Unfinished {
    let head: rm_transaction_head
    let event: Event
    let ending: Ending
    let promise: Promise
    let subject: Subject?
    let missing: Shortage?
    var observations: [Observation]
    let epoch: UInt64
    /// The middleware that dropped the event.
    let stage: String
    var actions: [Action] = []
    var kills: [TaskToKill] = []
    /// Records of observations that are still to come.
    var observationsLeft: UInt32

    var isComplete: Bool {
      actions.count == Int(head.action_count) && kills.count == Int(head.kill_count) && observationsLeft == 0
    }
  }

  /// A disposition whose parts may be in records still to come.
  fileprivate enum Ending {
    case handled(Outcome)
    case dropped
    case deadLettered(DeadLetterReason)
  }

  private var unfinished: Unfinished?

  /// Of results that name no other one.
  private let epoch: UInt64

  /// - Parameter epoch: of the connection that the records come on.
  public init(epoch: UInt64) {
    self.epoch = epoch
  }

  /// Takes one record, copied out of the ring.
  ///
  /// - Returns: a message when the record completes one.
  public mutating func accept(
    _ payload: rm_payload, text: UnsafeRawBufferPointer
  ) throws(CodecError) -> ResultMessage? {
    let head = unsafeBitCast(payload, to: rm_result_head.self)
    guard Int(head.text_bytes) <= text.count else {
      throw .malformed(field: "text_bytes", expected: "at most \(text.count)", actual: "\(head.text_bytes)")
    }
    let text = UnsafeRawBufferPointer(rebasing: text[..<Int(head.text_bytes)])
    switch UInt32(head.kind) {
    case RM_KIND_TRANSACTION, RM_KIND_UNHANDLED:
      let head = unsafeBitCast(payload, to: rm_transaction_head.self)
      if UInt32(head.kind) == RM_KIND_UNHANDLED, let refusal = try refusal(head, text) { return refusal }
      unfinished = try begin(head, text)
      return finishIfComplete()
    case RM_KIND_ACTION:
      let action = try action(head, text)
      guard unfinished?.head.number == head.number else { return nil }
      unfinished?.actions.append(action)
      return finishIfComplete()
    case RM_KIND_KILL:
      let kill = try kill(head, text)
      guard unfinished?.head.number == head.number else { return nil }
      unfinished?.kills.append(kill)
      return finishIfComplete()
    case RM_KIND_OBSERVATION:
      let observation = try observation(text)
      guard let whole = unfinished, whole.head.number == head.number, whole.observationsLeft > 0 else { return nil }
      guard head.index <= whole.observations.count else {
        throw .malformed(
          field: "observation", expected: "index \(whole.observations.count) or less", actual: "\(head.index)")
      }
      unfinished?.observations.insert(observation, at: Int(head.index))
      unfinished?.observationsLeft -= 1
      return finishIfComplete()
    case RM_KIND_OVERRUN:
      unfinished = nil
      return .overrun(from: head.subject, to: head.object, settledBefore: head.number)
    case RM_KIND_ROW: return .row(request: head.number, try Row(head, text))
    case RM_KIND_QUERY_DONE: return .queryDone(request: head.number, next: head.object == .max ? nil : head.object)
    case RM_KIND_HEARTBEAT_REFUSED: return .heartbeatRefused(WorkerHandle(rawValue: head.subject))
    default: throw .unknownKind(head.kind)
    }
  }

  private mutating func finishIfComplete() -> ResultMessage? {
    guard let whole = unfinished, whole.isComplete else { return nil }
    unfinished = nil
    return .result(whole.result)
  }

  private func begin(_ head: rm_transaction_head, _ text: UnsafeRawBufferPointer) throws(CodecError) -> Unfinished {
    var reader = FieldReader(text)
    var body: Event.Body?
    var name: String?
    var taskIndex: Int32 = -1
    var observations: [Observation] = []
    var stage = ""
    var epoch = epoch
    var missing: Shortage?
    var observationsLeft: UInt32 = 0
    while let field = try reader.next() {
      switch field.tag {
      case RM_TAG_EVENT: body = try NestedEvent.decode(field.bytes)
      case RM_TAG_SUBJECT_NAME: name = try field.name("name")
      case RM_TAG_TASK_INDEX: taskIndex = Int32(bitPattern: try field.value("task index", as: UInt32.self))
      case RM_TAG_EPOCH: epoch = try field.value("epoch", as: UInt64.self)
      case RM_TAG_MISSING: missing = try field.shortage()
      case RM_TAG_STAGE: stage = try field.text("stage", limit: Limits.nameBytes)
      case RM_TAG_OBSERVER:
        let observer = try field.text("observer", limit: Limits.nameBytes)
        observations.append(Observation(observer: observer, outcome: .succeeded))
      case RM_TAG_OBSERVATIONS: observationsLeft = try field.value("observations", as: UInt32.self)
      default: break
      }
    }
    guard let body else { throw .malformed(field: "event", expected: "an event", actual: "none") }
    let id = EventID(peer: head.origin_peer, position: head.origin_position)
    let event = Event(id: id, timestampMs: head.timestamp_ms, body: body)
    let subject = name.flatMap {
      Subject(type: head.subject_type, handle: head.subject, name: $0, taskIndex: taskIndex)
    }
    return Unfinished(
      head: head, event: event, ending: try ending(head), promise: try known("promise", head.promise), subject: subject,
      missing: missing, observations: observations, epoch: epoch, stage: stage, observationsLeft: observationsLeft)
  }

  private func observation(_ text: UnsafeRawBufferPointer) throws(CodecError) -> Observation {
    var reader = FieldReader(text)
    var observer = ""
    var outcome = Observation.Outcome.succeeded
    while let field = try reader.next() {
      switch field.tag {
      case RM_TAG_OBSERVER: observer = try field.text("observer", limit: Limits.nameBytes)
      case RM_TAG_VALUE: outcome = .returned(value: try field.text("value", limit: Limits.observationBytes))
      case RM_TAG_ERROR: outcome = .threw(error: try field.text("error", limit: Limits.observationBytes))
      default: break
      }
    }
    return Observation(observer: observer, outcome: outcome)
  }

  private func ending(_ head: rm_transaction_head) throws(CodecError) -> Ending {
    switch (UInt32(head.disposition), head.outcome) {
    case (RM_DISPOSITION_DROPPED, _): .dropped
    case (RM_DISPOSITION_DEAD_LETTERED, _): .deadLettered(try known("reason", head.reason))
    case (RM_DISPOSITION_HANDLED, 0): .handled(.applied)
    case (RM_DISPOSITION_HANDLED, 1): .handled(.ignored)
    case (RM_DISPOSITION_HANDLED, 2): .handled(.rejected(try known("reason", head.reason)))
    case (RM_DISPOSITION_HANDLED, let outcome):
      throw .malformed(field: "outcome", expected: "a known one", actual: "\(outcome)")
    case (let disposition, _):
      throw .malformed(field: "disposition", expected: "a known one", actual: "\(disposition)")
    }
  }

  /// Records that were no events come back without one.
  private func refusal(_ head: rm_transaction_head, _ text: UnsafeRawBufferPointer) throws(CodecError) -> ResultMessage?
  {
    var reader = FieldReader(text)
    var detail = ""
    while let field = try reader.next() {
      if field.tag == RM_TAG_EVENT { return nil }
      if field.tag == RM_TAG_ERROR { detail = try field.text("error", limit: Limits.errorBytes) }
    }
    let id = EventID(peer: head.origin_peer, position: head.origin_position)
    return .refused(id, reason: try known("reason", head.reason), detail: detail)
  }

  private func action(_ head: rm_result_head, _ text: UnsafeRawBufferPointer) throws(CodecError) -> Action {
    let kind: ActionKind = try known("action", head.code)
    let names = try names(text)
    guard
      let subject = Subject(
        type: head.subject_type, handle: head.subject, name: names.subject, taskIndex: head.task_index)
    else {
      throw .malformed(field: "subject", expected: "a worker, job or task", actual: "type \(head.subject_type)")
    }
    return Action(
      kind, subject, from: try knownState("from_state", head.from_state), to: try knownState("to_state", head.to_state),
      attempt: head.attempt == RM_NO_ATTEMPT ? nil : head.attempt, worker: worker(head, names.worker),
      endpoint: names.worker == nil ? names.endpoint : nil, cause: head.cause < 0 ? .event : .action(head.cause))
  }

  private func kill(_ head: rm_result_head, _ text: UnsafeRawBufferPointer) throws(CodecError) -> TaskToKill {
    let names = try names(text)
    guard
      let subject = Subject(
        type: head.subject_type, handle: head.subject, name: names.subject, taskIndex: head.task_index),
      let worker = worker(head, names.worker)
    else { throw .malformed(field: "kill", expected: "a task and its worker", actual: "less") }
    return TaskToKill(task: subject, attempt: head.attempt, worker: worker)
  }

  private func names(
    _ text: UnsafeRawBufferPointer
  ) throws(CodecError) -> (subject: String, worker: String?, endpoint: String?) {
    var reader = FieldReader(text)
    var subject = ""
    var worker: String?
    var endpoint: String?
    while let field = try reader.next() {
      if field.tag == RM_TAG_SUBJECT_NAME { subject = try field.text("name", limit: Limits.taskNameBytes) }
      if field.tag == RM_TAG_WORKER_NAME { worker = try field.text("worker", limit: Limits.nameBytes) }
      if field.tag == RM_TAG_ENDPOINT { endpoint = try field.text("endpoint", limit: Limits.nameBytes) }
    }
    return (subject, worker, endpoint)
  }

  private func worker(_ head: rm_result_head, _ name: String?) -> WorkerIdentity? {
    name.map { WorkerIdentity(handle: WorkerHandle(rawValue: head.object), name: $0) }
  }
}

extension ResultAssembler.Unfinished {
  fileprivate var result: DispatchResult {
    let disposition: DispatchResult.Disposition
    switch ending {
    case .dropped: disposition = .dropped(by: stage)
    case .deadLettered(let reason): disposition = .deadLettered(reason)
    case .handled(let outcome):
      disposition = .handled(
        Transaction(
          number: head.number, timestampMs: head.timestamp_ms, event: event, outcome: outcome, missing: missing,
          subject: subject, actions: actions, tasksToKill: kills))
    }
    return DispatchResult(
      event: event, disposition: disposition, observations: observations, promise: promise, epoch: epoch)
  }
}
