/// What peers that come back after a restart have missed.
extension ResultDelivery {
  /// Keeps an answer for a peer that has not come back: what its own event causes meanwhile may push it out of the log.
  func keepWhileAway(
    _ result: LoggedResult, for lane: UnsafeMutablePointer<PeerLane>, _ place: Place, _ stored: inout StoredResult?,
    at clock: borrowing TurnClock
  ) {
    guard isKept, lane.pointee.peer.facts.resultCapacity > 0, !lane.pointee.isLeaving else { return }
    let answer = waiting(result, place, &stored)
    if lane.pointee.answersWhileAway == nil { lane.pointee.answersWhileAway = Outbox(limitBytes: limits.backlogBytes) }
    let givesUpOldest = noteReading(&lane.pointee.answersWhileAway!, progressNs: 0, at: clock)
    lane.pointee.answersWhileAway?.append(answer: answer, givesUpOldest: givesUpOldest)
  }

  /// Puts the results that a peer which is back has not had into its outbox.
  ///
  /// - Returns: how many were looked at.
  mutating func resend(
    after transaction: UInt64, to lane: Int, lastTransaction: UInt64, _ lanes: borrowing LaneTable
  ) -> Int {
    var kept = lanes[lane].pointee.answersWhileAway
    lanes[lane].pointee.answersWhileAway = nil
    guard let results = lanes[lane].pointee.results else { return 0 }
    let peer = lanes[lane].pointee.id
    let oldest =
      log[log.firstNumber].map { $0.content.transaction ?? $0.transaction &+ 1 } ?? lastTransaction + 1
    // Of what the log has not: all that it subscribed to, and what was answered before the snapshot.
    let before = lanes[lane].pointee.lastResultBefore
    let lostUpTo = results.pointee.subscription != 0 ? .max : before.asOf &+ 1
    var next = transaction &+ 1
    func lose(before end: UInt64) {
      let end = min(end, lostUpTo)
      guard next < end else { return }
      results.pointee.outbox.lose(transactions: next...end - 1, record: 0)
      next = end
    }
    if !before.isOfTransaction, before.asOf == transaction, transaction < oldest {
      // Nobody knows whether it has had that answer.
      results.pointee.outbox.lose(transactions: transaction...transaction, record: 0)
    }
    // One without a transaction of its own stands behind that of the newest one.
    func pass(_ result: StoredResult) {
      lose(before: result.content.transaction ?? result.transaction &+ 1)
      next = max(next, result.transaction &+ 1)
    }
    func isNew(_ result: StoredResult) -> Bool {
      result.transaction > transaction || result.content.transaction == nil && result.transaction == transaction
    }
    while let item = kept?.front {
      kept?.removeFront()
      switch item {
      case .lost(let transactions, let record):
        let last = min(transactions.upperBound, oldest - 1)
        // Answers without transactions behind the one that it knows may be among them.
        let first = max(transactions.lowerBound, next == transaction &+ 1 ? transaction : next)
        guard first <= last else { continue }
        lose(before: transactions.lowerBound)
        results.pointee.outbox.lose(transactions: first...last, record: record)
        next = max(next, last &+ 1)
      case .result(let answer):
        guard answer.number < log.firstNumber, isNew(answer) else { continue }
        pass(answer)
        results.pointee.outbox.append(resent: answer)
      }
    }
    lose(before: oldest)
    var number = log.firstNumber
    while let stored = log[number] {
      number += 1
      guard isNew(stored) else { continue }
      // A salvage leaves out the numbers of what it lost.
      pass(stored)
      if stored.isForOrigin, stored.content.origin.peer == peer {
        results.pointee.outbox.append(resent: stored)
      } else if stored.content.concerns(results.pointee.subscription, of: lanes[lane].pointee.workerName) {
        results.pointee.outbox.append(other: stored)
      }
    }
    lose(before: lastTransaction &+ 1)
    if !results.pointee.outbox.isEmpty { noteBacklog(lane) }
    return Int(log.nextNumber - log.firstNumber)
  }
}
