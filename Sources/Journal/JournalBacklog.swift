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
  public static func measure(folder: String, from position: JournalPosition) throws(JournalError) -> JournalBacklog {
    var backlog = JournalBacklog()
    do throws(SystemError) {
      let segments = try Folder.names(in: folder).compactMap { JournalNames.firstCommit(ofSegment: $0) }
        .filter { $0 >= position.segment }
      guard let newest = segments.last else { return backlog }
      var offset = Int(position.offset)
      if newest > position.segment {
        backlog.commits = newest - 1 - position.commit
        for segment in segments.dropLast() {
          let size = try File.open(readingFrom: "\(folder)/\(JournalNames.segment(firstCommit: segment))").size()
          backlog.bytes += UInt64(segment == position.segment ? max(size - offset, 0) : size)
        }
        offset = JournalFormat.firstCommitOffset
      }
      try backlog.count(in: "\(folder)/\(JournalNames.segment(firstCommit: newest))", from: offset)
      return backlog
    } catch {
      throw .system(error)
    }
  }

  private mutating func count(in path: String, from start: Int) throws(SystemError) {
    let file = try File.open(readingFrom: path)
    var header = rm_journal_commit_header()
    var offset = start
    for _ in 0..<Self.maximumSteps {
      let read = try withUnsafeMutableBytes(of: &header) { (bytes) throws(SystemError) in
        try file.read(into: bytes, at: offset)
      }
      guard read == JournalFormat.commitHeaderBytes, header.magic == RM_JOURNAL_COMMIT_MAGIC else { return }
      let size = JournalFormat.commitBytes(body: Int(header.body_bytes))
      commits += 1
      bytes += UInt64(size)
      offset += size
    }
    isAtLeast = true
  }
}
