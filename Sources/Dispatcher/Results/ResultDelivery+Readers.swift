import CRingmaster

/// What happens to a peer that does not read its answers: at first its events wait, then its oldest answers are given up.
extension ResultDelivery {
  /// A peer that has read nothing for so long has stopped reading.
  private static let stoppedReadingNs: UInt64 = 1_000_000_000

  /// Holds a record back until its peer has read some of its answers, if it must before it gets another. One that has not come
  /// back yet must come back first.
  ///
  /// - Returns: whether the record has to wait.
  func holdForReader(
    _ head: rm_event_head, lane index: Int, _ lanes: inout LaneTable, at clock: borrowing TurnClock
  ) -> Bool {
    lanes.setWaitingForReader(index, false)
    guard UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0 || UInt32(head.kind) == RM_KIND_RETRY_LETTER else {
      return false
    }
    let lane = lanes[index]
    let isFull =
      lane.pointee.results.map { $0.pointee.outbox.isFullOfAnswers }
      ?? lane.pointee.answersWhileAway?.isFullOfAnswers ?? false
    guard isFull, !lane.pointee.isLeaving else { return false }
    let waits =
      if let results = lane.pointee.results {
        noteFull(&results.pointee.outbox, progressNs: results.pointee.progressNs, at: clock)
      } else {
        noteFull(&lane.pointee.answersWhileAway!, progressNs: 0, at: clock)
      }
    lanes.setWaitingForReader(index, waits)
    return waits
  }

  /// Notes that there are as many answers as may wait.
  ///
  /// - Returns: whether their reader is waited for.
  private func noteFull(_ outbox: inout Outbox, progressNs: UInt64, at clock: borrowing TurnClock) -> Bool {
    guard mayTellFront(of: outbox) else {
      // It waits for the disk, and so does the reader.
      outbox.fullSinceNs = nil
      return true
    }
    if outbox.fullSinceNs == nil { outbox.fullSinceNs = clock.nowNs }
    return !noteReading(&outbox, progressNs: progressNs, at: clock)
  }

  /// Notes how a peer reads whose answers were too many to wait with.
  ///
  /// - Returns: whether it has stopped, or is too slow.
  func noteReading(_ outbox: inout Outbox, progressNs: UInt64, at clock: borrowing TurnClock) -> Bool {
    guard let sinceNs = outbox.fullSinceNs else { return false }
    if outbox.answerBytes < outbox.limitBytes / 2 {
      outbox.fullSinceNs = nil
      return false
    }
    // While the dispatcher did not run, there was nothing to read.
    let fromNs = max(sinceNs, clock.stalledUntilNs)
    return clock.nowNs &- max(fromNs, progressNs) >= Self.stoppedReadingNs
      || clock.nowNs &- fromNs >= limits.longestWaitNs
  }

  private func mayTellFront(of outbox: Outbox) -> Bool {
    switch outbox.front {
    case nil: true
    case .result(let result): result.record <= tellable
    case .lost(_, let record): record <= tellable
    }
  }
}
