import CRingmaster
import EventCodec
import EventModel
import EventRing

/// Results back out: from the log to each client's ring, as fast as that client reads and no faster.
extension DispatchLoop {
  /// Records written to one ring in one turn.
  private static let recordsPerTurn = 4096
  static let maximumRowsPerQuery = 1024

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
    publishOutbox(results)
    if results.pointee.outbox.isEmpty { answerQueries(results) }
    if results.pointee.needsFlush {
      results.pointee.needsFlush = false
      if results.pointee.producer.consumerIsParked() { lane.pointee.ringBell() }
    }
    if !results.pointee.hasBacklog { lanes.backlogged.remove(index) }
  }

  private mutating func publishOutbox(_ results: UnsafeMutablePointer<ResultLane>) {
    var budget = Self.recordsPerTurn
    while budget > 0 {
      if results.pointee.outbox.lost != nil, !tellLoss(results) { return }
      guard let front = results.pointee.outbox.front else { return }
      guard let result = log[front.number] else {
        results.pointee.outbox.loseFront()
        continue
      }
      let records = ResultEncoder.recordCount(of: result)
      while budget > 0, results.pointee.outbox.nextRecord < records {
        guard publishRecord(of: result, results) else { return }
        budget -= 1
      }
      guard results.pointee.outbox.nextRecord == records else { return }
      results.pointee.outbox.removeFront()
      counters[.resultsPublished].increment()
    }
  }

  /// - Returns: false when the ring is full.
  private mutating func publishRecord(of result: DispatchResult, _ results: UnsafeMutablePointer<ResultLane>) -> Bool {
    do {
      let record = try encoder.encode(result, record: results.pointee.outbox.nextRecord)
      guard try results.pointee.producer.tryPublish(record) != nil else {
        counters[.resultRingFull].increment()
        return false
      }
    } catch {
      // Attaching bounds the ring from below so that every record fits; names and errors are bounded where they enter.
      preconditionFailure("a result does not fit a result ring: \(error)")
    }
    results.pointee.needsFlush = true
    results.pointee.outbox.nextRecord += 1
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

  private mutating func answerQueries(_ results: UnsafeMutablePointer<ResultLane>) {
    while var query = results.pointee.queries.first {
      while query.rowsLeft > 0, let (row, next) = nextRow(query) {
        guard let record = try? rowWriter.encode(row, request: query.request) else {
          preconditionFailure("a row does not fit a record")
        }
        guard (try? results.pointee.producer.tryPublish(record)) != nil else {
          results.pointee.queries[0] = query
          return
        }
        results.pointee.needsFlush = true
        query.cursor = next
        query.rowsLeft -= 1
      }
      guard finish(query, results) else {
        results.pointee.queries[0] = query
        return
      }
      results.pointee.queries.removeFirst()
    }
  }

  private mutating func finish(_ query: PendingQuery, _ results: UnsafeMutablePointer<ResultLane>) -> Bool {
    var head = rm_result_head()
    head.kind = UInt8(RM_KIND_QUERY_DONE)
    head.slots = 1
    head.number = query.request
    head.object = nextRow(query) == nil ? .max : query.cursor
    guard results.pointee.producer.tryPublish(head) != nil else { return false }
    results.pointee.needsFlush = true
    return true
  }
}
