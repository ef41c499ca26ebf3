import CRingmaster
import Platform

/// Telling damage from the end, and going past it.
extension JournalReader {
  /// Decides between the end, with or without a torn commit, and damage: see `ringmaster_journal.h`.
  ///
  /// - Returns: false when it goes on behind the damage.
  mutating func findEnd(expected: String, actual: String) throws(JournalError) -> Bool {
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
    if used > 0, try !segment!.isTorn(at: offset, used: used) {
      try goPast(damage(expected: expected, actual: actual))
      return false
    }
    end(tornBytes: used)
    return true
  }

  /// Those that may hold what follows.
  private func laterSegments() throws(JournalError) -> [UInt64] {
    let isOpen = isOpen
    return try firstCommits().filter { $0 > position.segment || !isOpen && $0 == position.segment }
  }

  /// Throws the damage, or goes on at the first commit behind it: in a salvage, or where there was one.
  mutating func goPast(_ damage: JournalDamage) throws(JournalError) {
    guard try isSalvaged(behind: position.commit) || mode == .salvage else { throw .damaged(damage) }
    if isOpen {
      var next = try segment!.findCommit(from: Int(position.offset), above: position.commit)
      if let (offset, raw) = next, UInt64(offset) == position.offset, follows(raw) {
        // It is the one that is wrong, though neither its checksums nor its place are.
        next = try segment!.findCommit(from: offset + JournalFormat.alignment, above: position.commit)
      }
      if let (offset, raw) = next { return resume(damage, at: raw, segment: position.segment, offset: offset) }
    }
    for first in try laterSegments() {
      guard var opened = try openAnyhow(first), journal == nil || journal == opened.header.journal,
        let (offset, raw) = try opened.findCommit(from: JournalFormat.firstCommitOffset, above: position.commit)
      else { continue }
      enter(opened)
      return resume(damage, at: raw, segment: first, offset: offset)
    }
    losses.append(JournalLoss(damage: damage, commits: nil, records: nil, salvagedBy: nil))
    guard isOpen else { return end(tornBytes: 0) }
    end(tornBytes: try segment!.usedBytes(from: Int(position.offset)))
  }

  /// Opens a segment, with a damaged header too; nil when nothing can be made of it.
  func openAnyhow(_ first: UInt64) throws(JournalError) -> SegmentReader? {
    do throws(JournalError) {
      return try SegmentReader.open(folder: folder, firstCommit: first, calls: calls)
    } catch {
      guard case .damaged = error else { throw error }
      return try SegmentReader.open(byCommitsOf: journal, folder: folder, firstCommit: first, calls: calls)
    }
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
        records: (position.lastRecord + 1)..<max(raw.first_record, position.lastRecord + 1),
        salvagedBy: salvagedBy > position.commit ? salvagedBy : nil))
    position = JournalPosition(
      commit: raw.number - 1, lastRecord: raw.first_record &- 1, lastTransaction: position.lastTransaction,
      hash: withUnsafeBytes(of: raw.previous_hash) { ChainHash($0) }, segment: firstCommit, offset: UInt64(offset),
      commitOffset: 0)
  }

  /// The first commit behind a loss tells which transactions went with it.
  mutating func completeLoss(before commit: JournalCommit) {
    guard let last = losses.indices.last, losses[last].transactions == nil else { return }
    let first = position.lastTransaction &+ 1
    losses[last].transactions = first..<max(first, commit.firstTransaction)
  }

  // MARK: Salvages

  /// Did a salvage end behind a commit, and go past what is wrong before it? Then whoever follows may do so too.
  public static func isSalvaged(
    folder: String, behind commit: UInt64, calls: JournalFileCalls = .system
  ) throws(JournalError) -> Bool {
    var reader = JournalReader(folder: folder, mode: .recover, calls: calls, position: .start)
    return try reader.isSalvaged(behind: commit)
  }

  /// Did a salvage end behind a commit? It went past all that is wrong before it then.
  mutating func isSalvaged(behind commit: UInt64) throws(JournalError) -> Bool {
    if salvagedBy > commit { return true }
    guard mode != .follow else { return false }
    for first in try firstCommits() where first > commit {
      guard var opened = try openAnyhow(first), journal == nil || journal == opened.header.journal else { continue }
      let beginning = JournalPosition(
        commit: first - 1, lastRecord: opened.header.firstRecord &- 1, lastTransaction: 0,
        hash: opened.header.previousHash, segment: first, offset: UInt64(JournalFormat.firstCommitOffset),
        commitOffset: 0)
      if case .commit(let found) = try opened.commit(after: beginning, fresh: true),
        case .salvaged = found.records().first
      {
        salvagedBy = first
        return true
      }
    }
    return false
  }

  /// The end of a journal that was salvaged: behind everything that anybody may have seen, in a segment of its own.
  ///
  /// - Parameter lastTransaction: of the state machine.
  func salvagedEnd(_ end: JournalEnd, lastTransaction: UInt64) throws(JournalError) -> JournalEnd {
    let segments = try firstCommits()
    let named = segments + (try SnapshotStore.commits(folder: folder, calls: calls))
    // No journal comes to such a number, and sums with it stay in range.
    let highest = named.filter { $0 < 1 << 62 }.max() ?? 0
    let begun = position.segment
    let later = UInt64(segments.count { $0 > begun })
    // What cannot be read at the end may have been as much as fits there.
    let isEndLost = losses.last.map { $0.commits == nil } ?? false
    let lostBytes = isEndLost ? (later + 1) * UInt64(max(segmentBytes, JournalConfiguration().segmentBytes)) : 0
    var next = end.position
    next.commit = max(next.commit, highest) + lostBytes / JournalFormat.minimumCommitBytes
    next.lastRecord += lostBytes / JournalFormat.minimumRecordBytes
    next.lastTransaction = max(next.lastTransaction, lastTransaction) + lostBytes / JournalFormat.eventBytes
    next.enterSegment()
    return JournalEnd(
      position: next, tornBytes: 0, journal: journal, segmentNumber: segmentNumber + later,
      segmentBytes: segmentBytes,
      salvage: JournaledSalvage(lastCommit: end.position.commit, lastTransaction: next.lastTransaction))
  }

  // MARK: Followers

  /// The journal has not what a follower has read of it.
  func behind(_ damage: JournalDamage) throws(JournalError) -> JournalError {
    var found: JournalPosition?
    if let newest = try firstCommits().last, let header = try openAnyhow(newest)?.header {
      var reader = JournalReader(
        folder: folder, mode: .recover, calls: calls,
        position: JournalPosition(
          commit: newest - 1, lastRecord: header.firstRecord &- 1, lastTransaction: 0, hash: header.previousHash,
          segment: newest, offset: UInt64(JournalFormat.firstCommitOffset), commitOffset: 0))
      // As far as it can be read: this is for a message.
      while let commit = try? reader.next() { found = commit.end }
      found = found ?? reader.position
    }
    return .behind(JournalBehind(known: position, found: found, damage: damage))
  }
}
