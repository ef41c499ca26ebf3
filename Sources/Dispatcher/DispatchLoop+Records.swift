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
    // Its slots stay as they are until it is known whether the journal needs them.
    if journal.isKept { lane.pointee.consumer.holdPosition = min(lane.pointee.consumer.holdPosition, id.position) }
    defer { lane.pointee.consumer.holdPosition = lane.pointee.held.position }
    lane.pointee.consumer.advance(by: slots)
    let room = UnsafeRawBufferPointer(rebasing: text[..<((slots - 1) * Int(RM_SLOT_PAYLOAD))])
    switch UInt32(head.kind) {
    case RM_KIND_QUERY, RM_KIND_SUBSCRIBE, RM_KIND_RETRY_LETTER, RM_KIND_DROP_LETTER:
      return handleRequest(head, text: room, id: id, lane: index)
    default: break
    }
    do {
      // No name for the body: it would be copied.
      handle(
        Event(
          id: id, timestampMs: receivedMs(head.timestamp_ns), body: try EventDecoder.decode(head, text: room)),
        slots: slots, lane: index, wantsResult: UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0)
    } catch .unknownKind(let kind) {
      keepRecord(head, room, id: id, reason: .noHandler, detail: "\(CodecError.unknownKind(kind))", lane: index)
      return "\(CodecError.unknownKind(kind))"
    } catch {
      keepRecord(head, room, id: id, reason: .malformed, detail: "\(error)", lane: index)
      refuseMalformed(head, id: id, slots: slots, error: error, lane: index)
      return nil
    }
    return nil
  }

  /// Sends a peer's event through the bus.
  mutating func handle(_ event: Event, slots: Int, lane: Int, wantsResult: Bool) {
    let lettersBefore = bus.deadLetterCount
    let result = dispatch(event, from: lanes[lane].pointee.role)
    if bus.deadLetterCount != lettersBefore, let letter = result.deadLetter {
      keep(letter, recordBytes: slots * Int(RM_SLOT_PAYLOAD), lane: lane)
    }
    let record = journal(result, slots: slots, lane: lane, wantsResult: wantsResult)
    account(for: result, origin: wantsResult ? lane : nil, record: record)
  }

  /// Sends an event of the dispatcher's own through the bus.
  mutating func handleOwn(_ event: Event) {
    // Placements and expiries are made of handles and times alone.
    if event.kind != .taskAssigned, event.kind != .workerFailed, let problem = check.problem(with: event) {
      assertionFailure("the dispatcher makes \(event) itself, and no record holds it: \(problem)")
      return keep(
        DeadLetter(event: nil, origin: EventID(peer: 0, position: ownEvents), reason: .handlerError, detail: problem),
        recordBytes: 0, lane: nil)
    }
    let id = EventID(peer: 0, position: ownEvents)
    ownEvents += 1
    let lettersBefore = bus.deadLetterCount
    let result = bus.dispatch(event.stamped(id: id, timestampMs: event.timestampMs ?? nowMs), to: &state)
    if bus.deadLetterCount != lettersBefore, let letter = result.deadLetter {
      keep(letter, recordBytes: Int(RM_SLOT_PAYLOAD), lane: nil)
    }
    let record = journal(result, slots: 0, lane: nil, wantsResult: false)
    account(for: result, origin: nil, record: record)
  }

  /// Sends an event through the bus, if a peer of this role may send it.
  mutating func dispatch(_ event: Event, from role: PeerRole) -> DispatchResult {
    if role.maySend(event) { return bus.dispatch(event, to: &state) }
    let transaction = state.refuse(event, .forbidden)
    let result = DispatchResult(event: event, disposition: .handled(transaction), observations: [])
    if let letter = result.deadLetter { bus.deadLetter(letter) }
    return result
  }

  /// The framing was right and a field is not: the record is refused with the field's name, the peer stays.
  private mutating func refuseMalformed(
    _ head: rm_event_head, id: EventID, slots: Int, error: CodecError, lane: Int
  ) {
    counters[.recordsMalformed].increment()
    let wantsResult = UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0
    let record = journalMalformed(id, slots: slots, lane: lane, wantsResult: wantsResult, detail: "\(error)")
    if wantsResult { refuse(id, reason: .malformed, detail: "\(error)", lane: lane, record: record) }
  }

  /// Tells a peer that a record of its was no event, or asked for what cannot be.
  ///
  /// - Parameter record: of the journal that has to be durable before; 0 when none has to.
  mutating func refuse(_ id: EventID, reason: DeadLetterReason, detail: String, lane: Int, record: UInt64 = 0) {
    let refusal = LoggedResult.refusal(id, reason, detail: detail)
    var stored: StoredResult?
    if record != 0 { stored = store(refusal, record: record, isForOrigin: true) }
    deliver(refusal, to: lane, isAnswer: true, record: record, &stored)
  }

  private mutating func handleRequest(
    _ head: rm_event_head, text: UnsafeRawBufferPointer, id: EventID, lane: Int
  ) -> String? {
    guard let results = lanes[lane].pointee.results else {
      guard lanes[lane].pointee.peer.facts.resultCapacity > 0 else {
        return "it asked for results and has no result ring"
      }
      // It has not come back yet. What it asked before, it asks anew then, except for what changes something.
      if UInt32(head.kind) == RM_KIND_RETRY_LETTER { retryLetter(head, text: text, as: id, lane: lane) }
      return nil
    }
    guard results.pointee.queries.count < Self.maximumQueries else {
      return "more than \(Self.maximumQueries) queries at once"
    }
    switch UInt32(head.kind) {
    case RM_KIND_SUBSCRIBE:
      let subscription = UInt32(truncatingIfNeeded: head.subject)
      results.pointee.subscription = subscription
      if subscription == 0 { lanes.subscribed.remove(lane) } else { lanes.subscribed.insert(lane) }
      results.pointee.queries.append(PendingQuery(request: id.position, entity: nil, cursor: .max, rowsLeft: 0))
    case RM_KIND_RETRY_LETTER: retryLetter(head, text: text, as: id, lane: lane)
    case RM_KIND_DROP_LETTER: dropLetter(head, text: text, as: id, lane: lane)
    default:
      var query = PendingQuery(
        request: id.position, entity: UInt8(truncatingIfNeeded: head.subject), cursor: head.object,
        rowsLeft: min(max(Int(clamping: head.extra), 1), Self.maximumRowsPerQuery))
      if query.entity == QueryEntity.explanation.rawValue {
        do {
          query.target = try RequestDecoder.explanationTarget(head, text: text)
        } catch {
          refuse(id, reason: .malformed, detail: "\(error)", lane: lane)
          return nil
        }
      }
      results.pointee.queries.append(query)
    }
    lanes.backlogged.insert(lane)
    return nil
  }

  func count(_ result: DispatchResult) {
    guard case .handled(let transaction) = result.disposition else {
      if case .dropped = result.disposition { counters[.eventsDropped].increment() }
      return
    }
    counters[.transactions].increment()
    switch transaction.outcome {
    case .applied: counters[.eventsApplied].increment()
    case .ignored: counters[.eventsIgnored].increment()
    case .rejected: counters[.eventsRejected].increment()
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
