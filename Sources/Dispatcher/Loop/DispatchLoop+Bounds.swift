import Controller
import EventModel
import EventRing

/// More is held of something than may be: the memory that a dispatcher takes for others does not depend on what they do.
package struct ExceededBound: Hashable, CustomStringConvertible {
  /// Of what is held.
  package let name: String
  package let limit: Int
  package let value: Int

  package var description: String { "\(name): \(value), and \(limit) is the limit" }
}

extension DispatchLoop {
  /// The first of the bounds that does not hold between two turns; nil when all do. Makes no system call and allocates
  /// nothing: a simulation looks after each turn.
  func exceededBound() -> ExceededBound? {
    for lane in lanes.occupied.members {
      if let exceeded = exceededBound(of: lanes[lane]) { return exceeded }
    }
    return exceededBoundOfResults() ?? exceededBoundOfDecisions() ?? exceededBoundOfLetters()
      ?? exceededBoundOfJournal()
  }

  private func exceededBound(of lane: UnsafeMutablePointer<PeerLane>) -> ExceededBound? {
    if let exceeded = lane.pointee.answersWhileAway.flatMap({ Self.exceededBound(of: $0) }) { return exceeded }
    guard let results = lane.pointee.results else { return nil }
    if let exceeded = Self.exceededBound(of: results.pointee.outbox) { return exceeded }
    let rows = results.pointee.queries.first?.preparedRows?.count ?? 0
    return bound("queries of a peer", PendingQuery.limitPerPeer, results.pointee.queries.count)
      ?? bound("rows of an explanation", Self.explanationRows, rows)
  }

  /// One of the whole, one of what is there now, attempts, and steps.
  private static var explanationRows: Int {
    2 + ControllerLimits.explanationAttempts + ControllerLimits.explanationSteps
  }

  private static func exceededBound(of outbox: Outbox) -> ExceededBound? {
    bound("bytes of a peer's answers", outbox.limitBytes + outbox.resentBytes, outbox.answerBytesBeforeNewest)
      ?? bound("bytes of results that a peer subscribed to", outbox.limitBytes, outbox.otherBytesBeforeNewest)
      // One before each, and one behind the last; what is given up from the front on may stand before another.
      ?? bound("losses not reported to their peer yet", outbox.resultCount + 2, outbox.lossCount)
  }

  private func exceededBoundOfResults() -> ExceededBound? {
    bound(
      "bytes of results that wait for the journal", ResultLog.untoldBytesLimit, delivery.log.untoldBytesBeforeNewest)
      ?? bound("results kept", delivery.log.capacity, delivery.log.keptCount)
      ?? bound("bytes of results kept", ResultLog.keptBytesLimit, delivery.log.bytes - delivery.log.untoldBytes)
  }

  private func exceededBoundOfDecisions() -> ExceededBound? {
    let placements = max(configuration.placementsPerTurn, Limits.replicas.upperBound)
    let decided = max(LivenessWatch.slotsPerTurn + LivenessWatch.deadlinesPerTurn, state.workerSlots, placements)
    let transactions = state.transactionLog
    return bound("events decided", decided, own.count)
      ?? bound("placements proposed", placements, state.proposedPlacements)
      ?? bound("transactions kept", transactions.capacity, transactions.count)
      ?? bound("actions kept", transactions.actionCapacity, transactions.count > 1 ? transactions.actionCount : 0)
  }

  private func exceededBoundOfLetters() -> ExceededBound? {
    let (limits, share) = (letters.store.limits, letters.store.largestShare)
    return bound("dead letters", limits.letters, letters.store.count)
      ?? bound("bytes of dead letters", limits.bytes, letters.store.count > 1 ? letters.store.bytes : 0)
      ?? bound("dead letters of a peer", limits.lettersPerPeer, share.letters)
      ?? bound("bytes of a peer's dead letters", limits.bytesPerPeer, share.bytes)
  }

  private func exceededBoundOfJournal() -> ExceededBound? {
    bound("bytes that wait for the disk", journal.queueBytes, journal.backlogBytes)
      ?? bound("peers", AttentionBoard.lanes, lanes.count)
      ?? bound("peers to be journaled", lanes.count, journal.waitingPeers.entering)
      ?? bound("peers whose attachment is to be durable", lanes.count, journal.waitingPeers.admitted)
      ?? bound("carriers", Int(UInt16.max) + 1, liveness.carriers.count)
  }

  private func bound(_ name: String, _ limit: Int, _ value: Int) -> ExceededBound? {
    Self.bound(name, limit, value)
  }

  @inline(__always)
  private static func bound(_ name: String, _ limit: Int, _ value: Int) -> ExceededBound? {
    value > limit ? ExceededBound(name: name, limit: limit, value: value) : nil
  }
}
