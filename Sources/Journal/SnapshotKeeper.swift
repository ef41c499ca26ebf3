import Controller

/// Sees to it that a journal never gets far ahead of its newest snapshot, when no archive does: leads a replica of its own
/// from the newest snapshot to the end, in small slices, writes what it has come to, and gives the memory back.
///
/// Reads the files alone, beside the writer, so it delays neither commits nor the dispatcher. Driven by one thread, with
/// blocking calls.
public struct SnapshotKeeper: ~Copyable {
  /// When a snapshot is due: both amounts must be reached.
  public struct Policy: Sendable, Hashable {
    /// Bytes of commits behind the newest snapshot ...
    public var minimumBytes: UInt64 = 64 << 20
    /// ... and as many times its size, so that snapshots of a large state come seldom.
    public var sizeFactor: UInt64 = 4
    /// An archive writes them more often than that.
    public var minimumAgeMs: UInt64 = 5 * 60_000
    /// Between two looks, and before what failed is tried again.
    public var intervalMs: UInt64 = 30_000
    /// Commits that a turn applies at most.
    public var sliceCommits = 32

    public init() {}
  }

  /// What a turn came to.
  public enum Progress: Sendable, Hashable {
    /// Nothing to do before the next look.
    case idle
    /// There is more to do.
    case working
    /// A snapshot was written.
    case wrote(commit: UInt64, bytes: Int, removedSegments: Int)
  }

  private struct Work: ~Copyable {
    var replica: JournalReplica
    var scan: JournalScan
    /// Commits still to be applied, so that it ends while the writer goes on.
    var left: UInt64
  }

  private let folder: String
  private let configuration: ControllerConfiguration
  private let policy: Policy
  private let retention: JournalRetention?
  private let calls: JournalFileCalls
  private var work: Work?
  private var nextLookNs: UInt64 = 0
  /// The newest snapshot as last seen, and when it was seen first.
  private var newestCommit: UInt64 = 0
  private var newestSinceNs: UInt64

  /// - Parameters:
  ///   - configuration: of the state machine until the journal says another.
  ///   - retention: what is let go of the journal behind two snapshots; nil keeps it all.
  ///   - calls: how to reach the disk and the clocks.
  public init(
    folder: String, configuration: ControllerConfiguration, policy: Policy = Policy(),
    retention: JournalRetention? = nil, calls: JournalFileCalls = .system
  ) {
    self.folder = folder
    self.configuration = configuration
    self.policy = policy
    self.retention = retention
    self.calls = calls
    newestSinceNs = calls.monotonicNs()
  }

  /// Looks whether a snapshot is due, or does a slice of the work.
  ///
  /// - Throws: `JournalError`: the journal cannot be read, or the snapshot not be written. The work begins anew at a later
  ///   turn.
  public mutating func turn() throws -> Progress {
    guard var work = work.take() else { return try look() }
    for _ in 0..<policy.sliceCommits {
      guard work.left > 0, let commit = try work.scan.next() else { return try finish(work) }
      try work.replica.apply(commit, isSalvaged: { try work.scan.isSalvaged(behind: $0) }) { _ in }
      work.left -= 1
    }
    self.work = consume work
    return .working
  }

  /// Writes the snapshot of a stop: of the journal's end, once its writer has ended. The next recovery would read as much.
  ///
  /// - Throws: `JournalError`: nothing depends on it.
  public static func writeStop(
    folder: String, configuration: ControllerConfiguration, calls: JournalFileCalls = .system
  ) throws {
    let replica = try JournalReplica.replaying(
      folder: folder, configuration: configuration, until: nil, calls: calls)
    let journal = try JournalReader.journal(folder: folder, calls: calls)
    try SnapshotStore.writeStop(
      replica.snapshot(journal: journal, createdMs: calls.wallMs()), folder: folder, calls: calls)
  }

  private mutating func look() throws -> Progress {
    let nowNs = calls.monotonicNs()
    guard nowNs >= nextLookNs else { return .idle }
    nextLookNs = nowNs + policy.intervalMs * 1_000_000
    guard let oldest = try JournalReader.oldestPosition(folder: folder, calls: calls) else { return .idle }
    let newest = try SnapshotStore.newestSummary(folder: folder, calls: calls)
    if let commit = newest?.position.commit, commit != newestCommit {
      newestCommit = commit
      newestSinceNs = nowNs
    }
    let ageMs = (nowNs - newestSinceNs) / 1_000_000
    let writtenMsAgo = calls.wallMs() - (newest?.createdMs ?? 0)
    guard ageMs >= policy.minimumAgeMs || writtenMsAgo >= Int64(policy.minimumAgeMs) else { return .idle }
    let backlog = try JournalBacklog.measure(folder: folder, from: newest?.position ?? oldest, calls: calls)
    let wanted = max(policy.minimumBytes, policy.sizeFactor * UInt64(newest?.bytes ?? 0))
    guard backlog.bytes >= wanted else { return .idle }
    // Any transaction is before the end.
    let beginning = try JournalScan.beginning(folder: folder, before: .transaction(.max), calls: calls)
    work = Work(
      replica: try JournalReplica(from: beginning.snapshot, configuration: configuration),
      scan: try JournalScan.open(folder: folder, at: beginning.position, calls: calls),
      left: backlog.isAtLeast ? .max : backlog.commits)
    return .working
  }

  private mutating func finish(_ work: consuming Work) throws -> Progress {
    let position = work.replica.position
    guard position.commit > newestCommit else { return .idle }
    // What was read may be in the page cache only, and a snapshot must not be ahead of the medium.
    try work.scan.sync()
    let bytes = try SnapshotStore.write(
      work.replica.snapshot(journal: work.scan.journal, createdMs: calls.wallMs()), folder: folder, calls: calls)
    let removed = try retention?.apply(folder: folder, nowMs: calls.wallMs(), calls: calls).segments.count ?? 0
    return .wrote(commit: position.commit, bytes: bytes, removedSegments: removed)
  }
}
