import CRingmaster
import Controller
import EventCodec
import EventModel
import EventRing

/// Queries are answered a slice at a time, each reader in its turn: none holds up the dispatcher, nor another reader.
extension DispatchLoop {
  private enum Progress {
    case done
    /// The client's ring is full, or the journal is not as far.
    case waiting
    case outOfLooks
  }

  /// Answers what the budget of a turn allows.
  ///
  /// - Returns: whether more could have been answered at once.
  mutating func answerQueries() -> Bool {
    guard !delivery.backlogged.isEmpty else { return false }
    var looks = QueryDesk.looksPerTurn
    // Lanes in a row that had nothing to go on with.
    var idle = 0
    let count = delivery.backlogged.count
    var next = delivery.backlogged.firstInRound(from: desk.nextLane)
    while let lane = next, idle < count, looks > 0 {
      // A whole one for the last too: the shortest would always fall to the same reader.
      var slice = QueryDesk.looksPerSlice
      idle = answerQueries(of: lane, &slice) ? 0 : idle + 1
      looks -= QueryDesk.looksPerSlice - slice
      next = delivery.backlogged.firstInRound(from: lane + 1)
    }
    desk.endTurn(before: next)
    return looks <= 0
  }

  /// - Returns: whether it stopped for want of looks.
  private mutating func answerQueries(of index: Int, _ looks: inout Int) -> Bool {
    guard let results = lanes[index].pointee.results else { return false }
    let isWorker = lanes[index].pointee.workerName != nil
    var goesOn = false
    if isWorker, tellKnownWorkers(results, &looks) { lanes.wake(index) }
    while !results.pointee.queries.isEmpty, !goesOn {
      // Results come first: the rows then tell of a state that the client has been told of.
      guard results.pointee.outbox.isEmpty || results.pointee.holdsRows else { break }
      if isWorker { holdPages(results, &looks) }
      guard results.pointee.queries[0].record <= delivery.tellable else { break }
      switch answer(&results.pointee.queries[0], results, &looks) {
      case .done:
        results.pointee.queries.removeFirst()
        results.pointee.holdsRows = results.pointee.queries.first?.page != nil
        lanes.wake(index)
        goesOn = looks <= 0 && !results.pointee.queries.isEmpty
      case .waiting:
        lanes[index].pointee.flush()
        return false
      case .outOfLooks: goesOn = true
      }
    }
    lanes[index].pointee.flush()
    return goesOn
  }

  /// The row of a registered worker renews its lease. It does not wait for the journal: after a crash the next dispatcher gives
  /// every worker its whole time again.
  ///
  /// - Returns: whether there was one.
  private mutating func tellKnownWorkers(_ results: UnsafeMutablePointer<ResultLane>, _ looks: inout Int) -> Bool {
    let before = results.pointee.queries.count
    var index = 0
    while index < results.pointee.queries.count {
      var query = results.pointee.queries[index]
      guard query.page == nil, query.entity == QueryEntity.workers.rawValue, query.worker != nil,
        results.pointee.producer.hasRoom(2)
      else {
        index += 1
        continue
      }
      let page = page(of: query, &looks)
      guard page.isOfWorker else {
        index += 1
        continue
      }
      query.page = page
      if case .done = writePage(of: &query, to: results, &looks) {
        results.pointee.queries.remove(at: index)
      } else {
        results.pointee.queries[index] = query
        index += 1
      }
    }
    return results.pointee.queries.count != before
  }

  private mutating func answer(
    _ query: inout PendingQuery, _ results: UnsafeMutablePointer<ResultLane>, _ looks: inout Int
  ) -> Progress {
    guard prepare(&query, &looks) else { return .outOfLooks }
    if query.page != nil { return writePage(of: &query, to: results, &looks) }
    while query.rowsLeft > 0 {
      guard looks > 0 else { return .outOfLooks }
      guard results.pointee.producer.hasRoom(1) else { return .waiting }
      switch nextRow(query, &looks) {
      case .end: (query.cursor, query.rowsLeft) = (.max, 0)
      case .gap(let next): query.cursor = next
      case .row(let row, let next):
        guard desk.write(row, of: &query, next: next, to: results, &looks) else { return .waiting }
      }
    }
    return desk.finish(query, isAtEnd: isAtEnd(query), to: results) ? .done : .waiting
  }

  /// A worker starts and stops programs by its rows: they contain nothing that a crash could undo, and later results come behind
  /// them. The rows of all its queries are read at one moment, and wait for the journal together.
  private mutating func holdPages(_ results: UnsafeMutablePointer<ResultLane>, _ looks: inout Int) {
    for index in results.pointee.queries.indices {
      guard results.pointee.queries[index].page == nil else { continue }
      guard results.pointee.queries[index].isAboutOne, looks > 0, prepare(&results.pointee.queries[index], &looks)
      else { return }
      results.pointee.queries[index].page = page(of: results.pointee.queries[index], &looks)
      if journal.isKept { results.pointee.queries[index].record = journal.lastRecord }
      results.pointee.holdsRows = true
    }
  }

  private func page(of query: PendingQuery, _ looks: inout Int) -> PendingQuery.Page {
    var rest = query
    var rows: [(row: Row, next: UInt64)] = []
    var looksLeft = QueryDesk.looksPerTurn
    reading: while rest.rowsLeft > 0, looksLeft > 0 {
      switch nextRow(rest, &looksLeft) {
      case .end:
        rest.cursor = .max
        break reading
      case .gap(let next): rest.cursor = next
      case .row(let row, let next):
        rows.append((row, next))
        (rest.cursor, rest.rowsLeft) = (next, rest.rowsLeft - 1)
      }
    }
    looks -= QueryDesk.looksPerTurn - looksLeft + rows.count * QueryDesk.looksPerRow
    return PendingQuery.Page(rows: rows[...], isLast: isAtEnd(rest))
  }

  private mutating func writePage(
    of query: inout PendingQuery, to results: UnsafeMutablePointer<ResultLane>, _ looks: inout Int
  ) -> Progress {
    while let (row, next) = query.page?.rows.first {
      guard results.pointee.producer.hasRoom(1), desk.write(row, of: &query, next: next, to: results, &looks) else {
        return .waiting
      }
      query.page?.rows.removeFirst()
    }
    return desk.finish(query, isAtEnd: query.page?.isLast ?? true, to: results) ? .done : .waiting
  }
}
