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

extension RecordWriter {
  /// Appends a RM_TAG_EVENT field, without the lists of an event that is too long for a row of an answer.
  ///
  /// - Returns: whether something was left out.
  @discardableResult
  mutating func append(event: Event) throws(CodecError) -> Bool {
    var writer = RecordWriter()
    if let whole = try? writer.record(of: event), whole.bytes <= ResultEncoder.maximumEventBytes {
      append(whole)
      return false
    }
    append(try writer.record(of: event.abridged))
    return true
  }
}
