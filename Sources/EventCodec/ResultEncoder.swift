import CRingmaster
import EventModel

/// Writes a result as a run of records: its head, then one for each action, one for each process to stop, and one for each
/// observation that says more than the name of an observer.
///
/// A run may be longer than the ring has room for, so it is written record by record: whoever publishes keeps the index of
/// the next one and goes on when there is room.
public struct ResultEncoder: ~Copyable {
  private var writer = RecordWriter()
  private var eventWriter = RecordWriter()

  /// Longer events are told abridged, so that a head record fits the smallest result ring.
  static let maximumEventBytes = 8192

  public init() {}

  /// How many records `result` takes.
  public static func recordCount(of result: DispatchResult) -> Int {
    let observations = result.observations.isEmpty ? 0 : ObservationSplit(result.observations).ownRecords
    guard case .handled(let transaction) = result.disposition else { return 1 + observations }
    return 1 + transaction.actionCount + transaction.tasksToKill.count + observations
  }

  /// Writes the record at `index` of the run.
  ///
  /// - Parameters:
  ///   - event: the record of the result's event, where there is one.
  ///   - epoch: of its transaction, where that is not the connection's.
  /// - Returns: whole payloads, valid until the next call.
  public mutating func encode(
    _ result: DispatchResult, as event: EventRecord? = nil, record index: Int, promise: Promise? = nil,
    epoch: UInt64? = nil
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    let promise = promise ?? result.promise
    if let transaction = result.transaction {
      return try encode(result, of: transaction, as: event, record: index, promise: promise, epoch: epoch)
    }
    return index == 0
      ? try encodeUnhandled(result, event, promise, epoch)
      : try encodeObservation(index - 1, of: result, number: 0)
  }

  /// The same of a result that has a transaction, which is taken out of it once and not for each record.
  public mutating func encode(
    _ result: DispatchResult, of transaction: Transaction, as event: EventRecord?, record index: Int, promise: Promise,
    epoch: UInt64? = nil
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    if index == 0 { return try encodeHead(of: transaction, result, event, promise, epoch) }
    let actionIndex = index - 1
    if actionIndex < transaction.actionCount { return try encode(action: actionIndex, of: transaction) }
    let killIndex = actionIndex - transaction.actionCount
    if killIndex < transaction.tasksToKill.count {
      return try encode(transaction.tasksToKill[killIndex], index: killIndex, of: transaction)
    }
    return try encodeObservation(killIndex - transaction.tasksToKill.count, of: result, number: transaction.number)
  }

  private mutating func encodeHead(
    of transaction: Transaction, _ result: DispatchResult, _ event: EventRecord?, _ promise: Promise, _ epoch: UInt64?
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = head(of: result, event, promise)
    head.kind = UInt8(RM_KIND_TRANSACTION)
    head.disposition = UInt8(RM_DISPOSITION_HANDLED)
    head.number = transaction.number
    head.timestamp_ms = transaction.timestampMs
    head.action_count = UInt32(transaction.actionCount)
    head.kill_count = UInt32(transaction.tasksToKill.count)
    (head.outcome, head.reason) = wireOutcome(transaction.outcome)
    if let subject = transaction.subject {
      (head.subject_type, head.subject) = (subject.wireType, subject.rawHandle)
      try begin(head, of: result, event)
      appendName(of: subject)
    } else {
      try begin(head, of: result, event)
    }
    if case .some = transaction.missing { writer.append(transaction.missing) }
    return try finishHead(of: result, epoch)
  }

  @inline(never)
  private mutating func encodeUnhandled(
    _ result: DispatchResult, _ event: EventRecord?, _ promise: Promise, _ epoch: UInt64?
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = head(of: result, event, promise)
    head.kind = UInt8(RM_KIND_UNHANDLED)
    head.timestamp_ms = result.event.timestampMs ?? 0
    var stage: String?
    switch result.disposition {
    case .handled: preconditionFailure("what was handled has a transaction")
    case .dropped(let middleware):
      head.disposition = UInt8(RM_DISPOSITION_DROPPED)
      stage = middleware
    case .deadLettered(let reason):
      head.disposition = UInt8(RM_DISPOSITION_DEAD_LETTERED)
      head.reason = reason.rawValue
    }
    try begin(head, of: result, event)
    writer.append(RM_TAG_STAGE, stage?.cut(toBytes: Limits.nameBytes))
    return try finishHead(of: result, epoch)
  }

  @inline(__always)
  private func head(of result: DispatchResult, _ event: EventRecord?, _ promise: Promise) -> rm_transaction_head {
    var head = rm_transaction_head()
    head.event_kind = event?.head.kind ?? result.event.kind.rawValue
    head.origin_peer = result.id.peer
    head.origin_position = result.id.position
    head.promise = promise.rawValue
    return head
  }

  @inline(__always)
  private mutating func finishHead(
    of result: DispatchResult, _ epoch: UInt64?
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    if let epoch { writer.append(RM_TAG_EPOCH, value: epoch) }
    if !result.observations.isEmpty { appendObservers(result.observations) }
    return try writer.finish()
  }

  @inline(__always)
  private mutating func begin(
    _ head: rm_transaction_head, of result: DispatchResult, _ event: EventRecord?
  ) throws(CodecError) {
    writer.begin(head)
    if let event, event.bytes <= Self.maximumEventBytes {
      writer.append(event)
    } else {
      try appendEncoded(result.event)
    }
  }

  /// Of an event whose record is not at hand, or too long.
  @inline(never)
  private mutating func appendEncoded(_ event: Event) throws(CodecError) {
    if let record = try? eventWriter.record(of: event), record.bytes <= Self.maximumEventBytes {
      writer.append(record)
    } else {
      writer.append(try eventWriter.record(of: event.abridged))
    }
  }

  private mutating func encode(
    action index: Int, of transaction: Transaction
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    transaction.withAction(at: index) { action in
      let subject = action.subject
      let worker = action.worker
      var head = resultHead(RM_KIND_ACTION, subject, attempt: action.attempt, worker: worker)
      head.code = action.kind.rawValue
      head.number = transaction.number
      head.index = UInt32(index)
      head.from_state = action.from?.rawValue ?? UInt8(RM_NO_STATE)
      head.to_state = action.to?.rawValue ?? UInt8(RM_NO_STATE)
      if case .action(let cause) = action.cause { head.cause = cause }
      write(head, subject, worker)
    }
    return try writer.finish()
  }

  private mutating func encode(
    _ kill: TaskToKill, index: Int, of transaction: Transaction
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = resultHead(RM_KIND_KILL, kill.task, attempt: kill.attempt, worker: kill.worker)
    head.number = transaction.number
    head.index = UInt32(index)
    write(head, kill.task, kill.worker)
    return try writer.finish()
  }

  @inline(__always)
  private func resultHead(
    _ kind: UInt32, _ subject: Subject, attempt: UInt32?, worker: WorkerIdentity?
  ) -> rm_result_head {
    var head = rm_result_head()
    head.kind = UInt8(kind)
    head.subject_type = subject.wireType
    head.subject = subject.rawHandle
    head.object = worker?.handle.rawValue ?? 0
    head.task_index = if case .task(_, _, let index) = subject { index } else { -1 }
    head.attempt = attempt ?? RM_NO_ATTEMPT
    head.cause = -1
    head.from_state = UInt8(RM_NO_STATE)
    head.to_state = UInt8(RM_NO_STATE)
    return head
  }

  @inline(__always)
  private mutating func write(_ head: rm_result_head, _ subject: Subject, _ worker: WorkerIdentity?) {
    writer.begin(head)
    writer.append(RM_TAG_SUBJECT_NAME, subject.wireName)
    if let worker { writer.append(RM_TAG_WORKER_NAME, worker.name) }
  }

  private mutating func appendName(of subject: Subject) {
    switch subject {
    case .worker(_, let name), .job(_, let name): writer.append(RM_TAG_SUBJECT_NAME, name)
    case .task(_, let job, let index):
      writer.append(RM_TAG_SUBJECT_NAME, job)
      writer.append(RM_TAG_TASK_INDEX, value: UInt32(bitPattern: index))
    }
  }

  /// Names those that merely succeeded, as far as there is room, and counts the records of the others.
  private mutating func appendObservers(_ observations: [Observation]) {
    let split = ObservationSplit(observations)
    for index in observations.indices where split.isNamed(index) {
      writer.append(RM_TAG_OBSERVER, observations[index].observer.cut(toBytes: Limits.nameBytes))
    }
    if split.ownRecords > 0 { writer.append(RM_TAG_OBSERVATIONS, value: UInt32(split.ownRecords)) }
  }

  /// - Parameter record: of those that observations have.
  private mutating func encodeObservation(
    _ record: Int, of result: DispatchResult, number: UInt64
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    let index = ObservationSplit(result.observations).index(ofRecord: record)
    let observation = result.observations[index]
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_OBSERVATION)
    head.number = number
    head.index = UInt32(index)
    writer.begin(head)
    writer.append(RM_TAG_OBSERVER, observation.observer.cut(toBytes: Limits.nameBytes))
    switch observation.outcome {
    case .succeeded: break
    case .returned(let value): writer.append(RM_TAG_VALUE, value.cut(toBytes: Limits.observationBytes))
    case .threw(let error): writer.append(RM_TAG_ERROR, error.cut(toBytes: Limits.observationBytes))
    }
    return try writer.finish()
  }

  private func wireOutcome(_ outcome: Outcome) -> (UInt8, UInt8) {
    switch outcome {
    case .applied: (0, 0)
    case .ignored: (1, 0)
    case .rejected(let reason): (2, reason.rawValue)
    }
  }

}

extension Event {
  /// The event without what makes it long: the lists it carries.
  var abridged: Event {
    let body: Body =
      switch self.body {
      case .workerRegistered(let full):
        .workerRegistered(
          WorkerRegistration(
            name: full.name, address: full.address, metadata: WorkerMetadata(capacity: full.metadata.capacity),
            incarnation: full.incarnation))
      case .workerReconciled(let worker, _): .workerReconciled(worker, reported: [])
      default: self.body
      }
    return Event(id: id, timestampMs: timestampMs, body: body)
  }
}

extension RecordWriter {
  /// Writes what came of a record that could not even be read as an event.
  public mutating func encodeRefusal(
    of id: EventID, reason: DeadLetterReason, detail: String
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var head = rm_transaction_head()
    head.kind = UInt8(RM_KIND_UNHANDLED)
    head.origin_peer = id.peer
    head.origin_position = id.position
    head.disposition = UInt8(RM_DISPOSITION_DEAD_LETTERED)
    head.reason = reason.rawValue
    begin(head)
    append(RM_TAG_ERROR, detail.cut(toBytes: Limits.errorBytes))
    return try finish()
  }
}
