/// When the next snapshot is due.
struct SnapshotSchedule {
  private let intervalMs: Int64
  private let bytes: Int
  private var newestCommit: UInt64
  private var newestMs: Int64
  private var bytesSince = 0
  /// Of the newest snapshot that this archive wrote.
  private var newestBytes = 0
  /// A try that failed for want of space is not repeated before.
  private var notBeforeMs: Int64 = .min
  private var awaitsEnd = false

  private static let retryMs: Int64 = 5000

  /// - Parameters:
  ///   - newestCommit: of the newest snapshot there is; 0 when there is none.
  ///   - newestMs: when that was written.
  init(_ configuration: ArchiveConfiguration, newestCommit: UInt64, newestMs: Int64) {
    intervalMs = configuration.snapshotIntervalMs
    bytes = configuration.snapshotBytes
    self.newestCommit = newestCommit
    self.newestMs = newestMs
  }

  mutating func count(bytes: Int) {
    bytesSince += bytes
  }

  /// A part of the journal is lost: up to the present end, commits tell of another state than the one they are applied to,
  /// so the next snapshot is due there, and none before.
  mutating func awaitEnd() {
    awaitsEnd = true
  }

  /// Should one be taken?
  func isDue(commit: UInt64, isUpToDate: Bool, nowMs: Int64) -> Bool {
    guard commit > newestCommit else { return false }
    if awaitsEnd { return isUpToDate }
    // Those of a large state come as seldom as they are large: they double at most what is written to the disk.
    return bytesSince >= max(bytes, newestBytes)
      || nowMs.subtractingReportingOverflow(newestMs).partialValue >= intervalMs
  }

  /// May one that was taken be written?
  ///
  /// - Parameters:
  ///   - transactionsSince: that came behind it.
  ///   - delay: how many have to, unless it stands for a part of the journal that is lost.
  func mayBeWritten(transactionsSince: UInt64, delay: UInt64, nowMs: Int64) -> Bool {
    nowMs >= notBeforeMs && (awaitsEnd || transactionsSince >= delay)
  }

  mutating func noteTaken(commit: UInt64, nowMs: Int64) {
    newestCommit = commit
    newestMs = nowMs
    bytesSince = 0
  }

  mutating func noteWritten(bytes: Int) {
    newestBytes = bytes
    awaitsEnd = false
  }

  mutating func noteFailed(nowMs: Int64) {
    notBeforeMs = nowMs + Self.retryMs
  }
}
