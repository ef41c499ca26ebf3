import CRingmaster
import EventCodec
import EventModel
import EventRing

/// Results back out: from the log to each client's ring, as fast as that client reads and no faster.
extension DispatchLoop {
  /// Records that waited, written to one ring in one turn.
  private static let recordsPerRing = 4096
  /// A result of more records than this waits for its lane's turn.
  private static let recordsWrittenAtOnce = 16

  /// Writes what fits to every ring with a backlog, as far as all together may have it now, and wakes the clients that sleep.
  mutating func publishResults() {
    guard !lanes.backlogged.isEmpty else { return }
    let round = resultRecords.begin(configuration.resultRecordsPerTurn, groups: lanes.groups)
    for step in round.steps {
      let group = round.group(step)
      var backlogged = lanes.backlogged[group: group] & round.mask(step)
      while backlogged != 0 {
        let lane = group << 6 | backlogged.trailingZeroBitCount
        backlogged &= backlogged &- 1
        let leftBefore = resultRecords.left
        publishResults(to: lane)
        resultRecords.finish(lane, of: round, leftBefore: leftBefore)
      }
    }
  }

  private mutating func publishResults(to index: Int) {
    let lane = lanes[index]
    guard let results = lane.pointee.results else { return lanes.backlogged.remove(index) }
    if lane.pointee.refusal != nil { tellRefusal(index) }
    publishOutbox(results, lane: index)
    flush(index)
    if !results.pointee.hasBacklog, lane.pointee.refusal == nil { lanes.backlogged.remove(index) }
  }

  /// Counts a result and sends it to those it is for: at once where nothing waits before it and there is room, else by
  /// way of the lane's outbox.
  mutating func account(for result: DispatchResult, origin: Int?, record: UInt64) {
    count(result)
    var stored: StoredResult?
    // A peer of the dispatcher before may still come back for it.
    if journal.isKept { stored = store(logged(result), record: record, isForOrigin: origin != nil) }
    if let origin { deliver(result, to: origin, isAnswer: true, record: record, &stored) }
    guard !lanes.subscribed.isEmpty else { return }
    let concerns = result.concerns
    var next = lanes.subscribed.first(from: 0)
    while let lane = next {
      if lane != origin, let results = lanes[lane].pointee.results, results.pointee.subscription & concerns != 0 {
        deliver(result, to: lane, isAnswer: false, record: record, &stored)
      }
      next = lanes.subscribed.first(from: lane + 1)
    }
  }

  /// - Parameter stored: the result as outboxes hold it, made when the first lane cannot have it at once.
  private mutating func deliver(
    _ result: DispatchResult, to lane: Int, isAnswer: Bool, record: UInt64, _ stored: inout StoredResult?
  ) {
    var written = 0
    if let results = lanes[lane].pointee.results, results.pointee.outbox.isEmpty, record <= journal.tellable {
      let records = ResultEncoder.recordCount(of: result)
      if records <= Self.recordsWrittenAtOnce {
        lanes.backlogged.insert(lane)
        while written < records,
          publish(result, as: self.record(of: result.event), record: written, epoch: nil, results)
        {
          written += 1
        }
        guard written < records else { return counters[.resultsPublished].increment() }
      }
    }
    deliver(
      stored?.content ?? logged(result), from: written, to: lane, isAnswer: isAnswer, record: record, &stored)
  }

  private mutating func logged(_ result: DispatchResult) -> LoggedResult {
    .result(result, KeptEventRecord(record(of: result.event)))
  }

  /// By way of the lane's outbox.
  ///
  /// - Parameter written: records of it that are in the ring.
  mutating func deliver(
    _ result: LoggedResult, from written: Int = 0, to lane: Int, isAnswer: Bool, record: UInt64,
    _ stored: inout StoredResult?
  ) {
    guard let results = lanes[lane].pointee.results else {
      if isAnswer { keepWhileAway(result, for: lane, record: record, &stored) }
      return
    }
    lanes.backlogged.insert(lane)
    let waiting = waiting(result, record: record, &stored)
    if isAnswer {
      // The events of one that has left do not wait for it.
      let givesUpOldest =
        lanes[lane].pointee.isLeaving
        || hasStoppedReading(&results.pointee.outbox, progressNs: results.pointee.progressNs)
      results.pointee.outbox.append(answer: waiting, givesUpOldest: givesUpOldest)
    } else {
      results.pointee.outbox.append(other: waiting)
    }
    if written > 0 { results.pointee.outbox.nextRecord = written }
  }

  func waiting(_ result: LoggedResult, record: UInt64, _ stored: inout StoredResult?) -> StoredResult {
    let waiting =
      stored
      ?? StoredResult(
        result, record: record, transaction: result.transaction ?? state.transactionLog.lastNumber, isForOrigin: true)
    stored = waiting
    return waiting
  }

  /// Puts a result into the log, where peers that come back find it.
  mutating func store(_ content: LoggedResult, record: UInt64, isForOrigin: Bool) -> StoredResult {
    let result = StoredResult(
      content, record: record, transaction: content.transaction ?? state.transactionLog.lastNumber,
      isForOrigin: isForOrigin)
    log.append(result, tellable: journal.tellable)
    return result
  }

  private mutating func publishOutbox(_ results: UnsafeMutablePointer<ResultLane>, lane: Int) {
    let share = min(Self.recordsPerRing, resultRecords.left)
    var budget = share
    defer { resultRecords.take(share - budget) }
    while budget > 0, let front = results.pointee.outbox.front {
      switch front {
      case .lost(let transactions, let record):
        guard record <= journal.tellable, tellLoss(of: transactions, lane: lane, results) else { return }
        budget -= 1
      case .result(let result):
        guard result.record <= journal.tellable else { return }
        let records = result.content.recordCount
        while budget > 0, results.pointee.outbox.nextRecord < records {
          pass(.publishingResult)
          guard publish(result.content, record: results.pointee.outbox.nextRecord, epoch: result.epoch, results) else {
            return
          }
          results.pointee.outbox.nextRecord += 1
          budget -= 1
        }
        guard results.pointee.outbox.nextRecord == records else { return }
        results.pointee.outbox.removeFront()
        counters[.resultsPublished].increment()
        pass(.publishedResult)
      }
    }
  }

  /// - Returns: false when the ring is full.
  private mutating func publish(
    _ result: LoggedResult, record index: Int, epoch: UInt64?, _ results: UnsafeMutablePointer<ResultLane>
  ) -> Bool {
    switch result {
    case .result(let result, let event):
      event.withRecord { publish(result, as: $0, record: index, epoch: epoch, results) }
    case .refusal(let id, let reason, let detail):
      publish(results) { loop throws(CodecError) in
        try loop.rowWriter.encodeRefusal(of: id, reason: reason, detail: detail)
      }
    }
  }

  /// - Returns: false when the ring is full.
  private mutating func publish(
    _ result: DispatchResult, as event: EventRecord?, record index: Int, epoch: UInt64?,
    _ results: UnsafeMutablePointer<ResultLane>
  ) -> Bool {
    publish(results) { loop throws(CodecError) in
      try loop.encoder.encode(result, as: event, record: index, promise: loop.journal.promise, epoch: epoch)
    }
  }

  @inline(__always)
  private mutating func publish(
    _ results: UnsafeMutablePointer<ResultLane>,
    _ record: (inout DispatchLoop) throws(CodecError) -> UnsafeRawBufferPointer
  ) -> Bool {
    do {
      guard try results.pointee.producer.tryPublish(try record(&self)) != nil else {
        counters[.resultRingFull].increment()
        return false
      }
    } catch {
      // Attaching bounds the ring from below so that every record fits; names and errors are bounded where they enter.
      preconditionFailure("a result does not fit a result ring: \(error)")
    }
    results.pointee.noteProgress(nowNs: clock.nowNs)
    return true
  }

  /// Answers come in the order of the events: those that are neither in the ring nor still to be sent are lost.
  ///
  /// - Returns: false when the ring has no room even for that.
  private mutating func tellLoss(
    of transactions: ClosedRange<UInt64>, lane index: Int, _ results: UnsafeMutablePointer<ResultLane>
  ) -> Bool {
    let lane = lanes[index]
    let read = lane.pointee.refusal?.id.position ?? lane.pointee.consumer.position
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_OVERRUN)
    head.slots = 1
    head.number = min(read, results.pointee.outbox.nextAnswered ?? read)
    head.subject = transactions.lowerBound
    head.object = transactions.upperBound
    guard results.pointee.producer.tryPublish(head) != nil else { return false }
    results.pointee.outbox.removeFront()
    results.pointee.overruns += 1
    // No sign that the client reads: it finds room where none was for a result.
    results.pointee.needsFlush = true
    counters[.resultOverruns].increment()
    return true
  }
}

extension DispatchResult {
  /// The subscriptions that ask for it.
  var concerns: UInt32 {
    guard case .handled(let transaction) = disposition else { return RM_SUBSCRIBE_TRANSACTIONS }
    let placesTask = transaction.event.kind == .taskAssigned && transaction.outcome == .applied
    let concernsAssignments = placesTask || !transaction.tasksToKill.isEmpty
    return RM_SUBSCRIBE_TRANSACTIONS | (concernsAssignments ? RM_SUBSCRIBE_ASSIGNMENTS : 0)
  }
}
