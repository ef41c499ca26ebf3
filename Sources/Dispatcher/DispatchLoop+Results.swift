import CRingmaster
import EventCodec
import EventModel
import EventRing

/// Results back out: from the log to each client's ring, as fast as that client reads and no faster.
extension DispatchLoop {
  /// Records written to one ring in one turn.
  private static let recordsPerTurn = 4096
  /// A result of more records than this waits for its lane's turn.
  private static let recordsWrittenAtOnce = 16

  /// Writes what fits to every ring with a backlog and wakes the clients that sleep.
  mutating func publishResults() {
    for group in 0..<lanes.groups {
      var backlogged = lanes.backlogged[group: group]
      while backlogged != 0 {
        publishResults(to: group << 6 | backlogged.trailingZeroBitCount)
        backlogged &= backlogged &- 1
      }
    }
  }

  private mutating func publishResults(to index: Int) {
    let lane = lanes[index]
    guard let results = lane.pointee.results else { return lanes.backlogged.remove(index) }
    if lane.pointee.refusal != nil { tellRefusal(index) }
    publishOutbox(results)
    flush(index)
    if !results.pointee.hasBacklog, lane.pointee.refusal == nil { lanes.backlogged.remove(index) }
  }

  /// Counts a result and sends it to those it is for: at once where nothing waits before it and there is room, else by
  /// way of the log and the lane's outbox.
  mutating func account(for result: DispatchResult, origin: Int?, record: UInt64) {
    count(result)
    var numbered: Outbox.Entry?
    // A peer of the dispatcher before may still come back for it.
    if journal.isKept { numbered = enterIntoLog(.result(result), record: record, isForOrigin: origin != nil) }
    if let origin { deliver(.result(result), to: origin, record: record, &numbered) }
    guard !lanes.subscribed.isEmpty else { return }
    let concerns = result.concerns
    var next = lanes.subscribed.first(from: 0)
    while let lane = next {
      if lane != origin, let results = lanes[lane].pointee.results, results.pointee.subscription & concerns != 0 {
        deliver(.result(result), to: lane, record: record, &numbered)
      }
      next = lanes.subscribed.first(from: lane + 1)
    }
  }

  /// - Parameter numbered: the result's place in the log, where it is put when the first lane cannot have it at once.
  mutating func deliver(
    _ result: LoggedResult, to lane: Int, record: UInt64, _ numbered: inout Outbox.Entry?
  ) {
    guard let results = lanes[lane].pointee.results else { return }
    lanes.backlogged.insert(lane)
    var written = 0
    let records = result.recordCount
    if results.pointee.outbox.isEmpty, records <= Self.recordsWrittenAtOnce, record <= journal.tellable {
      while written < records, publish(result, record: written, results) { written += 1 }
      guard written < records else {
        counters[.resultsPublished].increment()
        return
      }
    }
    let entry = numbered ?? enterIntoLog(result, record: record, isForOrigin: true)
    numbered = entry
    results.pointee.outbox.append(entry)
    if written > 0 { results.pointee.outbox.nextRecord = written }
  }

  mutating func enterIntoLog(_ result: LoggedResult, record: UInt64, isForOrigin: Bool) -> Outbox.Entry {
    let transaction = result.transaction ?? state.transactionLog.lastNumber
    let number = log.append(result, record: record, transaction: transaction, isForOrigin: isForOrigin)
    return Outbox.Entry(number: number, record: record, transaction: transaction)
  }

  private mutating func publishOutbox(_ results: UnsafeMutablePointer<ResultLane>) {
    var budget = Self.recordsPerTurn
    while budget > 0 {
      if results.pointee.outbox.lost != nil, !tellLoss(results) { return }
      guard let front = results.pointee.outbox.front, front.record <= journal.tellable else { return }
      guard let result = log[front.number]?.content else {
        results.pointee.outbox.loseFront()
        continue
      }
      let records = result.recordCount
      while budget > 0, results.pointee.outbox.nextRecord < records {
        pass(.publishingResult)
        guard publish(result, record: results.pointee.outbox.nextRecord, results) else { return }
        results.pointee.outbox.nextRecord += 1
        budget -= 1
      }
      guard results.pointee.outbox.nextRecord == records else { return }
      results.pointee.outbox.removeFront()
      counters[.resultsPublished].increment()
      pass(.publishedResult)
    }
  }

  /// - Returns: false when the ring is full.
  private mutating func publish(
    _ result: LoggedResult, record index: Int, _ results: UnsafeMutablePointer<ResultLane>
  ) -> Bool {
    do {
      let record =
        switch result {
        case .result(let result): try encoder.encode(result, record: index, promise: journal.promise)
        case .refusal(let id, let reason, let detail):
          try rowWriter.encodeRefusal(of: id, reason: reason, detail: detail)
        }
      guard try results.pointee.producer.tryPublish(record) != nil else {
        counters[.resultRingFull].increment()
        return false
      }
    } catch {
      // Attaching bounds the ring from below so that every record fits; names and errors are bounded where they enter.
      preconditionFailure("a result does not fit a result ring: \(error)")
    }
    results.pointee.needsFlush = true
    return true
  }

  /// - Returns: false when the ring has no room even for that.
  private mutating func tellLoss(_ results: UnsafeMutablePointer<ResultLane>) -> Bool {
    guard let lost = results.pointee.outbox.lost else { return true }
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_OVERRUN)
    head.slots = 1
    head.subject = lost.lowerBound
    head.object = lost.upperBound
    guard results.pointee.producer.tryPublish(head) != nil else { return false }
    results.pointee.outbox.lossTold()
    results.pointee.overruns += 1
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
