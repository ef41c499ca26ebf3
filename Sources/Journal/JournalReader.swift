import CRingmaster
import Platform

/// Reads a journal's commits in order and checks all there is to check: checksums, numbers, the chain of hashes.
///
/// Read-only, in any process, beside a writer too. Driven by one thread.
public struct JournalReader: ~Copyable {
  /// What to make of something that is no valid commit.
  public enum Mode: Sendable {
    /// A writer may be at work: `next` returns nil and can be asked again.
    case follow
    /// No writer is at work: it is a torn commit when nothing follows, and else damage.
    case recover
    /// Like `recover`, but goes past damage and lists in `losses` what is gone.
    case salvage
  }

  public let folder: String
  public let mode: Mode
  let calls: JournalFileCalls
  /// Behind the commit that was read last.
  public private(set) var position: JournalPosition
  /// Of the journal; nil while it has no segment.
  public private(set) var journal: JournalID?
  /// What a salvage went past, in order.
  public private(set) var losses: [JournalLoss] = []
  private var segment: SegmentReader?
  /// Of the segment in which `position` lies.
  private var segmentNumber: UInt64 = 0
  private var segmentBytes = 0
  private var unreadableFiles: [String] = []
  private var found: JournalEnd?

  /// - Parameter position: where to begin: `.start`, or that of a snapshot.
  /// - Throws: `JournalError`: `.damaged` when what should be there is not.
  public static func open(
    folder: String, at position: JournalPosition = .start, mode: Mode, calls: JournalFileCalls = .system
  ) throws(JournalError) -> JournalReader {
    var reader = JournalReader(folder: folder, mode: mode, calls: calls, position: position)
    try reader.openFirstSegment()
    return reader
  }

  /// Where the oldest segment begins that is still there: `.start` until old ones were removed. Nil when there is none. Its
  /// `lastTransaction` is not known, and 0.
  public static func oldestPosition(
    folder: String, calls: JournalFileCalls = .system
  ) throws(JournalError) -> JournalPosition? {
    guard let first = try calls.list(folder).lazy.compactMap({ JournalNames.firstCommit(ofSegment: $0) }).first else {
      return nil
    }
    let header = try SegmentReader.open(folder: folder, firstCommit: first, calls: calls).header
    return JournalPosition(
      commit: first - 1, lastRecord: header.firstRecord - 1, lastTransaction: 0, hash: header.previousHash,
      segment: first, offset: UInt64(JournalFormat.firstCommitOffset), commitOffset: 0)
  }

  private init(folder: String, mode: Mode, calls: JournalFileCalls, position: JournalPosition) {
    self.calls = calls
    self.folder = folder
    self.mode = mode
    self.position = position
  }

  /// The next commit; nil at the end.
  ///
  /// - Parameter limit: the number of the last record known to be durable: nothing beyond it is read, and everything up to it
  ///   must be there.
  public mutating func next(upTo limit: UInt64? = nil) throws(JournalError) -> JournalCommit? {
    if let limit, position.lastRecord >= limit { return nil }
    while found == nil {
      guard isOpen else {
        try openFirstSegment()
        guard isOpen else { return try endWithoutSegment() }
        continue
      }
      switch try look() {
      case .commit(let commit):
        position = commit.end
        return commit
      case .nothing:
        if try goToNextSegment() { continue }
        if mode == .follow {
          guard let limit else { return nil }
          throw .damaged(damage(expected: "commit \(position.commit + 1), durable up to \(limit)", actual: "nothing"))
        }
        guard try findEnd(expected: "a commit or nothing", actual: "zeros before other bytes") else { continue }
      case .invalid(let expected, let actual):
        // A segment that begins with the next commit shows that none was written here.
        if try goToNextSegment() { continue }
        if mode == .follow {
          guard limit == nil else { throw .damaged(damage(expected: expected, actual: actual)) }
          return nil
        }
        guard try findEnd(expected: expected, actual: actual) else { continue }
      case .misplaced(let damage): try goPast(damage)
      }
    }
    return nil
  }

  /// Where the journal ends, reading on to there.
  ///
  /// - Parameter each: gets every commit on the way.
  public mutating func findEnd(_ each: (JournalCommit) throws -> Void = { _ in }) throws -> JournalEnd {
    precondition(mode != .follow, "a journal that is being written has no end yet")
    while let commit = try next() { try each(commit) }
    guard let found else { preconditionFailure("a reader stops at the end alone") }
    return found
  }

  /// Makes all that was read durable. For whoever must not be ahead of the journal after a loss of power: what a follower
  /// reads may be in the page cache only.
  ///
  /// A writer syncs each commit before it writes the next one, so only the segment read last can hold what is not synced;
  /// a sync by any process writes out what any other wrote.
  ///
  /// - Parameter calls: how to reach the disk, when not as it was read.
  /// - Throws: `JournalError.system`: what was read may not be on the medium, and nothing may be built on it.
  public func sync(calls: JournalFileCalls? = nil) throws(JournalError) {
    let handle: Int32
    switch segment {
    case .some(let segment): handle = segment.handle
    case .none: return
    }
    do { try (calls ?? self.calls).syncData(handle) } catch { throw .system(error.about(segmentPath)) }
  }

  // MARK: Segments

  private var isOpen: Bool {
    switch segment {
    case .some: true
    case .none: false
    }
  }

  private func firstCommits() throws(JournalError) -> [UInt64] {
    try calls.list(folder).compactMap { JournalNames.firstCommit(ofSegment: $0) }
  }

  /// The path of the segment in which `position` lies.
  private var segmentPath: String { "\(folder)/\(JournalNames.segment(firstCommit: position.segment))" }

  private func damage(expected: String, actual: String) -> JournalDamage {
    JournalDamage(file: segmentPath, offset: position.offset, expected: expected, actual: actual)
  }

  private mutating func openFirstSegment() throws(JournalError) {
    let existing = try firstCommits()
    guard !existing.isEmpty else {
      if position.commit == 0 || mode == .follow { return }
      throw .damaged(damage(expected: "the segment of commit \(position.commit)", actual: "no segment at all"))
    }
    do throws(JournalError) {
      if existing.contains(position.segment) { return try enterSegment(position.segment) }
      // The segment of a snapshot's commit may have gone, if that was its last one.
      if existing.contains(position.commit + 1) { return try enterNextSegment() }
      throw JournalError.damaged(
        damage(
          expected: "the segment of commit \(position.commit + 1)",
          actual: "a journal that begins with commit \(existing[0])"))
    } catch {
      try goPast(error)
    }
  }

  /// Like `goPast(_: JournalDamage)`; what is no damage is thrown in any mode.
  private mutating func goPast(_ error: JournalError) throws(JournalError) {
    guard case .damaged(let damage) = error else { throw error }
    try goPast(damage)
  }

  private mutating func enterSegment(_ firstCommit: UInt64) throws(JournalError) {
    var opened = try SegmentReader.open(folder: folder, firstCommit: firstCommit, calls: calls)
    journal = opened.header.journal
    segmentNumber = opened.header.number
    segmentBytes = opened.header.segmentBytes
    if position.commitOffset > 0 { try opened.check(commitBefore: position) }
    segment = consume opened
  }

  /// Opens the segment that begins with the next commit.
  private mutating func enterNextSegment() throws(JournalError) {
    let opened = try SegmentReader.open(folder: folder, firstCommit: position.commit + 1, calls: calls)
    let header = opened.header
    let path = opened.path
    func check<Value: Equatable>(_ name: String, _ expected: Value, _ actual: Value) throws(JournalError) {
      guard expected != actual else { return }
      throw .damaged(JournalDamage(file: path, offset: 0, expected: "\(name) \(expected)", actual: "\(actual)"))
    }
    try check("the hash before it to be", position.hash, header.previousHash)
    try check("its first record to be", position.lastRecord + 1, header.firstRecord)
    if let journal { try check("journal", journal, header.journal) }
    if segmentNumber > 0 { try check("segment number", segmentNumber + 1, header.number) }
    journal = header.journal
    segmentNumber = header.number
    segmentBytes = header.segmentBytes
    segment = consume opened
    position.enterSegment()
  }

  /// - Returns: false when there is no segment behind this one yet.
  private mutating func goToNextSegment() throws(JournalError) -> Bool {
    // A segment without commits bears its own name.
    guard position.segment != position.commit + 1 else { return false }
    let next = "\(folder)/\(JournalNames.segment(firstCommit: position.commit + 1))"
    guard calls.exists(next) else { return false }
    do throws(JournalError) {
      try enterNextSegment()
    } catch {
      try goPast(error)
    }
    return true
  }

  // MARK: Ends and damage

  /// Looks at the position, and once more past the window when there is no commit: one may just have been written.
  private mutating func look() throws(JournalError) -> SegmentReader.Found {
    let first = try segment!.commit(after: position, fresh: false)
    if case .commit = first { return first }
    return try segment!.commit(after: position, fresh: true)
  }

  private mutating func endWithoutSegment() throws(JournalError) -> JournalCommit? {
    if mode != .follow { end(tornBytes: 0) }
    return nil
  }

  private mutating func end(tornBytes: Int) {
    found = JournalEnd(
      position: position, tornBytes: UInt64(tornBytes), journal: journal, segmentNumber: segmentNumber,
      segmentBytes: segmentBytes, unreadableFiles: unreadableFiles)
  }

  /// Decides between the end, with or without a torn commit, and damage: see `ringmaster_journal.h`.
  ///
  /// - Returns: false when a salvage goes on behind the damage.
  private mutating func findEnd(expected: String, actual: String) throws(JournalError) -> Bool {
    let offset = Int(position.offset)
    let used = try segment!.usedBytes(from: offset)
    if used > 0, try segment!.findCommit(from: offset, above: position.commit) != nil {
      try goPast(damage(expected: expected, actual: actual))
      return false
    }
    if let later = try laterSegments().first {
      try goPast(
        damage(
          expected: used > 0 ? expected : "commits up to \(later - 1)",
          actual: used > 0 ? actual : "nothing, and a segment that begins with commit \(later)"))
      return false
    }
    end(tornBytes: used)
    return true
  }

  private func laterSegments() throws(JournalError) -> [UInt64] {
    try firstCommits().filter { $0 > position.segment }
  }

  /// Throws the damage, or, in a salvage, goes on at the first commit behind it.
  private mutating func goPast(_ damage: JournalDamage) throws(JournalError) {
    guard mode == .salvage else { throw .damaged(damage) }
    if damage.offset == 0 { setAside(damage.file) }
    if isOpen {
      var next = try segment!.findCommit(from: Int(position.offset), above: position.commit)
      if let (offset, raw) = next, UInt64(offset) == position.offset, follows(raw) {
        // It is the one that is wrong, though neither its checksums nor its place are.
        next = try segment!.findCommit(from: offset + JournalFormat.alignment, above: position.commit)
      }
      if let (offset, raw) = next { return resume(damage, at: raw, segment: position.segment, offset: offset) }
    }
    for first in try laterSegments() {
      do throws(JournalError) {
        var opened = try SegmentReader.open(folder: folder, firstCommit: first, calls: calls)
        guard journal == nil || journal == opened.header.journal,
          let (offset, raw) = try opened.findCommit(from: JournalFormat.firstCommitOffset, above: position.commit)
        else { continue }
        journal = opened.header.journal
        segmentNumber = opened.header.number
        segmentBytes = opened.header.segmentBytes
        segment = consume opened
        return resume(damage, at: raw, segment: first, offset: offset)
      } catch {
        guard case .damaged(let another) = error else { throw error }
        setAside(another.file)
      }
    }
    losses.append(JournalLoss(damage: damage, commits: nil, records: nil))
    guard isOpen else {
      unreadableFiles = try firstCommits().map { "\(folder)/\(JournalNames.segment(firstCommit: $0))" }
      return end(tornBytes: 0)
    }
    end(tornBytes: try segment!.usedBytes(from: Int(position.offset)))
  }

  private mutating func setAside(_ file: String) {
    if !unreadableFiles.contains(file) { unreadableFiles.append(file) }
  }

  private func follows(_ raw: rm_journal_commit_header) -> Bool {
    raw.number == position.commit + 1 && raw.first_record == position.lastRecord + 1
      && withUnsafeBytes(of: raw.previous_hash) { ChainHash($0) } == position.hash
  }

  private mutating func resume(
    _ damage: JournalDamage, at raw: rm_journal_commit_header, segment firstCommit: UInt64, offset: Int
  ) {
    losses.append(
      JournalLoss(
        damage: damage, commits: (position.commit + 1)..<max(raw.number, position.commit + 1),
        records: (position.lastRecord + 1)..<max(raw.first_record, position.lastRecord + 1)))
    position = JournalPosition(
      commit: raw.number - 1, lastRecord: raw.first_record - 1, lastTransaction: position.lastTransaction,
      hash: withUnsafeBytes(of: raw.previous_hash) { ChainHash($0) }, segment: firstCommit, offset: UInt64(offset),
      commitOffset: 0)
  }
}
