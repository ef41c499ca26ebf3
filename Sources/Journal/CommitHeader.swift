import CRingmaster
import Platform

/// What can be told of a commit by its header alone.
enum CommitHeader {
  enum Check {
    case valid(rm_journal_commit_header)
    case nothing
    case invalid(expected: String, actual: String)
  }

  private static let checkedBytes = MemoryLayout<rm_journal_commit_header>.offset(of: \.header_crc)!

  static func check(_ bytes: UnsafeRawBufferPointer, journal: JournalID) -> Check {
    let raw = bytes.loadUnaligned(as: rm_journal_commit_header.self)
    guard raw.magic == RM_JOURNAL_COMMIT_MAGIC else {
      if bytes.usedBytes == 0 { return .nothing }
      return .invalid(expected: "a commit", actual: "magic \(String(raw.magic, radix: 16))")
    }
    let crc = rm_crc32c(0, bytes.baseAddress, checkedBytes)
    guard crc == raw.header_crc else {
      return .invalid(expected: "a commit's header with checksum \(raw.header_crc)", actual: "one with \(crc)")
    }
    let id = withUnsafeBytes(of: raw.journal_id) { JournalID($0) }
    guard id == journal else { return .invalid(expected: "a commit of journal \(journal)", actual: "one of \(id)") }
    return .valid(raw)
  }

  /// Ends a header by its checksum.
  static func finish(_ raw: inout rm_journal_commit_header) {
    raw.header_crc = withUnsafeBytes(of: raw) { rm_crc32c(0, $0.baseAddress, checkedBytes) }
  }
}
