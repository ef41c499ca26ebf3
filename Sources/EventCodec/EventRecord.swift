import CRingmaster
import EventModel

/// An event as a record: the bytes that its sender published, or that were made of it once. Journal and results copy them.
///
/// Borrows its text: valid as long as that is.
public struct EventRecord {
  /// With what its kind says alone: no stamp, no wish for a result, zeros where the kind has no field.
  public let head: rm_event_head
  /// `head.text_bytes` of fields.
  public let text: UnsafeRawBufferPointer

  /// - Parameters:
  ///   - head: of a record that `EventDecoder` has accepted.
  ///   - text: its continuation, at least `head.text_bytes` of it.
  public init(accepted head: rm_event_head, text: UnsafeRawBufferPointer) {
    self.head = head.canonical
    self.text = UnsafeRawBufferPointer(rebasing: text[..<Int(head.text_bytes)])
  }

  init(head: rm_event_head, text: UnsafeRawBufferPointer) {
    (self.head, self.text) = (head, text)
  }

  /// - Parameter bytes: of a record that a `RecordWriter` has made of an event.
  init(encoded bytes: UnsafeRawBufferPointer) {
    head = bytes.load(as: rm_event_head.self)
    text = UnsafeRawBufferPointer(rebasing: bytes[Self.headBytes...].prefix(Int(head.text_bytes)))
  }

  static var headBytes: Int { MemoryLayout<rm_event_head>.size }

  /// Of head and text.
  public var bytes: Int { Self.headBytes + text.count }
}

/// A copy of an event's record, for as long as its result waits.
public struct KeptEventRecord: Sendable {
  private let head: rm_event_head
  /// Empty where no result has room for it.
  private let text: [UInt8]

  public init(_ record: EventRecord) {
    head = record.head
    text = record.bytes <= ResultEncoder.maximumEventBytes ? Array(record.text) : []
  }

  /// Of the text that its sender wrote.
  public var textBytes: Int { Int(head.text_bytes) }

  /// Calls `body` with the record; nil when it is longer than a result has room for.
  public func withRecord<Result>(_ body: (EventRecord?) -> Result) -> Result {
    guard text.count == textBytes else { return body(nil) }
    return text.withUnsafeBytes { body(EventRecord(head: head, text: $0)) }
  }
}

extension RecordWriter {
  /// Makes the record of an event. Valid until the next record of this writer.
  public mutating func record(of event: Event) throws(CodecError) -> EventRecord {
    EventRecord(encoded: try encode(event))
  }
}
