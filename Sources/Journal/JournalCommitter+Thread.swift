import Platform

extension JournalCommitter {
  /// How long a committer that waits for space sleeps before it tries again, in microseconds.
  private static let spaceRetryUs: Int64 = 50_000
  /// The longest sleep: a bell that was lost costs no more.
  private static let longestSleepUs: Int64 = 1_000_000

  /// Drives the committer until `shouldStop` and everything sealed is durable, or until it fails. A stop does not wait for
  /// space.
  ///
  /// - Parameters:
  ///   - spins: looks at the queue, each followed by a yield, before it sleeps.
  ///   - afterTurn: called after every turn that was not idle: to wake who waits for `durable`, to publish counters.
  ///   - shouldStop: looked at when idle and after each failure; ring `waker` when it changes.
  public mutating func run(
    spins: Int = 100, afterTurn: (Progress, JournalCounters) -> Void = { _, _ in }, until shouldStop: () -> Bool
  ) {
    var idleTurns = 0
    while true {
      let progress = turn()
      if progress != .idle { afterTurn(progress, counters) }
      switch progress {
      case .committed: idleTurns = 0
      case .idle:
        if shouldStop(), queue.sealed == queue.consumed { return }
        idleTurns += 1
        if idleTurns <= spins { Machine.yield() } else { sleep() }
      case .waitingForSpace:
        if shouldStop() { return }
        _ = Poll.readable(bell.descriptor.raw, timeoutUs: Self.spaceRetryUs)
        bell.answer()
      case .failed: return
      }
    }
  }

  /// Rings where the committer sleeps, for whoever changes what `shouldStop` tells. From any thread.
  public func waker() throws -> Doorbell {
    try bell.duplicate()
  }

  /// Sleeps until something is sealed.
  private func sleep() {
    queue.announcePark()
    if queue.sealed == queue.consumed {
      _ = Poll.readable(bell.descriptor.raw, timeoutUs: Self.longestSleepUs)
    }
    queue.unpark()
    bell.answer()
  }
}
