import CRingmaster
import Platform

/// How much of a journal lies before a reader.
public struct JournalBacklog: Hashable, Sendable, CustomStringConvertible {
  public var commits: UInt64 = 0
  /// Of segment files.
  public var bytes: UInt64 = 0
  /// Counting was given up before the end.
  public var isAtLeast = false

  public var description: String {
    "\(isAtLeast ? "at least " : "")\(commits) commits, \(bytes >> 10) KiB"
  }

  private static let maximumSteps = 20_000

  /// Counts by the names of segments, and in the last one from header to header: an estimate for people, without checks.
  public static func measure(
    folder: String, from position: JournalPosition, calls: JournalFileCalls = .system
  ) throws(JournalError) -> JournalBacklog {
    var backlog = JournalBacklog()
    let segments = try calls.list(folder).compactMap { JournalNames.firstCommit(ofSegment: $0) }
      .filter { $0 >= position.segment }
    guard let newest = segments.last else { return backlog }
    do throws(SystemError) {
      var offset = Int(position.offset)
      if newest > position.segment {
        backlog.commits = newest - 1 - position.commit
        for segment in segments.dropLast() {
          let size = try JournalFile.open("\(folder)/\(JournalNames.segment(firstCommit: segment))", calls: calls)
            .size()
          backlog.bytes += UInt64(segment == position.segment ? max(size - offset, 0) : size)
        }
        offset = JournalFormat.firstCommitOffset
      }
      try backlog.count(in: "\(folder)/\(JournalNames.segment(firstCommit: newest))", from: offset, calls)
      return backlog
    } catch {
      throw .system(error)
    }
  }

  private mutating func count(in path: String, from start: Int, _ calls: JournalFileCalls) throws(SystemError) {
    let file = try JournalFile.open(path, calls: calls)
    var header = rm_journal_commit_header()
    var offset = start
    for _ in 0..<Self.maximumSteps {
      try withUnsafeMutableBytes(of: &header) { (bytes) throws(SystemError) in try file.read(into: bytes, at: offset) }
      guard header.magic == RM_JOURNAL_COMMIT_MAGIC else { return }
      let size = JournalFormat.commitBytes(body: Int(header.body_bytes))
      commits += 1
      bytes += UInt64(size)
      offset += size
    }
    isAtLeast = true
  }
}
