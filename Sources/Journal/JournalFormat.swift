import CRingmaster

/// The fixed sizes of the format and the limits of what is configured; the layout itself is `ringmaster_journal.h`.
enum JournalFormat {
  static let page = Int(RM_JOURNAL_PAGE)
  static let alignment = Int(RM_JOURNAL_ALIGNMENT)
  static let commitHeaderBytes = MemoryLayout<rm_journal_commit_header>.size
  /// The offset of a segment's first commit.
  static let firstCommitOffset = page
  static let recordAlignment = 8
  static let turnBytes = MemoryLayout<rm_journal_turn>.size
  static let eventBytes = UInt64(MemoryLayout<rm_journal_event>.size)
  /// No commit is shorter, and no record.
  static let minimumCommitBytes = UInt64(padded(commitHeaderBytes + turnBytes, to: alignment))
  static let minimumRecordBytes = UInt64(MemoryLayout<rm_journal_peer_removed>.size)
  /// The longest record there is.
  static let maximumRecordBytes = maximumHeadBytes + Int(RM_RECORD_MAX_BYTES) + skipTextBytes
  /// What stands before an event's text: most before that of a dead letter, with the name of who sent it.
  private static let maximumHeadBytes = 512
  /// Bytes of UTF-8 in the text that says why something never entered the state machine; more are cut off.
  static let skipTextBytes = 1024

  /// Of the snapshots that can be read.
  static let snapshotVersions = 2...RM_JOURNAL_SNAPSHOT_VERSION

  /// The version of a file that begins with `magic` and bears the number `claimed`; nil when it is not of that kind.
  static func version(_ claimed: UInt32, magic: UInt64, of kind: UInt64) -> UInt32? {
    if magic == kind { return claimed }
    return magic == kind - (1 << 48) ? 1 : nil
  }

  /// As much of a text as a record has room for.
  static func cut(_ text: String) -> String {
    guard text.utf8.count > skipTextBytes else { return text }
    var end = text.utf8.index(text.startIndex, offsetBy: skipTextBytes)
    // A character cut in two could not be read again.
    while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
    return String(text.unicodeScalars[..<end])
  }

  static func padded(_ bytes: Int, to alignment: Int) -> Int {
    (bytes + alignment - 1) / alignment * alignment
  }

  /// What a commit takes in its segment.
  static func commitBytes(body: Int) -> Int {
    padded(commitHeaderBytes + body, to: alignment)
  }
}

/// How a journal is laid out and buffered.
public struct JournalConfiguration: Sendable, Hashable {
  /// Bytes of a segment file, a multiple of 4096; those that exist keep theirs.
  public var segmentBytes = 64 << 20
  /// Bytes of records that may wait for the disk, a power of two. A commit is never larger, so it must fit a segment.
  public var queueBytes = 8 << 20

  public init() {}

  /// The smallest queue: the longest record and the end of its turn fit.
  public static let minimumQueueBytes = 32 << 10

  func check() {
    precondition(
      segmentBytes % JournalFormat.page == 0,
      "a segment is of pages of \(JournalFormat.page) bytes, got \(segmentBytes)")
    precondition(
      queueBytes >= Self.minimumQueueBytes && queueBytes & (queueBytes - 1) == 0,
      "the queue's size is a power of two of at least \(Self.minimumQueueBytes) bytes, got \(queueBytes)")
    precondition(
      JournalFormat.firstCommitOffset + JournalFormat.commitBytes(body: queueBytes) <= segmentBytes,
      "a segment of \(segmentBytes) bytes does not hold a commit of \(queueBytes)")
  }
}
