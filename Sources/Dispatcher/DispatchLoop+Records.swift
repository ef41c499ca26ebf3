import CRingmaster
import EventBus
import EventCodec
import EventModel
import EventRing

/// From a record in a ring to a result in the log.
extension DispatchLoop {
  /// Queries and subscriptions a client may have waiting.
  private static let maximumQueries = 64

  /// Handles the record at the read position of a lane, whose head has been copied out.
  ///
  /// - Returns: how the peer broke the protocol; nil when it did not.
  mutating func handleRecord(_ head: rm_event_head, lane index: Int) -> String? {
    let lane = lanes[index]
    let id = EventID(peer: lane.pointee.id, position: lane.pointee.consumer.position)
    let slots = Int(head.slots)
    do {
      try lane.pointee.consumer.copyContinuation(slots: slots, into: text)
    } catch {
      return "\(error)"
    }
    lane.pointee.consumer.advance(by: slots)
    let room = UnsafeRawBufferPointer(rebasing: text[..<((slots - 1) * Int(RM_SLOT_PAYLOAD))])
    switch UInt32(head.kind) {
    case RM_KIND_QUERY, RM_KIND_SUBSCRIBE: return handleRequest(head, id: id, lane: index)
    default: break
    }
    let body: Event.Body
    do {
      body = try EventDecoder.decode(head, text: room)
    } catch .unknownKind(let kind) {
      return "\(CodecError.unknownKind(kind))"
    } catch {
      refuseMalformed(head, id: id, error: error, lane: index)
      return nil
    }
    let event = Event(id: id, timestampMs: receivedMs(head.timestamp_ns), body: body)
    let result = lane.pointee.role.maySend(event) ? bus.dispatch(event, to: &state) : forbid(event)
    let wantsResult = UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0
    account(for: result, origin: wantsResult ? index : nil)
    return nil
  }

  /// Sends an event of the dispatcher's own through the bus.
  mutating func handleOwn(_ event: Event) {
    let id = EventID(peer: 0, position: ownEvents)
    ownEvents += 1
    let result = bus.dispatch(event.stamped(id: id, timestampMs: event.timestampMs ?? nowMs), to: &state)
    account(for: result, origin: nil)
  }

  private mutating func forbid(_ event: Event) -> DispatchResult {
    let transaction = state.refuse(event, .forbidden)
    let detail = "\(event.kind.name) is not for this peer's role"
    bus.deadLetter(DeadLetter(event: event, origin: event.id, reason: .forbidden, detail: detail))
    return DispatchResult(event: event, disposition: .handled(transaction), observations: [])
  }

  /// The framing was right and a field is not: the record is refused with the field's name, the peer stays.
  private mutating func refuseMalformed(
    _ head: rm_event_head, id: EventID, error: CodecError, lane: Int
  ) {
    counters[.recordsMalformed].increment()
    bus.deadLetter(DeadLetter(event: nil, origin: id, reason: .malformed, detail: "\(error)"))
    counters[.deadLetters].increment()
    guard let results = lanes[lane].pointee.results, UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0 else { return }
    guard let record = try? rowWriter.encodeRefusal(of: id, reason: .malformed, detail: "\(error)") else { return }
    if (try? results.pointee.producer.tryPublish(record)) != nil {
      results.pointee.needsFlush = true
      lanes.backlogged.insert(lane)
    }
  }

  private mutating func handleRequest(
    _ head: rm_event_head, id: EventID, lane: Int
  ) -> String? {
    guard let results = lanes[lane].pointee.results else { return "it asked for results and has no result ring" }
    guard results.pointee.queries.count < Self.maximumQueries else {
      return "more than \(Self.maximumQueries) queries at once"
    }
    if UInt32(head.kind) == RM_KIND_SUBSCRIBE {
      let subscription = UInt32(truncatingIfNeeded: head.subject)
      results.pointee.subscription = subscription
      if subscription == 0 { lanes.subscribed.remove(lane) } else { lanes.subscribed.insert(lane) }
      results.pointee.queries.append(
        PendingQuery(request: id.position, entity: nil, cursor: .max, rowsLeft: 0))
    } else {
      let limit = Int(clamping: head.extra)
      results.pointee.queries.append(
        PendingQuery(
          request: id.position, entity: UInt8(truncatingIfNeeded: head.subject), cursor: head.object,
          rowsLeft: min(max(limit, 1), Self.maximumRowsPerQuery)))
    }
    lanes.backlogged.insert(lane)
    return nil
  }

  /// Counts a result, keeps it, and puts it in the outboxes of those it is for.
  mutating func account(for result: DispatchResult, origin: Int?) {
    count(result)
    guard origin != nil || !lanes.subscribed.isEmpty else { return }
    let transaction = result.transaction?.number ?? state.transactionLog.lastNumber
    let entry = Outbox.Entry(number: log.append(result), transaction: transaction)
    let concerns =
      RM_SUBSCRIBE_TRANSACTIONS
      | (result.transaction.map(Self.concernsAssignments) ?? false ? RM_SUBSCRIBE_ASSIGNMENTS : 0)
    if let origin { deliver(entry, to: origin) }
    var next = lanes.subscribed.first(from: 0)
    while let lane = next {
      if lane != origin, let results = lanes[lane].pointee.results, results.pointee.subscription & concerns != 0 {
        deliver(entry, to: lane)
      }
      next = lanes.subscribed.first(from: lane + 1)
    }
  }

  private mutating func deliver(_ entry: Outbox.Entry, to lane: Int) {
    guard let results = lanes[lane].pointee.results else { return }
    results.pointee.outbox.append(entry)
    lanes.backlogged.insert(lane)
  }

  private static func concernsAssignments(_ transaction: Transaction) -> Bool {
    if !transaction.tasksToKill.isEmpty { return true }
    return transaction.event.kind == .taskAssigned && transaction.outcome == .applied
  }

  private func count(_ result: DispatchResult) {
    guard let transaction = result.transaction else {
      counters[.eventsDropped].increment()
      return
    }
    counters[.transactions].increment()
    switch transaction.outcome {
    case .applied: counters[.eventsApplied].increment()
    case .ignored: counters[.eventsIgnored].increment()
    case .rejected(let reason):
      counters[.eventsRejected].increment()
      if DeadLetterReason(reason) != nil { counters[.deadLetters].increment() }
    }
    if transaction.event.kind == .workerHeartbeat, transaction.outcome == .applied {
      counters[.heartbeatsApplied].increment()
    }
    for action in transaction.actions {
      switch action.kind {
      case .workerFailed: counters[.workerFailures].increment()
      case .taskRequeued: counters[.tasksRequeued].increment()
      default: break
      }
    }
  }
}
