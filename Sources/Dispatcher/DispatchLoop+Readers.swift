import CRingmaster

/// What happens to a peer that does not read its answers: at first its events wait, then its oldest answers are given up.
extension DispatchLoop {
  /// A peer that has read nothing for so long has stopped reading.
  private static let stoppedReadingNs: UInt64 = 1_000_000_000

  /// Must a peer read some of its answers before it gets another?
  mutating func mustReadFirst(_ head: rm_event_head, lane index: Int) -> Bool {
    lanes.waitingForReader.remove(index)
    guard let results = lanes[index].pointee.results, results.pointee.outbox.isFullOfAnswers,
      UInt32(head.flags) & RM_FLAG_WANTS_RESULT != 0 || UInt32(head.kind) == RM_KIND_RETRY_LETTER,
      !lanes[index].pointee.isLeaving, !isShuttingDown
    else { return false }
    if results.pointee.fullSinceNs == nil { results.pointee.fullSinceNs = nowNs }
    guard !hasStoppedReading(results) else { return false }
    lanes.waitingForReader.insert(index)
    return true
  }

  /// Has a peer whose answers are too many to wait with stopped reading them, or is it too slow? No deadline is judged while
  /// events wait in a ring, so they do not wait longer than a share of what a worker may be silent.
  func hasStoppedReading(_ results: UnsafeMutablePointer<ResultLane>) -> Bool {
    guard let sinceNs = results.pointee.fullSinceNs else { return false }
    if results.pointee.outbox.answerBytes < results.pointee.outbox.limitBytes / 2 {
      results.pointee.fullSinceNs = nil
      return false
    }
    let longestNs = UInt64(clamping: state.configuration.workerTimeoutMs / 4) &* 1_000_000
    return nowNs &- max(sinceNs, results.pointee.progressNs) >= Self.stoppedReadingNs || nowNs &- sinceNs >= longestNs
  }
}
