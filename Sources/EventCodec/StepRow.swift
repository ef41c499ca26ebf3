import CRingmaster
import EventModel

/// One step of an explanation: an action, or the external event that it leads back to.
public struct StepRow: Sendable, Hashable {
  public enum Content: Sendable, Hashable {
    /// The event of its transaction and what it was about. One that is too long comes without the lists it carries.
    case event(Event, subject: Subject?)
    case action(Action)
  }

  /// The number of the transaction that it belongs to.
  public let transaction: UInt64
  public let timestampMs: Int64
  public let content: Content
  /// The position among the steps of what led to this one; nil for an event, which came from outside.
  public let cause: Int?

  public init(transaction: UInt64, timestampMs: Int64, content: Content, cause: Int?) {
    self.transaction = transaction
    self.timestampMs = timestampMs
    self.content = content
    self.cause = cause
  }
}

extension RecordWriter {
  mutating func encode(_ row: StepRow, _ head: inout rm_result_head) throws(CodecError) {
    head.code = QueryEntity.steps.rawValue
    head.cause = row.cause.map { Int32(clamping: $0) } ?? -1
    var numbers = rm_step_numbers()
    numbers.transaction = row.transaction
    numbers.timestamp_ms = row.timestampMs
    switch row.content {
    case .event(let event, let subject):
      name(subject, in: &head)
      numbers.origin_peer = event.id.peer
      numbers.origin_position = event.id.position
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_SUBJECT_NAME, subject?.wireName)
      try append(event: event)
    case .action(let action):
      numbers.action = action.kind.rawValue
      if case .action(let index) = action.cause { numbers.cause_in_transaction = index + 1 }
      name(action.subject, in: &head)
      head.object = action.worker?.handle.rawValue ?? 0
      head.from_state = action.from?.rawValue ?? UInt8(RM_NO_STATE)
      head.to_state = action.to?.rawValue ?? UInt8(RM_NO_STATE)
      head.attempt = action.attempt ?? RM_NO_ATTEMPT
      begin(head)
      append(RM_TAG_ROW_NUMBERS, value: numbers)
      append(RM_TAG_SUBJECT_NAME, action.subject.wireName)
      append(RM_TAG_WORKER_NAME, action.worker?.name)
    }
  }

  private func name(_ subject: Subject?, in head: inout rm_result_head) {
    guard let subject else { return }
    head.subject_type = subject.wireType
    head.subject = subject.rawHandle
    head.task_index = subject.wireTaskIndex
  }
}

extension StepRow {
  init(_ head: rm_result_head, _ fields: RowFields) throws(CodecError) {
    let numbers = try fields.numbers(as: rm_step_numbers.self)
    self.init(
      transaction: numbers.transaction, timestampMs: numbers.timestamp_ms,
      content: try Self.content(numbers, head, fields), cause: head.cause < 0 ? nil : Int(head.cause))
  }

  private static func content(
    _ numbers: rm_step_numbers, _ head: rm_result_head, _ fields: RowFields
  ) throws(CodecError) -> Content {
    guard numbers.action != 0 else {
      guard let bytes = fields.event else { throw .malformed(field: "event", expected: "an event", actual: "none") }
      let id = EventID(peer: numbers.origin_peer, position: numbers.origin_position)
      let event = Event(id: id, timestampMs: numbers.timestamp_ms, body: try NestedEvent.decode(bytes))
      return .event(event, subject: UInt32(head.subject_type) == RM_ENTITY_NONE ? nil : try Subject(head, fields))
    }
    guard let kind = ActionKind(rawValue: numbers.action) else {
      throw .malformed(field: "action", expected: "a known kind", actual: "\(numbers.action)")
    }
    let cause = numbers.cause_in_transaction
    guard cause >= 0 else { throw .malformed(field: "cause", expected: "0 or more", actual: "\(cause)") }
    return .action(
      Action(
        kind, try Subject(head, fields), from: try TaskState(wire: head.from_state),
        to: try TaskState(wire: head.to_state),
        attempt: head.attempt == RM_NO_ATTEMPT ? nil : head.attempt, worker: fields.worker(head),
        cause: cause == 0 ? .event : .action(cause - 1)))
  }
}

extension TaskState {
  /// nil for RM_NO_STATE.
  fileprivate init?(wire: UInt8) throws(CodecError) {
    if UInt32(wire) == RM_NO_STATE { return nil }
    guard let state = TaskState(rawValue: wire) else {
      throw .malformed(field: "state", expected: "a task state", actual: "\(wire)")
    }
    self = state
  }
}
