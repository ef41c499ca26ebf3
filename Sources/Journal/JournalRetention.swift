import Platform

/// How much of a journal is kept behind its snapshots.
public struct JournalRetention: Sendable, Hashable {
  /// Segments that ended longer ago than this go, in milliseconds; nil keeps them whatever their age.
  public var keepMs: Int64?
  /// When segments take more than this together, the oldest go; nil keeps them whatever their size.
  public var keepBytes: Int?
  /// Whole snapshots that are kept, the newest ones. At least one.
  public var keepSnapshots = 2

  public init(keepMs: Int64? = nil, keepBytes: Int? = nil, keepSnapshots: Int = 2) {
    precondition(keepSnapshots >= 1, "at least one snapshot is kept")
    self.keepMs = keepMs
    self.keepBytes = keepBytes
    self.keepSnapshots = keepSnapshots
  }

  /// What went.
  public struct Removed: Sendable, Hashable {
    public var segments: [String] = []
    public var snapshots: [String] = []
    public var bytes = 0
  }

  private struct Segment {
    let path: String
    let firstCommit: UInt64
    var createdMs: Int64
    var bytes: Int
  }

  /// Removes old snapshots, then old segments: only such as lie wholly before the oldest snapshot that is kept, and never the
  /// newest. Safe beside a writer and readers that have them open.
  ///
  /// - Parameter commit: who still reads has come so far: snapshots of later commits are not counted and all stay, and so
  ///   do the segments behind the oldest one that counts.
  public func apply(
    folder: String, nowMs: Int64, upTo commit: UInt64 = .max, calls: JournalFileCalls = .system
  ) throws(JournalError) -> Removed {
    var removed = Removed()
    let kept = try removeSnapshots(folder, upTo: commit, calls, &removed)
    // With fewer, damage to one of them would take what nothing else has.
    guard kept.count >= keepSnapshots, let covered = kept.first else { return removed }
    let segments = try segments(folder, calls)
    var bytes = segments.reduce(0) { $0 + $1.bytes }
    for (segment, next) in zip(segments, segments.dropFirst()) {
      // It ended when the next one was made.
      let isOld = keepMs.map { nowMs &- next.createdMs > $0 } ?? false
      let isTooMuch = keepBytes.map { bytes > $0 } ?? false
      guard next.firstCommit <= covered + 1, isOld || isTooMuch else { break }
      try remove(segment.path, calls)
      removed.segments.append(segment.path)
      removed.bytes += segment.bytes
      bytes -= segment.bytes
    }
    return removed
  }

  /// - Returns: the commits of the snapshots that stay, rising; only whole ones count.
  private func removeSnapshots(
    _ folder: String, upTo limit: UInt64, _ calls: JournalFileCalls, _ removed: inout Removed
  ) throws(JournalError) -> [UInt64] {
    var kept: [UInt64] = []
    for commit in try SnapshotStore.commits(folder: folder, calls: calls).reversed() where commit <= limit {
      if kept.count < keepSnapshots {
        // A damaged one stays to be looked at while none of the newer ones is enough.
        if SnapshotStore.isWhole(folder: folder, commit: commit, calls: calls) { kept.append(commit) }
        continue
      }
      let path = "\(folder)/\(JournalNames.snapshot(commit: commit))"
      try remove(path, calls)
      removed.snapshots.append(path)
    }
    return kept.reversed()
  }

  private func segments(_ folder: String, _ calls: JournalFileCalls) throws(JournalError) -> [Segment] {
    var segments: [Segment] = []
    for name in try calls.list(folder) {
      guard let first = JournalNames.firstCommit(ofSegment: name) else { continue }
      var segment = Segment(path: "\(folder)/\(name)", firstCommit: first, createdMs: .max, bytes: 0)
      do throws(JournalError) {
        let header = try SegmentReader.open(folder: folder, firstCommit: first, calls: calls).header
        segment.createdMs = header.createdMs
        segment.bytes = header.segmentBytes
      } catch {
        // When it began is not known then: as late as can be.
        guard case .damaged = error else { throw error }
      }
      segments.append(segment)
    }
    return segments
  }

  private func remove(_ path: String, _ calls: JournalFileCalls) throws(JournalError) {
    do { try calls.remove(path) } catch { throw .system(error.about(path)) }
  }
}
