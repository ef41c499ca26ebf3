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
    writer.beginRun()
    return try add(index, of: result, result.transaction, event, promise ?? result.promise, epoch)
  }

  /// Writes the whole run.
  ///
  /// - Parameters: as of `encode`.
  ///   - records: `recordCount(of:)`.
  ///   - epoch: in which its transaction was made; nil for that of the connection.
  /// - Returns: whole payloads, valid until the next call; nil when they are more than the longest record has.
  public mutating func encodeRun(
    _ result: DispatchResult, as event: EventRecord?, records: Int, promise: Promise, epoch: UInt64? = nil
  ) -> UnsafeRawBufferPointer? {
    writer.beginRun()
    do {
      guard case .handled(let transaction) = result.disposition else {
        return try addUnhandled(result, event, records, promise)
      }
      var run = try encodeHead(of: transaction, result, event, promise, epoch)
      for index in 0..<transaction.actionCount { run = try encode(action: index, of: transaction) }
      for index in 1 + transaction.actionCount..<records {
        run = try add(index, of: result, transaction, event, promise, nil)
      }
      return run
    } catch {
      return nil
    }
  }

  @inline(never)
  private mutating func addUnhandled(
    _ result: DispatchResult, _ event: EventRecord?, _ records: Int, _ promise: Promise
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var run = try encodeUnhandled(result, event, promise, nil)
    for index in 1..<records { run = try encodeObservation(index - 1, of: result, number: 0) }
    return run
  }

  private mutating func add(
    _ index: Int, of result: DispatchResult, _ transaction: Transaction?, _ event: EventRecord?, _ promise: Promise,
    _ epoch: UInt64?
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    guard let transaction else {
      return index == 0
        ? try encodeUnhandled(result, event, promise, epoch)
        : try encodeObservation(index - 1, of: result, number: 0)
    }
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
    let subject = transaction.subject
    let head = rm_transaction_head.transaction(
      eventKind: event?.head.kind ?? result.event.kind.rawValue, isAbridged: false, id: result.id, promise: promise,
      number: transaction.number, timestampMs: transaction.timestampMs, ending: .handled(transaction.outcome),
      subject: subject, actions: transaction.actionCount, kills: transaction.tasksToKill.count)
    try begin(head, of: result, event)
    if let subject { appendName(of: subject) }
    if case .some = transaction.missing { writer.append(transaction.missing) }
    return try finishHead(of: result, epoch)
  }

  @inline(never)
  private mutating func encodeUnhandled(
    _ result: DispatchResult, _ event: EventRecord?, _ promise: Promise, _ epoch: UInt64?
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    var stage: String?
    let ending: Ending
    switch result.disposition {
    case .handled: preconditionFailure("what was handled has a transaction")
    case .dropped(let middleware): (ending, stage) = (.dropped, middleware)
    case .deadLettered(let reason): ending = .deadLettered(reason)
    }
    let head = rm_transaction_head.unhandled(
      eventKind: event?.head.kind ?? result.event.kind.rawValue, isAbridged: false, id: result.id, promise: promise,
      timestampMs: result.event.timestampMs ?? 0, ending: ending)
    try begin(head, of: result, event)
    writer.append(RM_TAG_STAGE, stage?.cut(toBytes: Limits.nameBytes))
    return try finishHead(of: result, epoch)
  }

  @inline(__always)
  private mutating func finishHead(
    of result: DispatchResult, _ epoch: UInt64?
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    if let epoch { writer.append(RM_TAG_EPOCH, value: epoch) }
    if result.isRepeated { writer.append(RM_TAG_REPEATED, value: UInt32(1)) }
    if !result.observations.isEmpty { appendObservers(result.observations) }
    return try writer.finish()
  }

  @inline(__always)
  private mutating func begin(
    _ head: rm_transaction_head, of result: DispatchResult, _ event: EventRecord?
  ) throws(CodecError) {
    writer.beginNext(head)
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
      writer.noteAbridged()
      writer.append(try eventWriter.record(of: event.abridged))
    }
  }

  private mutating func encode(
    action index: Int, of transaction: Transaction
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    transaction.withAction(at: index) { action in
      let subject = action.subject
      let worker = action.worker
      write(
        .action(
          transaction: transaction.number, index: index, kind: action.kind, subject: subject, from: action.from,
          to: action.to, attempt: action.attempt, worker: worker, cause: action.cause), subject, worker)
      if let endpoint = action.endpoint { writer.append(RM_TAG_ENDPOINT, endpoint) }
    }
    return try writer.finish()
  }

  private mutating func encode(
    _ kill: TaskToKill, index: Int, of transaction: Transaction
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    write(
      .kill(
        transaction: transaction.number, index: index, task: kill.task, attempt: kill.attempt, worker: kill.worker),
      kill.task, kill.worker)
    return try writer.finish()
  }

  @inline(__always)
  private mutating func write(_ head: rm_result_head, _ subject: Subject, _ worker: WorkerIdentity?) {
    writer.beginNext(head)
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
    writer.beginNext(rm_result_head.observation(transaction: number, index: index))
    writer.append(RM_TAG_OBSERVER, observation.observer.cut(toBytes: Limits.nameBytes))
    switch observation.outcome {
    case .succeeded: break
    case .returned(let value): writer.append(RM_TAG_VALUE, value.cut(toBytes: Limits.observationBytes))
    case .threw(let error): writer.append(RM_TAG_ERROR, error.cut(toBytes: Limits.observationBytes))
    }
    return try writer.finish()
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
            name: full.name, address: full.address,
            metadata: WorkerMetadata(
              capacity: full.metadata.capacity, confirmsStops: full.metadata.confirmsStops),
            incarnation: full.incarnation))
      case .workerReconciled(let worker, _): .workerReconciled(worker, reported: [])
      case .jobSubmitted(let name, let full): .jobSubmitted(name: name, request: full.abridged)
      default: self.body
      }
    return Event(id: id, timestampMs: timestampMs, body: body, source: source)
  }
}

extension JobRequest {
  fileprivate var abridged: JobRequest {
    var request = self
    request.constraints = Constraints()
    request.specification = Specification()
    return request
  }
}

extension RecordWriter {
  /// Writes what came of a record that could not even be read as an event.
  public mutating func encodeRefusal(
    of id: EventID, reason: DeadLetterReason, detail: String
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    begin(
      rm_transaction_head.unhandled(
        eventKind: 0, isAbridged: false, id: id, promise: .volatile, timestampMs: 0, ending: .deadLettered(reason)))
    append(RM_TAG_ERROR, detail.cut(toBytes: Limits.errorBytes))
    return try finish()
  }
}
