import Platform

extension SegmentReader {
  /// A disk writes sectors of this size whole or not at all; those of today write larger ones.
  private static let sectorBytes = 512

  /// Is what lies at `offset`, which is no valid commit, one whose writing was cut off? Else it was whole once, and was
  /// spoilt when it may have been told durable.
  ///
  /// A segment is zeros before commits are written over it. So of a commit that was torn at least one sector is zeros still,
  /// or the kernel had not come to its end, where a turn stands.
  ///
  /// - Parameter used: bytes from `offset` to behind the last one that is not zero.
  mutating func isTorn(at offset: Int, used: Int) throws(JournalError) -> Bool {
    let headerBytes = JournalFormat.commitHeaderBytes
    guard used > headerBytes else { return true }
    var extent = used
    let head = try bytes(at: offset, count: headerBytes, fresh: true)
    switch CommitHeader.check(head, journal: header.journal) {
    case .valid(let raw):
      let whole = headerBytes + Int(raw.body_bytes)
      if offset + whole <= header.segmentBytes {
        guard used > whole - JournalFormat.turnBytes else { return true }
        extent = whole
      }
    // No commit was here, whatever spoilt the zeros.
    case .nothing: return true
    case .invalid: break
    }
    var start = offset
    while start < offset + extent {
      let end = min((start / Self.sectorBytes + 1) * Self.sectorBytes, offset + extent)
      let sector = try bytes(at: start, count: end - start, fresh: false)
      if sector.usedBytes == 0 { return true }
      start = end
    }
    return false
  }
}
