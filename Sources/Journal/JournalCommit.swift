import CRingmaster

/// One commit as it was read, its checksums and its place in the chain checked.
public struct JournalCommit: Sendable {
  public let number: UInt64
  /// The number of its first record.
  public let firstRecord: UInt64
  public let recordCount: UInt32
  /// Of the state machine after its last record.
  public let stateHash: UInt64
  public let lastTransaction: UInt64
  /// The controller's clock at its last turn.
  public let timeMs: Int64
  /// The place behind it.
  public let end: JournalPosition
  /// The path of its segment.
  public let file: String
  /// Where it begins there.
  public let offset: UInt64
  /// Its records as bytes.
  let body: [UInt8]

  /// Bytes of its records.
  public var bodyBytes: Int { body.count }

  public var lastRecord: UInt64 { firstRecord + UInt64(recordCount) - 1 }

  /// Calls `each` with every record and its number, in order.
  ///
  /// - Throws: `JournalError.damaged` at a record that cannot be what was written, and what `each` throws.
  public func forEachRecord(_ each: (UInt64, JournalRecord) throws -> Void) throws {
    try body.withUnsafeBytes { body in
      var walk = RecordWalk(body)
      var number = firstRecord
      while let (start, bytes) = try located(at: 0, { () throws(RecordDecoder.Fault) in try walk.next() }) {
        let record = try located(at: start, { () throws(RecordDecoder.Fault) in try RecordDecoder.decode(bytes) })
        try each(number, record)
        number += 1
      }
    }
  }

  /// All its records.
  public func records() throws -> [JournalRecord] {
    var records: [JournalRecord] = []
    records.reserveCapacity(Int(recordCount))
    try forEachRecord { records.append($1) }
    return records
  }

  private func located<Result>(
    at start: Int, _ read: () throws(RecordDecoder.Fault) -> Result
  ) throws(JournalError) -> Result {
    do {
      return try read()
    } catch {
      throw .damaged(
        JournalDamage(
          file: file, offset: offset + UInt64(JournalFormat.commitHeaderBytes + start), expected: error.expected,
          actual: error.actual))
    }
  }
}

/// Goes from record to record by their lengths alone.
struct RecordWalk {
  private let body: UnsafeRawBufferPointer
  private var offset = 0

  init(_ body: UnsafeRawBufferPointer) {
    self.body = body
  }

  mutating func next() throws(RecordDecoder.Fault) -> (start: Int, bytes: UnsafeRawBufferPointer)? {
    guard offset < body.count else { return nil }
    let headBytes = MemoryLayout<rm_journal_record>.size
    let left = body.count - offset
    guard left >= headBytes else {
      throw RecordDecoder.Fault(expected: "a whole record at \(offset) of the body", actual: "\(left) bytes")
    }
    let bytes = Int(body.load(fromByteOffset: offset, as: rm_journal_record.self).bytes)
    guard bytes >= headBytes, bytes <= left else {
      throw RecordDecoder.Fault(
        expected: "a record of \(headBytes) to \(left) bytes at \(offset) of the body", actual: "\(bytes)")
    }
    let start = offset
    offset += JournalFormat.padded(bytes, to: JournalFormat.recordAlignment)
    return (start, UnsafeRawBufferPointer(rebasing: body[start..<(start + bytes)]))
  }

  /// Checks that the body is of `count` records, the last of them the turn that bears its own number.
  static func check(
    _ body: UnsafeRawBufferPointer, firstRecord: UInt64, count: UInt32
  ) throws(RecordDecoder.Fault) -> JournaledTurn {
    var walk = RecordWalk(body)
    var records: UInt64 = 0
    var last: UnsafeRawBufferPointer?
    while let (_, bytes) = try walk.next() {
      records += 1
      last = bytes
    }
    guard let last, records == UInt64(count) else {
      throw RecordDecoder.Fault(expected: "\(count) records", actual: "\(records)")
    }
    guard UInt32(last.load(as: rm_journal_record.self).kind) == RM_JOURNAL_TURN else {
      throw RecordDecoder.Fault(expected: "the end of a turn as the last record", actual: "another kind")
    }
    let turn = try RecordDecoder.turn(last)
    guard turn.record == firstRecord + records - 1 else {
      throw RecordDecoder.Fault(expected: "record \(firstRecord + records - 1) at the end", actual: "\(turn.record)")
    }
    return turn
  }
}
