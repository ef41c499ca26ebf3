import CRingmaster
import EventModel

/// An event inside another record: its own record, whole, as one field.
enum NestedEvent {
  /// Reads the bytes of a RM_TAG_EVENT field.
  static func decode(_ bytes: UnsafeRawBufferPointer) throws(CodecError) -> Event.Body {
    let headSize = MemoryLayout<rm_event_head>.size
    guard bytes.count >= headSize else {
      throw .malformed(field: "event", expected: "a record", actual: "\(bytes.count) bytes")
    }
    var head = bytes.loadUnaligned(as: rm_event_head.self)
    let text = UnsafeRawBufferPointer(rebasing: bytes[headSize...])
    if text.isEmpty { head.text_bytes = 0 }
    return try EventDecoder.decode(head, text: text)
  }
}

extension Event {
  /// Is it too long for a row of an answer, which then has it without its lists?
  public var isAbridgedInRow: Bool {
    var writer = RecordWriter()
    guard let whole = try? writer.record(of: self) else { return true }
    return whole.bytes > ResultEncoder.maximumEventBytes
  }
}

extension RecordWriter {
  /// Appends a RM_TAG_EVENT field.
  mutating func append(event: Event) throws(CodecError) {
    var writer = RecordWriter()
    append(try writer.record(of: event.isAbridgedInRow ? event.abridged : event))
  }
}
