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
    let head: ResultHead
    let body: Event.Body
    var observations: [Observation]
    var actions: [Action] = []
    var kills: [TaskToKill] = []
    /// Records of observations that are still to come.
    var observationsLeft: UInt32

    init(_ head: ResultHead, _ body: Event.Body) {
      (self.head, self.body) = (head, body)
      observations = head.observers.map { Observation(observer: $0, outcome: .succeeded) }
      observationsLeft = head.observations ?? 0
    }

    var isComplete: Bool { actions.count == head.actions && kills.count == head.kills && observationsLeft == 0 }
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
    switch try ResultRecord(unsafeBitCast(payload, to: rm_result_head.self), text: text) {
    case .transaction(let head):
      guard let body = head.event else {
        guard case .deadLettered(let reason) = head.ending else {
          throw .malformed(field: "event", expected: "an event", actual: "none")
        }
        return .refused(head.id, reason: reason, detail: head.error ?? "")
      }
      unfinished = Unfinished(head, body)
    case .action(let record):
      guard unfinished?.head.number == record.transaction else { return nil }
      unfinished?.actions.append(
        Action(
          record.kind, record.subject, from: record.from, to: record.to, attempt: record.attempt,
          worker: record.worker, endpoint: record.worker == nil ? record.endpoint : nil, cause: record.cause))
    case .kill(let record):
      guard unfinished?.head.number == record.transaction else { return nil }
      unfinished?.kills.append(TaskToKill(task: record.task, attempt: record.attempt, worker: record.worker))
    case .observation(let record):
      guard let whole = unfinished, whole.head.number == record.transaction, whole.observationsLeft > 0 else {
        return nil
      }
      guard record.index <= whole.observations.count else {
        throw .malformed(
          field: "observation", expected: "index \(whole.observations.count) or less", actual: "\(record.index)")
      }
      unfinished?.observations.insert(record.observation, at: record.index)
      unfinished?.observationsLeft -= 1
    case .overrun(let first, let last, let settledBefore):
      unfinished = nil
      return .overrun(from: first, to: last, settledBefore: settledBefore)
    case .row(let request, let row): return .row(request: request, row)
    case .queryDone(let request, let next): return .queryDone(request: request, next: next)
    case .heartbeatRefused(let worker): return .heartbeatRefused(worker)
    }
    guard unfinished?.isComplete == true, let whole = unfinished.take() else { return nil }
    var result = whole.result(epoch)
    result.isAbridged = whole.head.isAbridged
    result.isRepeated = whole.head.repeated != nil
    return .result(result)
  }
}

extension ResultAssembler.Unfinished {
  fileprivate func result(_ epoch: UInt64) -> DispatchResult {
    let event = Event(id: head.id, timestampMs: head.timestampMs, body: body)
    let disposition: DispatchResult.Disposition
    switch head.ending {
    case .dropped: disposition = .dropped(by: head.stage ?? "")
    case .deadLettered(let reason): disposition = .deadLettered(reason)
    case .handled(let outcome):
      let transaction = Transaction(
        number: head.number, timestampMs: head.timestampMs, event: event, outcome: outcome, missing: head.missing,
        subject: head.subject, actions: actions, tasksToKill: kills)
      return DispatchResult(
        transaction, observations: observations, promise: head.promise, epoch: head.epoch ?? epoch)
    }
    return DispatchResult(
      event: event, disposition: disposition, observations: observations, promise: head.promise,
      epoch: head.epoch ?? epoch)
  }
}

extension ObservationRecord {
  fileprivate var observation: Observation {
    let returned = value.map { Observation.Outcome.returned(value: $0) }
    return Observation(observer: observer, outcome: error.map { .threw(error: $0) } ?? returned ?? .succeeded)
  }
}
