import CRingmaster
import Platform

/// One segment file, read through a window. What is missing at its end counts as zeros, as what was never written does.
struct SegmentReader: ~Copyable {
  let header: SegmentHeader
  let path: String
  private let file: JournalFile
  private var window: UnsafeMutableRawBufferPointer
  private var windowStart = 0
  private var windowBytes = 0

  private static let windowSize = 64 << 10
  private static let scanSize = 1 << 20

  enum Found {
    case commit(JournalCommit)
    /// Nothing was written here.
    case nothing
    /// No valid commit: torn, or damaged.
    case invalid(expected: String, actual: String)
    /// A commit with the checksums it was written with that does not belong here, or does not decode: no crash can bring it
    /// about.
    case misplaced(JournalDamage)
  }

  private init(
    header: SegmentHeader, path: String, file: consuming JournalFile, window: UnsafeMutableRawBufferPointer
  ) {
    self.header = header
    self.path = path
    self.file = file
    self.window = window
  }

  deinit {
    window.deallocate()
  }

  static func open(
    folder: String, firstCommit: UInt64, calls: JournalFileCalls
  ) throws(JournalError) -> SegmentReader {
    let path = "\(folder)/\(JournalNames.segment(firstCommit: firstCommit))"
    let window = UnsafeMutableRawBufferPointer.allocate(byteCount: windowSize, alignment: JournalFormat.page)
    do {
      let file = try located { () throws(SystemError) in try JournalFile.open(path, calls: calls) }
      let page = UnsafeMutableRawBufferPointer(rebasing: window[..<JournalFormat.page])
      try located { () throws(SystemError) in try file.read(into: page, at: 0) }
      let header = try SegmentHeader(page, file: path, firstCommit: firstCommit)
      return SegmentReader(header: header, path: path, file: file, window: window)
    } catch {
      window.deallocate()
      throw error
    }
  }

  /// Opens one whose header is damaged: its commits say themselves what they are.
  ///
  /// - Parameter journal: that it belongs to; nil to believe its first commit.
  /// - Returns: nil when there is no commit in it.
  static func open(
    byCommitsOf journal: JournalID?, folder: String, firstCommit: UInt64, calls: JournalFileCalls
  ) throws(JournalError) -> SegmentReader? {
    let path = "\(folder)/\(JournalNames.segment(firstCommit: firstCommit))"
    let file = try located { () throws(SystemError) in try JournalFile.open(path, calls: calls) }
    let size = try located { () throws(SystemError) in try file.size() }
    let first = UnsafeMutableRawBufferPointer.allocate(
      byteCount: JournalFormat.commitHeaderBytes, alignment: JournalFormat.page)
    defer { first.deallocate() }
    try located { () throws(SystemError) in try file.read(into: first, at: JournalFormat.firstCommitOffset) }
    let raw = first.load(as: rm_journal_commit_header.self)
    let journal = journal ?? Swift.withUnsafeBytes(of: raw.journal_id) { JournalID($0) }
    let header = SegmentHeader(
      segmentBytes: JournalFormat.padded(size, to: JournalFormat.page), number: 0, firstCommit: firstCommit,
      firstRecord: raw.first_record, createdMs: 0, journal: journal,
      previousHash: Swift.withUnsafeBytes(of: raw.previous_hash) { ChainHash($0) })
    var reader = SegmentReader(
      header: header, path: path, file: file,
      window: .allocate(byteCount: windowSize, alignment: JournalFormat.page))
    guard try reader.findCommit(from: JournalFormat.firstCommitOffset, above: 0) != nil else { return nil }
    return reader
  }

  var handle: Int32 { file.handle }

  private static func located<Result: ~Copyable>(
    _ read: () throws(SystemError) -> Result
  ) throws(JournalError) -> Result {
    do { return try read() } catch { throw .system(error) }
  }

  /// The bytes from `offset` on, valid until the next call.
  ///
  /// - Parameter fresh: read from the file whatever the window holds.
  mutating func bytes(
    at offset: Int, count: Int, fresh: Bool
  ) throws(JournalError) -> UnsafeRawBufferPointer {
    if fresh || offset < windowStart || offset + count > windowStart + windowBytes {
      if count > window.count {
        window.deallocate()
        window = .allocate(
          byteCount: JournalFormat.padded(count, to: JournalFormat.page), alignment: JournalFormat.page)
      }
      windowBytes = 0
      let wanted = UnsafeMutableRawBufferPointer(rebasing: window[..<min(window.count, header.segmentBytes - offset)])
      do { try file.read(into: wanted, at: offset) } catch { throw .system(error) }
      windowStart = offset
      windowBytes = wanted.count
    }
    return UnsafeRawBufferPointer(rebasing: window[(offset - windowStart)..<(offset - windowStart + count)])
  }

  /// Looks for the commit that follows `position`, which lies in this segment.
  mutating func commit(after position: JournalPosition, fresh: Bool) throws(JournalError) -> Found {
    let offset = Int(position.offset)
    let headerBytes = JournalFormat.commitHeaderBytes
    guard offset + headerBytes <= header.segmentBytes else { return .nothing }
    let raw: rm_journal_commit_header
    switch CommitHeader.check(try bytes(at: offset, count: headerBytes, fresh: fresh), journal: header.journal) {
    case .nothing: return .nothing
    case .invalid(let expected, let actual): return .invalid(expected: expected, actual: actual)
    case .valid(let valid): raw = valid
    }
    let bodyBytes = Int(raw.body_bytes)
    guard offset + headerBytes + bodyBytes <= header.segmentBytes else {
      return .invalid(expected: "a commit that ends in its segment", actual: "a body of \(bodyBytes) bytes")
    }
    // Both at once, so that one window has them.
    let whole = try bytes(at: offset, count: headerBytes + bodyBytes, fresh: fresh)
    let body = UnsafeRawBufferPointer(rebasing: whole[headerBytes...])
    let crc = rm_crc32c(0, body.baseAddress, body.count)
    guard crc == raw.body_crc else {
      return .invalid(expected: "a body with checksum \(raw.body_crc)", actual: "one with \(crc)")
    }
    func misplaced(_ expected: String, _ actual: String, at byte: Int = 0) -> Found {
      .misplaced(JournalDamage(file: path, offset: UInt64(offset + byte), expected: expected, actual: actual))
    }
    guard raw.number == position.commit + 1 else {
      return misplaced("commit \(position.commit + 1)", "commit \(raw.number)")
    }
    guard raw.first_record == position.lastRecord + 1 else {
      return misplaced(
        "commit \(raw.number) to begin with record \(position.lastRecord + 1)", "record \(raw.first_record)")
    }
    let previous = Swift.withUnsafeBytes(of: raw.previous_hash) { ChainHash($0) }
    guard previous == position.hash else {
      return misplaced("commit \(raw.number) to follow the hash \(position.hash)", "\(previous)")
    }
    do throws(RecordWalk.BodyFault) {
      let (records, turn) = try RecordWalk.decode(body, firstRecord: raw.first_record, count: raw.record_count)
      guard turn.stateHash == raw.state_hash, turn.lastTransaction == raw.last_transaction else {
        return misplaced("a header that agrees with its last turn", "one that does not")
      }
      let headBytes = UnsafeRawBufferPointer(rebasing: whole[..<headerBytes])
      let end = Self.end(of: raw, at: position, hash: ChainHash(hashing: headBytes, body))
      return .commit(JournalCommit(raw, records: records, end: end, file: path, offset: position.offset))
    } catch {
      return misplaced(error.expected, error.actual, at: error.offset.map { headerBytes + $0 } ?? 0)
    }
  }

  /// What there is in the place of the commit before a position.
  enum Before {
    /// The commit that the position tells of.
    case same
    /// Nothing, or a whole commit of another history.
    case other(String)
    case damaged(String)
  }

  /// Looks whether the commit before `position` is the one that it tells of.
  mutating func commit(before position: JournalPosition) throws(JournalError) -> Before {
    let offset = Int(position.commitOffset)
    let headerBytes = JournalFormat.commitHeaderBytes
    guard position.commitOffset < position.offset, Int(position.offset) <= header.segmentBytes,
      offset >= JournalFormat.firstCommitOffset, Int(position.offset) - offset >= headerBytes
    else { return .damaged("no room for it") }
    let whole = try bytes(at: offset, count: Int(position.offset) - offset, fresh: false)
    let head = UnsafeRawBufferPointer(rebasing: whole[..<headerBytes])
    let raw: rm_journal_commit_header
    switch CommitHeader.check(head, journal: header.journal) {
    case .valid(let valid): raw = valid
    case .nothing: return .other("no commit")
    case .invalid(_, let actual): return .damaged("no commit: \(actual)")
    }
    guard raw.number == position.commit, JournalFormat.commitBytes(body: Int(raw.body_bytes)) == whole.count else {
      return .other("commit \(raw.number) with a body of \(raw.body_bytes) bytes")
    }
    let body = UnsafeRawBufferPointer(rebasing: whole[headerBytes..<(headerBytes + Int(raw.body_bytes))])
    let hash = ChainHash(hashing: head, body)
    if hash == position.hash { return .same }
    let isWhole = rm_crc32c(0, body.baseAddress, body.count) == raw.body_crc
    return isWhole ? .other("one with the hash \(hash)") : .damaged("one with the hash \(hash)")
  }

  private static func end(
    of raw: rm_journal_commit_header, at position: JournalPosition, hash: ChainHash
  ) -> JournalPosition {
    var end = position
    end.commit = raw.number
    end.lastRecord = raw.first_record &+ UInt64(raw.record_count) &- 1
    end.lastTransaction = raw.last_transaction
    end.hash = hash
    end.commitOffset = position.offset
    end.offset += UInt64(JournalFormat.commitBytes(body: Int(raw.body_bytes)))
    return end
  }

  /// The number of bytes from `offset` to behind the last one that is not zero.
  mutating func usedBytes(from offset: Int) throws(JournalError) -> Int {
    var used = 0
    var at = offset
    while at < header.segmentBytes {
      let count = min(Self.scanSize, header.segmentBytes - at)
      let chunk = try bytes(at: at, count: count, fresh: true)
      let chunkUsed = chunk.usedBytes
      if chunkUsed > 0 { used = at + chunkUsed - offset }
      at += count
    }
    return used
  }

  /// The first valid commit of this journal at or behind `offset` with a number above `number`.
  mutating func findCommit(
    from offset: Int, above number: UInt64
  ) throws(JournalError) -> (offset: Int, header: rm_journal_commit_header)? {
    let headerBytes = JournalFormat.commitHeaderBytes
    var at = JournalFormat.padded(offset, to: JournalFormat.alignment)
    while at + headerBytes <= header.segmentBytes {
      let candidate = try bytes(at: at, count: headerBytes, fresh: false)
      guard candidate.load(as: UInt64.self) == RM_JOURNAL_COMMIT_MAGIC else {
        at += JournalFormat.alignment
        continue
      }
      if case .valid(let raw) = CommitHeader.check(candidate, journal: header.journal), raw.number > number,
        at + headerBytes + Int(raw.body_bytes) <= header.segmentBytes
      {
        let body = try bytes(at: at + headerBytes, count: Int(raw.body_bytes), fresh: false)
        if rm_crc32c(0, body.baseAddress, body.count) == raw.body_crc { return (at, raw) }
      }
      at += JournalFormat.alignment
    }
    return nil
  }
}
