import CRingmaster
import EventBus
import EventCodec
import EventModel
import EventRing
import Journal

/// From a record in a ring to a result in the log.
extension DispatchLoop {
  /// Handles the record at the read position of a lane, whose head has been copied out.
  ///
  /// - Returns: how the peer broke the protocol; nil when it did not.
  mutating func handleRecord(_ head: rm_event_head, lane index: Int) -> String? {
    let lane = lanes[index]
    let id = EventID(peer: lane.pointee.id, position: lane.pointee.consumer.position)
    let slots = Int(head.slots)
    let forbidden = lane.pointee.role.forbiddenKind(of: head)
    do {
      // Passing what is forbidden costs next to nothing, however long it is.
      if case .some = forbidden {
        try lane.pointee.consumer.checkLength(slots: slots)
      } else if slots != 1 {
        try lane.pointee.consumer.copyContinuation(slots: slots, into: text)
      }
    } catch {
      return "\(error)"
    }
    // Its slots stay as they are until it is known whether the journal needs them.
    if journal.isKept { lane.pointee.consumer.holdPosition = min(lane.pointee.consumer.holdPosition, id.position) }
    defer { lane.pointee.updateHold() }
    lane.pointee.consumer.advance(by: slots)
    let wantsResult = UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0
    if let forbidden {
      refuseForbidden(forbidden, id: id, lane: index, wantsResult: wantsResult)
      return nil
    }
    let room = UnsafeRawBufferPointer(rebasing: text[..<((slots - 1) * Int(RM_SLOT_PAYLOAD))])
    switch UInt32(head.kind) {
    case RM_KIND_QUERY, RM_KIND_SUBSCRIBE, RM_KIND_RETRY_LETTER, RM_KIND_DROP_LETTER:
      return handleRequest(head, text: room, id: id, lane: index)
    default: break
    }
    do {
      if let source = try EventDecoder.source(head, text: room) {
        try handle(head, room, from: source, id: id, slots: slots, lane: index, wantsResult: wantsResult)
        return nil
      }
      if UInt32(head.kind) == RM_EVENT_JOB_SUBMITTED || UInt32(head.kind) == RM_EVENT_WORKER_DRAIN {
        let event = Event(
          id: id, timestampMs: eventMs(head), body: try EventDecoder.decode(head, text: room, isNew: true))
        let recordBytes = MemoryLayout<rm_event_head>.size + Int(head.text_bytes)
        let signed = try signed(event, recordBytes: recordBytes, lane: index)
        dispatch(signed, from: nil, slots: slots, lane: index, wantsResult: wantsResult)
        return nil
      }
      if case .some = lanes[index].pointee.workerName {
        let body = try EventDecoder.decode(head, text: room, isNew: true)
        if refuseForeign(body, id: id, lane: index, wantsResult: wantsResult) { return nil }
      }
      // No name for the body: it would be copied.
      dispatch(
        Event(id: id, timestampMs: eventMs(head), body: try EventDecoder.decode(head, text: room, isNew: true)),
        from: EventRecord(accepted: head, text: room), slots: slots, lane: index, wantsResult: wantsResult)
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

  /// Handles an event of a source, unless it has said it before.
  private mutating func handle(
    _ head: rm_event_head, _ room: UnsafeRawBufferPointer, from source: EventSource, id: EventID, slots: Int,
    lane: Int, wantsResult: Bool
  ) throws(CodecError) {
    let body = try EventDecoder.decode(head, text: room, isNew: true)
    if refuseForeign(body, id: id, lane: lane, wantsResult: wantsResult) { return }
    let event = Event(id: id, timestampMs: eventMs(head), body: body, source: source)
    let standing = sources.standing(of: source, uid: lanes[lane].pointee.peer.facts.uid)
    guard standing == .new else {
      counters[.eventsRepeated].increment()
      if wantsResult { answerAgain(event, source, standing, lane: lane) }
      return
    }
    let recordBytes = MemoryLayout<rm_event_head>.size + Int(head.text_bytes)
    let signed = try signed(event, recordBytes: recordBytes, lane: lane)
    // What is signed is another record.
    let isSigned = signed != event
    dispatch(
      signed, from: isSigned ? nil : EventRecord(accepted: head, text: room), slots: slots, lane: lane,
      wantsResult: wantsResult)
  }

  /// Answers an event that was handled before as the first time, as far as that is known. It stands in no journal: after a
  /// crash it is read once more from the ring, and answered once more.
  private mutating func answerAgain(
    _ event: Event, _ source: EventSource, _ standing: SourceLedger.Standing, lane: Int
  ) {
    var first: DispatchResult?
    var reason = DeadLetterReason.outOfSequence
    let isKnown = if case .handled = standing { true } else { false }
    let record = recentOfSources.record(of: source, anyOfItsName: !isKnown, durable: journal.durable)
    let detail: String
    switch standing {
    case .new: return
    case .handled(let said) where said.kind != event.kind.rawValue:
      let kind = EventKind(rawValue: said.kind)?.name ?? "another event"
      detail = "event \(source) was \(kind), and is \(event.kind.name) now: each has a sequence of its own"
    case .handled(let said):
      reason = said.isAccepted ? .repeated : .refusedBefore
      detail =
        "event \(source) was handled before, "
        + (said.transaction == 0
          ? "and made no transaction"
          : "as transaction \(said.transaction)" + (said.isAccepted ? "" : ", which was rejected"))
      first = state.transactionLog[number: said.transaction].map {
        DispatchResult(
          event: event, disposition: .handled($0), observations: [], epoch: journal.epoch.number(of: said.transaction))
      }
      first?.isRepeated = true
    case .tooOld(let newest):
      detail = "event \(source) is too old: its source has reached sequence \(newest), and may have said it before"
    case .ofFormerLife(let incarnation):
      detail = "event \(source) is of a former life of its source, which is now in incarnation \(incarnation)"
    }
    let refusal = PendingRefusal(id: event.id, reason: reason, detail: detail, record: record, first: first)
    delivery.refuse(refusal, lane: lane, &lanes)
  }

  /// - Returns: whether a worker speaks for another.
  private mutating func refuseForeign(_ body: Event.Body, id: EventID, lane: Int, wantsResult: Bool) -> Bool {
    guard case .some = lanes[lane].pointee.workerName, let detail = foreign(body, lane) else { return false }
    bus.deadLetter(DeadLetter(event: nil, origin: id, reason: .forbidden, detail: detail))
    if wantsResult { refuse(id, reason: .forbidden, detail: detail, lane: lane) }
    return true
  }

  /// A submission or drain with the user who ordered it, whatever its record says of that.
  ///
  /// - Parameter recordBytes: of the record that it came in.
  /// - Throws: `CodecError.malformed` when no record has room for both.
  func signed(_ event: Event, recordBytes: Int, lane: Int) throws(CodecError) -> Event {
    let peer = lanes[lane].pointee.peer
    let body: Event.Body
    switch event.body {
    case .jobSubmitted(let name, var request):
      (request.submitter, request.submitterUid) = (peer.userName, Int64(peer.facts.uid))
      body = .jobSubmitted(name: name, request: request)
    case .workerDrain(let worker, let reason, _, let graceMs):
      body = .workerDrain(worker, reason: reason, submitter: peer.userName, graceMs: graceMs)
    default: return event
    }
    let signed = Event(id: event.id, timestampMs: event.timestampMs, body: body, source: event.source)
    let signatureBytes = MemoryLayout<rm_field>.size + peer.userName.utf8.count
    if recordBytes + signatureBytes > Int(RM_RECORD_MAX_BYTES), own.check.problem(with: signed) != nil {
      throw .malformed(
        field: "request", expected: "\(signatureBytes) bytes less, for the user's name", actual: "\(recordBytes) bytes"
      )
    }
    return signed
  }

  /// Handles an event of the dispatcher's own.
  mutating func handleOwn(_ event: Event) {
    if let problem = own.problem(with: event) {
      assertionFailure("the dispatcher makes \(event) itself, and no record holds it: \(problem)")
      return keep(
        DeadLetter(event: nil, origin: own.nextID, reason: .handlerError, detail: problem), recordBytes: 0, lane: nil)
    }
    dispatch(
      event.stamped(id: own.takeID(), timestampMs: event.timestampMs ?? clock.nowMs), from: nil, slots: 0, lane: nil,
      wantsResult: false)
  }

  /// Sends an event through the bus and the state machine, into the journal, and its result to those it is for.
  ///
  /// - Parameters:
  ///   - record: that the event was decoded from; nil of one that was made here.
  ///   - slots: that it took in the lane's ring.
  ///   - lane: of the peer that sent it; nil is the dispatcher itself.
  mutating func dispatch(
    _ event: consuming Event, from record: EventRecord?, slots: Int, lane: Int?, wantsResult: Bool
  ) {
    let kind = event.kind
    let source = event.source
    delivery.begin(kind, from: record)
    let lettersBefore = bus.deadLetterCount
    let result = bus.dispatch(event, to: &state)
    if let lane, kind == .workerHeartbeat || kind == .workerRegistered { noteCarrier(of: result, lane: lane) }
    let record = append(result, slots: slots, lane: lane, wantsResult: wantsResult)
    if let source, let lane {
      // As the journal has it: what a middleware put in its place.
      let event = result.transaction?.event ?? result.event
      let said = SourceLedger.Said(event, sequence: source.sequence, result.transaction)
      sources.note(source, uid: lanes[lane].pointee.peer.facts.uid, said)
      recentOfSources.note(source, record: record, durable: journal.durable)
    }
    if bus.deadLetterCount != lettersBefore, let letter = result.deadLetter {
      keep(letter, recordBytes: max(slots, 1) * Int(RM_SLOT_PAYLOAD), lane: lane)
    }
    account(for: result, kind, origin: wantsResult ? lane : nil, record: record)
  }

  /// Notes through whom a worker was heard of that registered, or whose heartbeat made a transaction.
  private mutating func noteCarrier(of result: borrowing DispatchResult, lane: Int) {
    guard case .handled(let transaction) = result.disposition, transaction.outcome == .applied,
      case .worker(let worker, _) = transaction.subject
    else { return }
    state.noteCarrier(lanes[lane].pointee.carrier, of: worker)
  }

  // What a peer may not do, and what it asks that cannot be: it is told, and nobody else. In no journal, no transaction, and in no
  // log that others read from, so that nobody who may only look fills any of them. After a crash such a record may be read once
  // more from the ring and refused once more. Nothing depends on how often.

  /// Answers an event that a peer of this role may not send. It is counted, and no letter is kept of it: whoever floods the
  /// dispatcher with what is forbidden takes no letter's place.
  mutating func refuseForbidden(_ kind: EventKind, id: EventID, lane: Int, wantsResult: Bool) {
    let detail = "a peer of role \(lanes[lane].pointee.role.name) may not send \(kind.name)"
    bus.deadLetter(DeadLetter(event: nil, origin: id, reason: .forbidden, detail: detail))
    if wantsResult { refuse(id, reason: .forbidden, detail: detail, lane: lane) }
  }

  /// - Parameter record: of the journal that has to be durable before: what the refusal rests on.
  mutating func refuse(_ id: EventID, reason: DeadLetterReason, detail: String, record: UInt64 = 0, lane: Int) {
    delivery.refuse(PendingRefusal(id: id, reason: reason, detail: detail, record: record), lane: lane, &lanes)
  }

  /// The framing was right and a field is not: the record is refused with the field's name, the peer stays.
  private mutating func refuseMalformed(
    _ head: rm_event_head, id: EventID, slots: Int, error: CodecError, lane: Int
  ) {
    counters[.recordsMalformed].increment()
    let wantsResult = UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0
    guard journal.isKept else {
      if wantsResult { refuse(id, reason: .malformed, detail: "\(error)", lane: lane) }
      return
    }
    let skipped = SkippedRecord(id: id, slots: UInt32(slots), wantsResult: wantsResult, fault: "\(error)")
    let record = journal.append(.skipped(skipped))
    lanes.hold(lane, position: id.position, until: record)
    if wantsResult { delivery.refuse(id, malformed: "\(error)", lane: lane, place(of: record), lanes, at: clock) }
  }

  private mutating func handleRequest(
    _ head: rm_event_head, text: UnsafeRawBufferPointer, id: EventID, lane: Int
  ) -> String? {
    let results = lanes[lane].pointee.isLeaving ? nil : lanes[lane].pointee.results
    if results == nil {
      guard lanes[lane].pointee.peer.facts.resultCapacity > 0 else {
        return "it asked for results and has no result ring"
      }
      // It has gone, or has not come back yet. What it asked before, it asks anew then, except for what changes something.
      guard UInt32(head.kind) == RM_KIND_RETRY_LETTER else { return nil }
    }
    do throws(CodecError) {
      switch try Request(head, text: text) {
      case .query(let entity, let cursor, let rows, let about):
        let query = try PendingQuery(request: id.position, entity: entity, cursor: cursor, rows: rows, about: about)
        results?.pointee.queries.append(query)
      case .subscribe(let wanted):
        guard lanes[lane].pointee.role != .worker || wanted & RM_SUBSCRIBE_TRANSACTIONS == 0 else {
          throw .malformed(field: "results", expected: "of a worker: its own assignments", actual: "all transactions")
        }
        delivery.subscribe(lane, to: wanted, lanes)
        results?.pointee.queries.append(PendingQuery(request: id.position, entity: nil, cursor: .max, rowsLeft: 0))
      case .retryLetter(let letter, let reason):
        retryLetter(letter, because: reason, slots: Int(head.slots), as: id, lane: lane)
      case .dropLetter(let letter, let reason): dropLetter(letter, because: reason, as: id, lane: lane)
      }
      if results != nil { delivery.noteBacklog(lane) }
    } catch {
      refuse(id, reason: .malformed, detail: "\(error)", lane: lane)
    }
    return nil
  }

  /// Counts a result and sends it to those it is for.
  mutating func account(for result: DispatchResult, _ kind: EventKind, origin: Int?, record: UInt64) {
    if case .handled(let transaction) = result.disposition {
      count(transaction, kind)
    } else if case .dropped = result.disposition {
      counters[.eventsDropped].increment()
    }
    delivery.deliver(result, to: origin, place(of: record), lanes, at: clock)
  }

  private func place(of record: UInt64) -> ResultDelivery.Place {
    ResultDelivery.Place(record: record, transaction: state.transactionLog.lastNumber)
  }

  private func count(_ transaction: Transaction, _ kind: EventKind) {
    counters[.transactions].increment()
    switch transaction.outcome {
    case .applied: counters[.eventsApplied].increment()
    case .ignored: counters[.eventsIgnored].increment()
    case .rejected: counters[.eventsRejected].increment()
    }
    if kind == .workerHeartbeat, transaction.outcome == .applied {
      counters[.heartbeatsApplied].increment()
    }
    for index in 0..<transaction.actionCount {
      switch transaction.withAction(at: index, { $0.kind }) {
      case .workerFailed: counters[.workerFailures].increment()
      case .taskRequeued: counters[.tasksRequeued].increment()
      default: break
      }
    }
  }
}
