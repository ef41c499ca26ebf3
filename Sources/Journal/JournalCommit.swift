import CRingmaster

/// One commit as it was read, its checksums, its place in the chain and its records checked.
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
  /// Bytes of its records.
  public let bodyBytes: Int
  private let decoded: [JournalRecord]

  init(
    _ raw: rm_journal_commit_header, records: [JournalRecord], end: JournalPosition, file: String, offset: UInt64
  ) {
    number = raw.number
    firstRecord = raw.first_record
    recordCount = raw.record_count
    stateHash = raw.state_hash
    lastTransaction = raw.last_transaction
    timeMs = raw.time_ms
    bodyBytes = Int(raw.body_bytes)
    decoded = records
    self.end = end
    self.file = file
    self.offset = offset
  }

  public var lastRecord: UInt64 { firstRecord + UInt64(recordCount) - 1 }

  /// Of the first transaction that it made, or else of the next one.
  public var firstTransaction: UInt64 {
    lastTransaction &+ 1 &- UInt64(decoded.count { $0.makesTransaction })
  }

  /// All its records.
  public func records() -> [JournalRecord] { decoded }
}

/// Goes from record to record by their lengths alone.
struct RecordWalk {
  private let body: UnsafeRawBufferPointer
  /// Of the next record.
  private(set) var offset = 0

  init(_ body: UnsafeRawBufferPointer) {
    self.body = body
  }

  mutating func next() throws(RecordDecoder.Fault) -> UnsafeRawBufferPointer? {
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
    return UnsafeRawBufferPointer(rebasing: body[start..<(start + bytes)])
  }

  /// Decodes a body of `count` records, the last of them the turn that bears its own number.
  ///
  /// - Throws: what is wrong, and where in the body.
  static func decode(
    _ body: UnsafeRawBufferPointer, firstRecord: UInt64, count: UInt32
  ) throws(BodyFault) -> (records: [JournalRecord], turn: JournaledTurn) {
    var walk = RecordWalk(body)
    var records: [JournalRecord] = []
    // No more than there is room for, whatever the header says.
    records.reserveCapacity(min(Int(count), body.count / MemoryLayout<rm_journal_record>.size))
    var start = 0
    do throws(RecordDecoder.Fault) {
      while let bytes = try walk.next() {
        records.append(try RecordDecoder.decode(bytes))
        start = walk.offset
      }
    } catch {
      throw BodyFault(offset: start, fault: error)
    }
    guard records.count == Int(count) else {
      throw BodyFault(expected: "\(count) records", actual: "\(records.count)")
    }
    guard case .turn(let turn) = records.last else {
      throw BodyFault(expected: "the end of a turn as the last record", actual: "another kind")
    }
    let number = firstRecord &+ UInt64(count) &- 1
    guard turn.record == number else {
      throw BodyFault(expected: "record \(number) at the end", actual: "\(turn.record)")
    }
    return (records, turn)
  }

  /// What is wrong with a body.
  struct BodyFault: Error {
    /// Of the record that it is about, in bytes from the body's beginning; nil when it is about the whole.
    let offset: Int?
    let expected: String
    let actual: String

    init(offset: Int, fault: RecordDecoder.Fault) {
      self.offset = offset
      expected = fault.expected
      actual = fault.actual
    }

    init(expected: String, actual: String) {
      offset = nil
      self.expected = expected
      self.actual = actual
    }
  }
}
