import CRingmaster

/// What happens to a peer that does not read its answers: at first its events wait, then its oldest answers are given up.
extension DispatchLoop {
  /// A peer that has read nothing for so long has stopped reading.
  private static let stoppedReadingNs: UInt64 = 1_000_000_000

  /// Must a peer read some of its answers before it gets another? One that has not come back yet must come back first.
  mutating func mustReadFirst(_ head: rm_event_head, lane index: Int) -> Bool {
    lanes.waitingForReader.remove(index)
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
        mustWait(for: &results.pointee.outbox, progressNs: results.pointee.progressNs)
      } else {
        mustWait(for: &lane.pointee.answersWhileAway!, progressNs: 0)
      }
    if waits { lanes.waitingForReader.insert(index) }
    return waits
  }

  private func mustWait(for outbox: inout Outbox, progressNs: UInt64) -> Bool {
    guard mayTellFront(of: outbox) else {
      // It waits for the disk, and so does the reader.
      outbox.fullSinceNs = nil
      return true
    }
    if outbox.fullSinceNs == nil { outbox.fullSinceNs = clock.nowNs }
    return !hasStoppedReading(&outbox, progressNs: progressNs)
  }

  /// Has a peer whose answers are too many to wait with stopped reading them, or is it too slow? No deadline is judged while
  /// events wait in a ring, so they do not wait longer than a share of what a worker may be silent.
  func hasStoppedReading(_ outbox: inout Outbox, progressNs: UInt64) -> Bool {
    guard let sinceNs = outbox.fullSinceNs else { return false }
    if outbox.answerBytes < outbox.limitBytes / 2 {
      outbox.fullSinceNs = nil
      return false
    }
    // While the dispatcher did not run, there was nothing to read.
    let fromNs = max(sinceNs, clock.stalledUntilNs)
    let longestNs = UInt64(clamping: state.configuration.workerTimeoutMs / 4) &* 1_000_000
    return clock.nowNs &- max(fromNs, progressNs) >= Self.stoppedReadingNs || clock.nowNs &- fromNs >= longestNs
  }

  private func mayTellFront(of outbox: Outbox) -> Bool {
    switch outbox.front {
    case nil: true
    case .result(let result): result.record <= journal.tellable
    case .lost(_, let record): record <= journal.tellable
    }
  }
}
