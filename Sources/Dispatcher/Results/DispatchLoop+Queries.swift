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
    // Results come first: the rows then tell of a state that the client has been told of.
    guard let results = lanes[index].pointee.results, results.pointee.outbox.isEmpty else { return false }
    var goesOn = false
    while !results.pointee.queries.isEmpty, !goesOn {
      switch answer(&results.pointee.queries[0], results, &looks) {
      case .done:
        results.pointee.queries.removeFirst()
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

  private mutating func answer(
    _ query: inout PendingQuery, _ results: UnsafeMutablePointer<ResultLane>, _ looks: inout Int
  ) -> Progress {
    guard query.record <= delivery.tellable else { return .waiting }
    guard prepare(&query, &looks) else { return .outOfLooks }
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
}
