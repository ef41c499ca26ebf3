import CRingmaster
import EventModel

/// A dead letter as it is kept.
public struct DeadLetterRow: Sendable, Hashable {
  /// Counts the letters of a dispatcher, from 1.
  public let number: UInt64
  public let timestampMs: Int64
  public let reason: DeadLetterReason
  /// What was wrong, for people.
  public let detail: String
  /// Where it came from: the peer and the position in its ring.
  public let origin: EventID
  /// That peer's name and role, which may be gone since; empty and 0 for the dispatcher itself.
  public let peerName: String
  public let role: UInt32
  /// Times it was retried in vain.
  public let retries: UInt32
  /// nil when it could not even be read as one.
  public let event: Event?
  /// The event is told without the lists that make it long; a retry has them.
  public let isAbridged: Bool
  /// The first bytes of a record that was no event, and how many it had.
  public let record: [UInt8]
  public let recordBytes: UInt32

  public init(
    number: UInt64, timestampMs: Int64, reason: DeadLetterReason, detail: String, origin: EventID, peerName: String,
    role: UInt32, retries: UInt32, event: Event?, isAbridged: Bool = false, record: [UInt8], recordBytes: UInt32
  ) {
    self.number = number
    self.timestampMs = timestampMs
    self.reason = reason
    self.detail = detail
    self.origin = origin
    self.peerName = peerName
    self.role = role
    self.retries = retries
    self.event = event
    self.isAbridged = isAbridged
    self.record = record
    self.recordBytes = recordBytes
  }
}

extension RecordWriter {
  mutating func encode(_ row: DeadLetterRow, _ head: inout rm_result_head) throws(CodecError) {
    head.code = QueryEntity.deadLetters.rawValue
    head.subject = row.number
    begin(head)
    append(RM_TAG_SUBJECT_NAME, row.peerName)
    append(RM_TAG_ERROR, row.detail.cut(toBytes: Limits.errorBytes))
    append(RM_TAG_RECORD, row.record)
    var isAbridged = row.isAbridged
    if let event = row.event { isAbridged = try append(event: event) || isAbridged }
    var numbers = rm_dead_letter_numbers()
    numbers.number = row.number
    numbers.timestamp_ms = row.timestampMs
    numbers.origin_position = row.origin.position
    numbers.origin_peer = row.origin.peer
    numbers.role = row.role
    numbers.retries = row.retries
    numbers.record_bytes = row.recordBytes
    numbers.reason = row.reason.rawValue
    numbers.is_abridged = isAbridged ? 1 : 0
    append(RM_TAG_ROW_NUMBERS, value: numbers)
  }

  private mutating func append(_ tag: UInt32, _ bytes: [UInt8]) {
    if !bytes.isEmpty { bytes.withUnsafeBytes { append(tag, $0) } }
  }
}

extension DeadLetterRow {
  init(_ fields: RowFields) throws(CodecError) {
    let numbers = try fields.numbers(as: rm_dead_letter_numbers.self)
    guard let reason = DeadLetterReason(rawValue: numbers.reason) else {
      throw .malformed(field: "reason", expected: "a known one", actual: "\(numbers.reason)")
    }
    let origin = EventID(peer: numbers.origin_peer, position: numbers.origin_position)
    var event: Event?
    if let bytes = fields.event {
      event = Event(id: origin, timestampMs: numbers.timestamp_ms, body: try NestedEvent.decode(bytes))
    }
    self.init(
      number: numbers.number, timestampMs: numbers.timestamp_ms, reason: reason, detail: fields.error ?? "",
      origin: origin, peerName: fields.name, role: numbers.role, retries: numbers.retries, event: event,
      isAbridged: numbers.is_abridged != 0, record: fields.record.map { Array($0) } ?? [],
      recordBytes: numbers.record_bytes)
  }
}
