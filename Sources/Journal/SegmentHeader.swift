import CRingmaster
import Platform

/// The first page of a segment.
struct SegmentHeader {
  var segmentBytes: Int
  /// Counts from 1.
  var number: UInt64
  var firstCommit: UInt64
  var firstRecord: UInt64
  var createdMs: Int64
  var journal: JournalID
  var previousHash: ChainHash

  /// Writes the page.
  func write(to file: borrowing JournalFile) throws(SystemError) {
    var raw = rm_journal_segment_header()
    raw.magic = RM_JOURNAL_SEGMENT_MAGIC
    raw.version = RM_JOURNAL_VERSION
    raw.segment_bytes = UInt64(segmentBytes)
    raw.segment_number = number
    raw.first_commit = firstCommit
    raw.first_record = firstRecord
    raw.created_ms = createdMs
    journal.withUnsafeBytes { store($0, in: &raw.journal_id) }
    previousHash.withUnsafeBytes { store($0, in: &raw.previous_hash) }
    let page = UnsafeMutableRawBufferPointer.allocate(byteCount: JournalFormat.page, alignment: 16)
    defer { page.deallocate() }
    page.initializeMemory(as: UInt8.self, repeating: 0)
    page.storeBytes(of: raw, as: rm_journal_segment_header.self)
    raw.page_crc = rm_crc32c(0, page.baseAddress, page.count)
    page.storeBytes(of: raw, as: rm_journal_segment_header.self)
    try file.write(UnsafeRawBufferPointer(page), at: 0)
  }

  /// Checks a page and reads it.
  ///
  /// - Parameter page: writable, for the checksum is taken with zero in its own place.
  init(_ page: UnsafeMutableRawBufferPointer, file: String, firstCommit: UInt64) throws(JournalError) {
    func damage(_ expected: String, _ actual: String) -> JournalError {
      .damaged(JournalDamage(file: file, offset: 0, expected: expected, actual: actual))
    }
    var raw = page.load(as: rm_journal_segment_header.self)
    guard let version = JournalFormat.version(raw.version, magic: raw.magic, of: RM_JOURNAL_SEGMENT_MAGIC) else {
      throw damage("a segment's header", "magic \(String(raw.magic, radix: 16))")
    }
    let claimed = raw.page_crc
    raw.page_crc = 0
    page.storeBytes(of: raw, as: rm_journal_segment_header.self)
    let computed = rm_crc32c(0, page.baseAddress, page.count)
    guard claimed == computed else {
      throw damage("a header with checksum \(claimed)", "one with \(computed)")
    }
    guard version == RM_JOURNAL_VERSION else {
      throw .otherVersion(file, found: version, supported: RM_JOURNAL_VERSION...RM_JOURNAL_VERSION)
    }
    guard raw.first_commit == firstCommit else {
      throw damage("the segment of commit \(firstCommit), as it is named", "that of commit \(raw.first_commit)")
    }
    guard let bytes = Int(exactly: raw.segment_bytes), bytes >= JournalFormat.page, bytes % JournalFormat.page == 0
    else { throw damage("a size in whole pages", "\(raw.segment_bytes) bytes") }
    segmentBytes = bytes
    number = raw.segment_number
    self.firstCommit = raw.first_commit
    firstRecord = raw.first_record
    createdMs = raw.created_ms
    journal = Swift.withUnsafeBytes(of: raw.journal_id) { JournalID($0) }
    previousHash = Swift.withUnsafeBytes(of: raw.previous_hash) { ChainHash($0) }
  }

  init(
    segmentBytes: Int, number: UInt64, firstCommit: UInt64, firstRecord: UInt64, createdMs: Int64, journal: JournalID,
    previousHash: ChainHash
  ) {
    self.segmentBytes = segmentBytes
    self.number = number
    self.firstCommit = firstCommit
    self.firstRecord = firstRecord
    self.createdMs = createdMs
    self.journal = journal
    self.previousHash = previousHash
  }
}
