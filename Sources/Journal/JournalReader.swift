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
    /// No writer is at work: it is a torn commit when nothing follows and it was not written whole, and else damage. What a
    /// salvage went past already is gone past again.
    case recover
    /// Like `recover`, but goes past damage and lists in `losses` what is gone.
    case salvage
  }

  public let folder: String
  public let mode: Mode
  let calls: JournalFileCalls
  /// Behind the commit that was read last.
  public internal(set) var position: JournalPosition
  /// Of the journal; nil while it has no segment.
  public internal(set) var journal: JournalID?
  /// What it went past, in order.
  public internal(set) var losses: [JournalLoss] = []
  var segment: SegmentReader?
  /// Of the segment in which `position` lies.
  var segmentNumber: UInt64 = 0
  var segmentBytes = 0
  /// The commit by which a salvage ended that went past all that is wrong before it; 0 while none is known.
  var salvagedBy: UInt64 = 0
  private var found: JournalEnd?

  /// - Parameters:
  ///   - position: where to begin: `.start`, or that of a snapshot.
  ///   - journal: of the snapshot.
  ///   - calls: how to reach the disk.
  /// - Throws: `JournalError`: `.damaged` when what should be there is not.
  public static func open(
    folder: String, at position: JournalPosition = .start, mode: Mode, journal: JournalID? = nil,
    calls: JournalFileCalls = .system
  ) throws(JournalError) -> JournalReader {
    var reader = JournalReader(folder: folder, mode: mode, calls: calls, position: position)
    reader.journal = journal
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
    let header: SegmentHeader
    do throws(JournalError) {
      header = try SegmentReader.open(folder: folder, firstCommit: first, calls: calls).header
    } catch {
      guard case .damaged = error,
        let told = try SegmentReader.open(byCommitsOf: nil, folder: folder, firstCommit: first, calls: calls)?.header
      else { throw error }
      header = told
    }
    return JournalPosition(
      commit: first - 1, lastRecord: header.firstRecord - 1, lastTransaction: 0, hash: header.previousHash,
      segment: first, offset: UInt64(JournalFormat.firstCommitOffset), commitOffset: 0)
  }

  /// The journal that the newest segments are of; nil when there is none that can be read.
  public static func journal(folder: String, calls: JournalFileCalls) throws(JournalError) -> JournalID? {
    let reader = JournalReader(folder: folder, mode: .salvage, calls: calls, position: .start)
    for first in try reader.firstCommits().reversed() {
      if let header = try reader.openAnyhow(first)?.header { return header.journal }
    }
    return nil
  }

  init(folder: String, mode: Mode, calls: JournalFileCalls, position: JournalPosition) {
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
        completeLoss(before: commit)
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

  var isOpen: Bool {
    switch segment {
    case .some: true
    case .none: false
    }
  }

  func firstCommits() throws(JournalError) -> [UInt64] {
    try calls.list(folder).compactMap { JournalNames.firstCommit(ofSegment: $0) }
  }

  /// The path of the segment in which `position` lies.
  var segmentPath: String { "\(folder)/\(JournalNames.segment(firstCommit: position.segment))" }

  func damage(expected: String, actual: String) -> JournalDamage {
    JournalDamage(file: segmentPath, offset: position.offset, expected: expected, actual: actual)
  }

  private mutating func openFirstSegment() throws(JournalError) {
    let existing = try firstCommits()
    guard !existing.isEmpty || position.commit > 0 && mode != .follow else { return }
    do throws(JournalError) {
      if existing.contains(position.segment) { return try enterSegment(position.segment) }
      // The segment of a snapshot's commit may have gone, if that was its last one.
      if existing.contains(position.commit + 1) { return try enterNextSegment() }
      let damage = damage(
        expected: "the segment of commit \(position.commit + 1)",
        actual: existing.first.map { "a journal that begins with commit \($0)" } ?? "no segment at all")
      guard mode == .follow, existing[0] <= position.commit else { throw JournalError.damaged(damage) }
      throw try behind(damage)
    } catch {
      try goPast(error)
    }
  }

  /// Like `goPast(_: JournalDamage)`; what is no damage is thrown in any mode.
  mutating func goPast(_ error: JournalError) throws(JournalError) {
    guard case .damaged(let damage) = error else { throw error }
    try goPast(damage)
  }

  private mutating func enterSegment(_ firstCommit: UInt64) throws(JournalError) {
    var opened = try SegmentReader.open(folder: folder, firstCommit: firstCommit, calls: calls)
    if position.commitOffset > 0 {
      let before = try opened.commit(before: position)
      func damage(_ actual: String) -> JournalDamage {
        JournalDamage(
          file: segmentPath, offset: position.commitOffset,
          expected: "commit \(position.commit) with the hash \(position.hash)", actual: actual)
      }
      switch before {
      case .same: break
      case .other(let actual) where mode == .follow: throw try behind(damage(actual))
      case .other(let actual), .damaged(let actual):
        // What follows may be read all the same.
        if mode == .salvage { enter(opened) }
        throw .damaged(damage(actual))
      }
    }
    enter(opened)
  }

  /// Goes on in a segment.
  mutating func enter(_ opened: consuming SegmentReader) {
    journal = opened.header.journal
    // One whose header is damaged does not tell.
    segmentNumber = opened.header.number > 0 ? opened.header.number : segmentNumber + 1
    segmentBytes = opened.header.segmentBytes
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
    enter(opened)
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

  // MARK: Ends

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

  mutating func end(tornBytes: Int) {
    found = JournalEnd(
      position: position, tornBytes: UInt64(tornBytes), journal: journal, segmentNumber: segmentNumber,
      segmentBytes: segmentBytes)
  }
}
