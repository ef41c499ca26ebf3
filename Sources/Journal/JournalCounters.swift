/// What a committer has done, in plain numbers; read by the thread that drives it.
public struct JournalCounters: Sendable, Hashable {
  public var commits: UInt64 = 0
  public var records: UInt64 = 0
  /// Of commits, with their headers and padding.
  public var bytes: UInt64 = 0
  /// Segments begun.
  public var segments: UInt64 = 0
  /// Commits that waited for space.
  public var spaceWaits: UInt64 = 0
  /// From the first byte written to the return of the sync, in nanoseconds.
  public var lastCommitNs: UInt64 = 0
  public var maximumCommitNs: UInt64 = 0
  public var totalCommitNs: UInt64 = 0
  /// Commits that took less than 2^i microseconds and no less than half of that, at index i; the last one has the rest.
  public var commitsByMicroseconds = [UInt64](repeating: 0, count: 24)

  public init() {}

  mutating func count(records: UInt64, bytes: Int, ns: UInt64) {
    commits += 1
    self.records += records
    self.bytes += UInt64(bytes)
    lastCommitNs = ns
    maximumCommitNs = max(maximumCommitNs, ns)
    totalCommitNs += ns
    let microseconds = ns / 1000
    let bits = UInt64.bitWidth - microseconds.leadingZeroBitCount
    commitsByMicroseconds[min(bits, commitsByMicroseconds.count - 1)] += 1
  }
}
